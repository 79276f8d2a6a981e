"""Documents that are read, printed and read again are equal: nothing is lost."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.api.reading.loading import from_values, parse, trees_in
from federation.errors.source import Source
from federation.plan.views.yaml_writer import Writer
from tests.examples import examples
from tests.places import ROOT
from tests.plan import building

FILES = sorted(path for folder in ("stacks/workloads", "examples") for path in (ROOT / folder).rglob("*.yaml"))
DOCUMENTS = [path for path in FILES if "kubefed.io" in path.read_text()]

leaves = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12) | st.sampled_from(
    ["yes", "0644", "1e3", "12:30", "~", "null", "- a", "a: b", "#", "'", '"', " x ", "a\nb\n", "2020-01-01", "<<", "="]
)
trees = st.recursive(
    leaves | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


def _plain(value: Any) -> Any:
    """``value`` without the lines, which printing may move, and without the order of keys, which means nothing; with
    the types of leaves, since True is not 1, and 1.0 is not 1."""
    match value:
        case Source():
            return ()
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return (type(value), value)


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_documents_of_a_file_are_the_same_once_printed(file: Path) -> None:
    text = file.read_text()
    printed = "---\n".join(Writer().text(each.tree) for each in trees_in(text, "a.yaml"))
    assert printed != text
    assert _plain(parse(printed, "a.yaml")) == _plain(parse(text, "a.yaml"))


def test_documents_of_every_kind_are_the_same_once_printed() -> None:
    read = trees_in(building.TALK + building.document("FederatedJob", "work", "{template: {}}"), "a.yaml")
    printed = "---\n".join(Writer().text(each.tree) for each in read)
    again = trees_in(printed, "a.yaml")
    assert [each.tree for each in again] == [each.tree for each in read]
    assert _plain(parse(printed, "a.yaml")) == _plain(from_values([each.tree for each in read]))


@given(st.dictionaries(texts, trees, max_size=4))
@settings(max_examples=examples(200, 75))
def test_any_template_is_the_same_once_printed(template: dict[str, Any]) -> None:
    body = {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": "FederatedConfigMap",
        "metadata": {"name": "web", "namespace": "demo"},
        "spec": {"template": {"data": template}, "placement": {"clusterSelector": {}}},
    }
    (read,) = trees_in(Writer().text(body), "a.yaml")
    assert _plain(read.tree) == _plain(body)
