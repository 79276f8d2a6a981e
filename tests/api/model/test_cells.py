"""The stacks of an environment in cells have names that lead back to their members."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from federation.api.model.cells import Cell, find_cell, list_cells
from federation.api.model.members import Member
from tests.places import CASES
from tests.plan import building

NAMES = yaml.safe_load((CASES / "cells" / "names.yaml").read_text())


@pytest.mark.parametrize("case", NAMES, ids=lambda case: f"{case['stack']} of {case['environments']}")
def test_a_stack_is_a_cell_by_its_name(case: Mapping[str, Any]) -> None:
    cell = find_cell(case["stack"], case["environments"])
    assert (cell and [cell.environment, cell.member, cell.part]) == case["cell"]


@pytest.mark.parametrize("case", [each for each in NAMES if each["cell"]], ids=lambda case: str(case["stack"]))
def test_a_cell_has_the_name_that_it_is_found_by(case: Mapping[str, Any]) -> None:
    environment, member, part = case["cell"]
    assert Cell(environment=environment, member=member, part=part).stack == case["stack"]


def test_a_member_has_a_cell_for_its_cluster_and_one_for_its_objects_and_the_root_comes_last() -> None:
    cells = list_cells(building.federation(stack="prod"))
    assert [cell.stack for cell in cells] == [
        "prod.ap-northeast",
        "prod.ap-northeast.apps",
        "prod.us-east",
        "prod.us-east.apps",
        "prod.us-west",
        "prod.us-west.apps",
        "prod",
    ]


def test_a_member_that_exists_already_has_no_cell_for_its_cluster() -> None:
    cells = list_cells(building.federation({"dc1": {"provider": "kubeconfig", "context": "dc1"}}, stack="prod"))
    assert [cell.stack for cell in cells] == ["prod.dc1.apps", "prod"]


def test_a_renamed_member_keeps_the_cells_of_its_first_name() -> None:
    renamed = {"tokyo": {"region": "ap-northeast-1", "formerNames": ["ap", "asia"]}}
    federation = building.federation(renamed, stack="prod")
    cells = list_cells(federation)
    assert [cell.stack for cell in cells] == ["prod.ap", "prod.ap.apps", "prod"]
    assert [cell.is_of(federation.member("tokyo")) for cell in cells] == [True, True, False]


def test_every_listed_cell_is_found_again() -> None:
    cells = list_cells(building.federation(stack="prod"))
    assert tuple(find_cell(cell.stack, ["prod"]) for cell in cells) == cells


def test_the_cell_with_objects_knows_the_cell_with_their_cluster() -> None:
    apps = Cell(environment="prod", member="us-east", part="apps")
    assert apps.cluster == Cell(environment="prod", member="us-east", part="cluster")
    assert apps.cluster.cluster == apps.cluster


@pytest.mark.parametrize("name", ["us.east", "us-east.apps"])
def test_a_member_has_no_dot_in_its_name(name: str) -> None:
    with pytest.raises(ValidationError, match="pattern"):
        Member(name=name, region="us-east-1")
