"""A stack is found to be a cell by the config of its environment."""

from pathlib import Path

import pytest

from federation.operations.project import cells

SINGLE = "config: {eks-federation:federation: {name: atlas}}\n"
CELLS = "config: {eks-federation:federation: {name: atlas, layout: cells}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An environment in cells, and a stack of the layout ``single``."""
    (tmp_path / "Pulumi.prod.yaml").write_text(CELLS)
    (tmp_path / "Pulumi.dev.yaml").write_text(SINGLE)
    return tmp_path


@pytest.mark.parametrize(
    ("stack", "found"),
    [
        ("prod", "prod"),
        ("prod.east", "prod.east"),
        ("prod.east.apps", "prod.east.apps"),
        ("dev", ""),
        ("dev.east", ""),
        ("other", ""),
    ],
)
def test_a_stack_is_a_cell_where_its_environment_is_in_cells(project: Path, stack: str, found: str) -> None:
    cell = cells.find_cell_of_stack(project, stack)
    assert (cell.stack if cell else "") == found


def test_a_file_that_pulumi_wrote_for_a_cell_makes_it_no_stack_of_its_own(project: Path) -> None:
    (project / "Pulumi.prod.east.apps.yaml").write_text("encryptionsalt: v1:x\n")
    cell = cells.find_cell_of_stack(project, "prod.east.apps")
    assert cell is not None
    assert (cell.environment, cell.member, cell.part) == ("prod", "east", "apps")


def test_cells_that_exist_are_those_of_the_environment_with_members_that_have_left() -> None:
    stacks = ["prod.west.apps", "prod", "dev", "prod.east", "prod.old.apps", "prod.x.y", "production"]
    assert [each.stack for each in cells.existing_cells("prod", stacks)] == [
        "prod",
        "prod.east",
        "prod.old.apps",
        "prod.west.apps",
    ]
