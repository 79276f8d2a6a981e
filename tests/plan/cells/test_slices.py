"""A cell registers its part of the plan, and gives nothing away before other cells have taken it over."""

from dataclasses import replace

import pytest

from federation.api.model.cells import Cell
from federation.plan import planner
from federation.plan.cells import slices
from federation.plan.cells.slices import CellBlockedError, slice_of
from federation.plan.model.observed import Observed
from federation.plan.model.plan import MemberPlan, Plan
from tests.plan import building
from tests.plan.cells.fleet import Fleet, apps, documents, federation, standing

ROOT = Cell(environment="prod")
EAST_TO_WEST = documents(web={"east": 1, "west": 5})
WEB = "east/demo/Deployment/web"


def fleet(**workloads: dict[str, int]) -> Fleet:
    """East and west once ``workloads`` are ready there."""
    made = Fleet(federation("east", "west"))
    made.update(documents(**workloads))
    return made


def names(member: MemberPlan) -> set[str]:
    return {each.logical_name for each in member.objects}


def talk(cell: Cell) -> Plan:
    settings = building.federation(stack="prod", layout="cells")
    return slice_of(planner.plan(settings, building.documents(building.TALK)), cell, settings, Observed())


def test_the_root_has_all_records_and_no_object() -> None:
    whole = building.planned(building.TALK, stack="prod", layout="cells")
    part = talk(ROOT)
    assert part.members == ()
    assert part.records == whole.records != ()


def test_a_cell_with_objects_has_its_own_member_and_no_record() -> None:
    part = talk(apps("us-east"))
    assert [member.name for member in part.members] == ["us-east"]
    assert names(part.members[0]) >= {"us-east/demo/Deployment/web", "us-east/demo/Service/web"}
    assert (part.records, part.health_checks) == ((), ())


def test_a_cell_with_a_cluster_has_neither() -> None:
    part = talk(Cell(environment="prod", member="us-east", part="cluster"))
    assert (part.members, part.records, part.health_checks) == ((), (), ())


def test_all_cells_have_the_digest_of_the_whole_plan() -> None:
    assert {talk(cell).digest for cell in (ROOT, apps("us-east"), apps("us-west"))} == {
        building.planned(building.TALK, stack="prod", layout="cells").digest
    }


def test_a_giver_keeps_its_object_as_it_stands_while_the_taker_is_not_ready() -> None:
    made = fleet(web={"east": 4, "west": 2})
    (before,) = (each for each in made.index["east"] if each.logical_name == WEB)
    part = made.slices(EAST_TO_WEST)["east"]
    assert WEB not in names(part)
    assert part.paused == (before,)
    assert before in (part.index or ())
    assert before.replicas == 4


def test_a_taker_takes_at_once() -> None:
    part = fleet(web={"east": 4, "west": 2}).slices(EAST_TO_WEST)["west"]
    assert {each.logical_name: each.replicas for each in part.objects if each.replicas is not None} == {
        "west/demo/Deployment/web": 5
    }
    assert part.paused == ()


def test_an_object_that_leaves_a_member_stays_until_others_have_taken_over() -> None:
    made = fleet(web={"east": 4, "west": 2})
    moved = documents(web={"west": 6})
    part = made.slices(moved)["east"]
    assert [each.logical_name for each in part.paused] == [WEB]
    made.update(moved)
    assert made.replicas() == {"east": 4, "west": 6}
    made.update(moved)
    assert made.replicas() == {"west": 6}


def test_two_members_that_give_and_take_at_once_take_first() -> None:
    made = fleet(a={"east": 4, "west": 1}, b={"east": 1, "west": 4})
    turned = documents(a={"east": 1, "west": 4}, b={"east": 4, "west": 1})
    made.update(turned)
    assert (made.replicas("a"), made.replicas("b")) == ({"east": 4, "west": 4}, {"east": 4, "west": 4})
    made.update(turned)
    assert (made.replicas("a"), made.replicas("b")) == ({"east": 1, "west": 4}, {"east": 4, "west": 1})


def test_a_giver_gives_nothing_while_the_taker_has_failed() -> None:
    made = fleet(web={"east": 4, "west": 2})
    made.update(EAST_TO_WEST, failing=("west",))
    made.update(EAST_TO_WEST, failing=("west",))
    assert made.replicas() == {"east": 4, "west": 2}
    made.update(EAST_TO_WEST)
    made.update(EAST_TO_WEST)
    assert made.replicas() == {"east": 1, "west": 5}


def test_other_objects_of_a_giver_change_at_once() -> None:
    made = fleet(web={"east": 4, "west": 2}, api={"east": 1})
    part = made.slices(documents(web={"east": 1, "west": 5}, api={"east": 3}))["east"]
    assert {each.logical_name: each.replicas for each in part.objects if each.replicas is not None} == {
        "east/demo/Deployment/api": 3
    }


def test_what_a_member_waits_for_is_listed_by_document() -> None:
    plan = fleet(web={"east": 4, "west": 2}).plan(EAST_TO_WEST)
    assert slices.deferred(plan, "east") == {"demo/Deployment/web": ("west",)}
    assert slices.deferred(plan, "west") == {}


def test_objects_of_a_cell_depend_on_nothing_outside_it() -> None:
    made = fleet(web={"east": 4, "west": 2})
    whole = made.plan(EAST_TO_WEST)
    assert any(each.after for member in whole.members for each in member.objects)
    for part in made.slices(EAST_TO_WEST).values():
        for each in part.objects:
            assert {*each.after, *each.depends_on} <= names(part)


def test_an_object_that_depends_on_a_waiting_one_does_not_wait_for_it() -> None:
    made = fleet(web={"east": 4, "west": 2}, api={"east": 1})
    plan = made.plan(documents(web={"east": 1, "west": 5}, api={"east": 1}))
    bound = [
        replace(each, depends_on=(WEB, *each.depends_on)) if each.logical_name.endswith("/api") else each
        for each in plan.member("east").objects
    ]
    east = replace(plan.member("east"), objects=tuple(bound))
    part = slice_of(replace(plan, members=(east,)), apps("east"), made.federation, made.observed)
    (api,) = (each for each in part.members[0].objects if each.name == "api")
    assert api.depends_on == ("east/Namespace/demo",)


def test_the_part_of_a_quarantined_member_is_unchanged() -> None:
    made = fleet(web={"east": 4, "west": 2})
    made.federation = federation("east", "west", lost=("east",))
    plan = made.plan(documents(web={"east": 4, "west": 6}))
    part = slice_of(plan, apps("east"), made.federation, made.observed)
    assert part.members == (plan.member("east"),)
    assert part.members[0].index == made.index["east"]


def left_alone(before: Plan) -> Fleet:
    """West, after east has left the config; ``before`` is the plan with both."""
    return Fleet(federation("west"), index=dict(standing(before).registered or {}))


@pytest.fixture
def both() -> Plan:
    return fleet(web={"east": 4, "west": 2}).plan(documents(web={"east": 4, "west": 2}))


def test_the_cell_of_a_member_that_has_left_is_not_emptied_before_others_have_taken_over(both: Plan) -> None:
    made = left_alone(both)
    plan = made.plan(documents(web={"west": 6}))
    with pytest.raises(CellBlockedError) as caught:
        slice_of(plan, apps("east"), made.federation, made.observed)
    assert str(caught.value) == (
        "east has left the config, and its objects go when others have taken over: demo/Deployment/web waits for "
        "west; update the cells of those members first"
    )


def test_the_cell_of_a_member_that_has_left_is_empty_once_others_have_taken_over(both: Plan) -> None:
    made = left_alone(both)
    made.update(documents(web={"west": 6}))
    plan = made.plan(documents(web={"west": 6}))
    assert slice_of(plan, apps("east"), made.federation, made.observed).members == ()


def test_a_member_that_had_another_name_leaves_its_cell_only_when_others_have_taken_over(both: Plan) -> None:
    made = left_alone(both)
    first_name = apps("virginia")  # east was called virginia when its cells were made
    with pytest.raises(CellBlockedError, match="demo/Deployment/web waits for west"):
        slice_of(made.plan(documents(web={"west": 6})), first_name, made.federation, made.observed)
