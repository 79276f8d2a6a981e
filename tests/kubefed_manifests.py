"""A folder of KubeFed manifests with every kind and feature, and the faults that can be planted in it."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from federation.api.model.documents import Documents
from federation.api.model.members import FederationSettings
from federation.api.reading.loading import load
from federation.errors.fault import Fault, FaultsFoundError, Severity
from federation.plan.planner import plan
from tests.places import CASES
from tests.plan import building

FOLDER = CASES / "kubefed"
MANIFESTS = FOLDER / "manifests"
EXPECTED: dict[str, Any] = yaml.safe_load((FOLDER / "expected.yaml").read_text())
FAULTS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "faults.yaml").read_text())


def federation() -> FederationSettings:
    """The federation that the manifests are for; templates are checked against the members' schemas."""
    return building.federation(EXPECTED["federation"], plan={"schemaCheck": True})


def documents(root: Path = MANIFESTS, *, defers_errors: bool = False) -> Documents:
    """The documents of a copy of the manifests, or of the manifests themselves."""
    return load([Path()], root=root, defers_errors=defers_errors)


def planted(root: Path, *faults: dict[str, Any]) -> Path:
    """A copy of the manifests below ``root`` with ``faults`` in it."""
    copy = root / "manifests"
    shutil.copytree(MANIFESTS, copy)
    for fault in faults:
        plant(copy, fault)
    return copy


def plant(copy: Path, fault: dict[str, Any]) -> None:
    """Put one fault into its line."""
    path = copy / fault["file"]
    lines = path.read_text().split("\n")
    line = lines[fault["line"] - 1]
    assert fault["from"] in line, f"{fault['file']}:{fault['line']} does not hold {fault['from']}"
    lines[fault["line"] - 1] = line.replace(fault["from"], fault["to"], 1)
    path.write_text("\n".join(lines))


def errors(root: Path) -> list[str]:
    """The lines about errors that one run over ``root`` gives."""
    try:
        plan(federation(), documents(root, defers_errors=True))
    except FaultsFoundError as error:
        return [str(fault) for fault in error.faults if is_error(fault)]
    return []


def is_error(fault: Fault) -> bool:
    """Whether a fault stops everything."""
    return fault.severity is Severity.ERROR
