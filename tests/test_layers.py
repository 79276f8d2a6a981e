"""Imports point one way: errors <- api <- plan <- components <- stacks <- fed, and nothing imports the sandbox."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

LAYERS = (
    "federation.errors",
    "federation.api",
    "federation.plan",
    "federation.migration",
    "federation.components",
    "stacks",
    "fed",
)
CLIENTS = (
    "pulumi",
    "pulumi_aws",
    "pulumi_eks",
    "pulumi_kubernetes",
    "boto3",
    "botocore",
    "lightkube",
    "httpx",
    "httpx2",
)


def modules(package: str) -> list[Path]:
    base = ROOT.joinpath(*package.split("."))
    return sorted(base.rglob("*.py")) if base.is_dir() else [base.with_suffix(".py")]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_layers_below_it(layer: str) -> None:
    above = LAYERS[LAYERS.index(layer) + 1 :]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(layer)
        for name in sorted(imported(path))
        if any(within(name, each) for each in above)
    ]
    assert not wrong


@pytest.mark.parametrize("layer", LAYERS)
def test_nothing_but_the_sandbox_imports_the_sandbox(layer: str) -> None:
    assert not [path for path in modules(layer) if any(within(name, "sandbox") for name in imported(path))]


def test_the_sandbox_imports_nothing_of_the_project() -> None:
    own = ("federation", "stacks", "fed")
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("sandbox")
        for name in sorted(imported(path))
        if any(within(name, each) for each in own)
    ]
    assert not wrong


@pytest.mark.parametrize(
    "module",
    ["federation", "federation.api", "federation.plan.planner", "federation.migration.karmada", "fed.plan", "fed.main"],
)
def test_planning_loads_neither_pulumi_nor_an_aws_client(module: str) -> None:
    script = f"import sys, {module}; print(*[name for name in {CLIENTS!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == []


def test_every_public_name_can_be_loaded() -> None:
    script = "import federation; [getattr(federation, name) for name in federation.__all__]"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
