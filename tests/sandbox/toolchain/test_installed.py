from pathlib import Path

import pytest

from sandbox.toolchain import catalog, installed
from sandbox.toolchain.catalog import RECIPES, Recipe


def recipe(tool: str) -> Recipe:
    return next(one for one in RECIPES if one.tool == tool)


def put(folder: Path, name: str, says: str, comment: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n# {comment}\necho '{says}'\n")
    program.chmod(0o755)
    return program


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/bin:/usr/bin")
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)


@pytest.mark.parametrize(
    ("says", "fits"),
    [(catalog.PULUMI_VERSION, True), ("v3.300.1", True), ("v3.273.9", False), ("v4.0.0", False), ("dev", False)],
)
def test_pulumi_on_path_is_used_from_the_known_minor_on(tmp_path: Path, says: str, fits: bool) -> None:
    program = put(tmp_path / "path", "pulumi", says)
    assert installed.programs(recipe("pulumi")) == ({"pulumi": program} if fits else {})


def test_kubernetes_programs_are_taken_together_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assets = tmp_path / "assets"
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(assets))
    put(assets, "kube-apiserver", "Kubernetes v1.34.9")
    put(assets, "kube-controller-manager", "Kubernetes v1.34.9")
    assert installed.programs(recipe("kubernetes")) == {}
    put(assets, "kube-scheduler", "Kubernetes v1.34.1")
    assert len(installed.programs(recipe("kubernetes"))) == 3
    put(assets, "kube-scheduler", "Kubernetes v1.33.1")
    assert installed.programs(recipe("kubernetes")) == {}


def test_the_sandboxs_own_pulumi_is_not_taken_for_the_real_one(tmp_path: Path) -> None:
    put(tmp_path / "path", "pulumi", "v3.259.0", comment="Written by 'fed sandbox up'.")
    assert installed.find("pulumi") is None
