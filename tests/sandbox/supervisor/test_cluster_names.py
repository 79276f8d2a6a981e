"""A cluster's name stays inside the sandbox's folder, and takes no other cluster's context."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from sandbox import cluster_names, operations, place
from sandbox.cli import app
from sandbox.errors import SandboxError

BAD = ["../../../../../x", "", ".", "..", "a/b", "/etc/x", "A", "a_b", "-a", "a.b", "a\n", "a" * 64, "é"]


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("name", BAD)
def test_the_supervisor_makes_no_cluster_of_a_name_that_is_no_label(name: str) -> None:
    planes: Any = SimpleNamespace()  # whatever it was asked for would be an AttributeError
    request = {"operation": "cluster-create", "name": name, "region": "local", "zone": "local-a", "nodes": 1}
    others: Any = None
    with pytest.raises(SandboxError, match="is no name for a cluster"):
        operations.perform(request, planes, others, others, others)


@pytest.mark.parametrize("word", ["region", "zone"])
def test_neither_of_a_region_or_zone_that_is_none(word: str) -> None:
    request = {
        "operation": "cluster-create",
        "name": "a",
        "region": "local",
        "zone": "local-a",
        "nodes": 1,
        word: "../x",
    }
    planes: Any = SimpleNamespace()
    others: Any = None
    with pytest.raises(SandboxError, match=f"is no {word} for a cluster"):
        operations.perform(request, planes, others, others, others)


@pytest.mark.parametrize("name", [each for each in BAD if not each.startswith("-")])
def test_the_command_says_so_and_writes_nothing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sandbox").mkdir()
    monkeypatch.chdir(tmp_path / "sandbox")
    monkeypatch.setenv(place.VARIABLE, str(tmp_path / "sandbox"))
    result = CliRunner().invoke(app, ["cluster", "create", name])
    assert result.exit_code == 1
    assert "is no name for a cluster (allowed: lower-case letters" in result.stderr
    assert files(tmp_path) == ["sandbox"]


def test_a_members_context_is_not_taken_over() -> None:
    taken = {"us-east": "atlas-dev-us-east", "dev/us-east": "atlas-dev-us-east"}
    with pytest.raises(SandboxError, match="us-east is the context of cluster atlas-dev-us-east already"):
        cluster_names.check_free("us-east", taken)
    cluster_names.check_free("onprem", taken)
