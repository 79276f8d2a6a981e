"""Documents as values, once read: cases are data, paths into ``Documents`` with the value at each."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from federation.api.reading.loading import load, parse
from tests.places import CASES, ROOT

FOLDER = CASES / "documents"


def cases() -> list[Any]:
    loaded = [case for path in sorted(FOLDER.glob("*.yaml")) for case in yaml.safe_load(path.read_text())]
    return [pytest.param(case, id=case["case"]) for case in loaded]


def at(value: Any, path: str) -> Any:
    """The value at a path such as ``federated[0].placement.clusters``; tuples as lists."""
    for part in re.findall(r"[^.\[\]]+", path):
        if isinstance(value, Mapping):
            value = value[part]
        elif isinstance(value, tuple | list):
            value = value[int(part)]
        else:
            value = getattr(value, part)
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("case", cases())
def test_a_document_is_read_as_it_is_meant(case: dict[str, Any]) -> None:
    documents = parse(case["text"], "web.yaml", strictness=case.get("strictness", "error"))
    assert {path: at(documents, path) for path in case["holds"]} == case["holds"]
    assert len(documents.warnings) == case.get("warnings", 0)


def test_the_demo_is_read_without_a_warning() -> None:
    documents = load([Path("stacks/workloads")], root=ROOT)
    kinds = [document.target.kind for document in documents.federated]
    assert kinds == ["Namespace", "ConfigMap", "Deployment", "Service"]
    assert [document.total_replicas for document in documents.preferences] == [15]
    assert documents.warnings == ()
