"""Imports point one way, from room to room, and nothing imports the sandbox."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import federation
from tests.places import ROOT

ROOMS = (
    "federation.errors",
    "federation.api.model",
    "federation.api.reading",
    "federation.api.config",
    "federation.api.schema",
    "federation.plan.model",
    "federation.plan.placement",
    "federation.plan.overrides",
    "federation.plan.replicas",
    "federation.plan.objects",
    "federation.plan.schema",
    "federation.plan.live",
    "federation.plan.changes",
    "federation.plan.dns",
    "federation.plan.planner",
    "federation.plan.views",
    "federation.migration",
    "federation.components.clusters",
    "federation.components.last_update",
    "federation.components.kubernetes",
    "federation.components.fields",
    "federation.components.aws",
    "federation.components.membership",
    "federation.components.safety",
    "federation.components.arguments",
    "federation.components.kept_index",
    "federation.components.federation",
    "federation.components.package",
    "federation.operations.project",
    "federation.operations.engine",
    "federation.operations.recovery",
    "federation.operations.members",
    "federation.operations.update",
    "federation.operations.refreshing",
    "federation.operations.destruction",
    "federation.operations.leaving",
    "federation.operations.diagnosis",
    "stacks",
    "fed.memory",
    "fed.terminal",
    "fed.plan_output",
    "fed.commands",
    "fed.main",
    "fed.entry",
)
"""From the bottom to the top. A room imports the rooms above it in this list, and none below it."""
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
PLANNING = (
    "federation",
    "federation.api",
    "federation.plan.planner",
    "federation.migration.karmada",
    "fed.commands.plan",
    "fed.main",
)
"""What plans and loads no client."""


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


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_below_it(room: str) -> None:
    above = ROOMS[ROOMS.index(room) + 1 :]
    paths = modules(room)
    assert paths
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in sorted(imported(path))
        if any(within(name, each) for each in above)
    ]
    assert not wrong


def test_every_module_is_in_a_room() -> None:
    paths = {path for room in ROOMS for path in modules(room)}
    every = {path for package in ("federation", "stacks", "fed") for path in modules(package)}
    assert len(every) > 200
    assert {path for path in every - paths if path.name != "__init__.py"} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_but_the_sandbox_imports_the_sandbox(room: str) -> None:
    paths = modules(room)
    assert paths
    assert not [path for path in paths if any(within(name, "sandbox") for name in imported(path))]


def test_the_sandbox_imports_nothing_of_the_project() -> None:
    own = ("federation", "stacks", "fed")
    paths = modules("sandbox")
    assert len(paths) > 100
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in sorted(imported(path))
        if any(within(name, each) for each in own)
    ]
    assert not wrong


def test_planning_loads_neither_pulumi_nor_an_aws_client() -> None:
    """One process loads one module after the other, since each start costs a second."""
    script = "import sys\n" + "".join(
        f"import {module}\nprint({module!r}, *[name for name in {CLIENTS!r} if name in sys.modules])\n"
        for module in PLANNING
    )
    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines() == list(PLANNING)


def test_every_public_name_can_be_loaded() -> None:
    assert [name for name in federation.__all__ if callable(getattr(federation, name))] == list(federation.__all__)


def test_the_library_has_at_most_twelve_names() -> None:
    assert 1 <= len(federation.__all__) <= 12
    assert sorted(federation._HOMES) == federation.__all__
