"""The order in which members and record sets wait when replicas move between members."""

from collections.abc import Mapping
from dataclasses import replace
from graphlib import TopologicalSorter
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from federation.api.model.members import FederationSettings
from federation.plan import planner
from federation.plan.changes import make_before_break
from federation.plan.changes.make_before_break import Order
from federation.plan.dns import record_order
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Move, Plan, PlannedObject, RecordSet
from tests import places
from tests.plan import building

CASES = yaml.safe_load((places.CASES / "changes/make_before_break.yaml").read_text())
MEMBERS = ("east", "south", "west")
DOCUMENT = "demo/Deployment/web"
TOKEN = "kubernetes:apps/v1:Deployment"
NOT_OURS = "-"
FAILED = "?"


def federation(case: Mapping[str, Any]) -> FederationSettings:
    waves = case.get("waves", {})
    members = {name: {"region": "us-east-1", "wave": waves.get(name, 0)} for name in case.get("joined", MEMBERS)}
    return building.federation(members, lost=tuple(case.get("quarantined", ())))


def planned(member: str, replicas: int | None, *, ignored: bool = False) -> PlannedObject:
    return PlannedObject(
        logical_name=f"{member}/{DOCUMENT}",
        token=TOKEN,
        member=member,
        api_version="apps/v1",
        kind="Deployment",
        namespace="demo",
        name="web",
        manifest={},
        replicas=replicas,
        ignore_changes=("spec.replicas",) if ignored else (),
    )


def entry(member: str, before: int | str) -> IndexEntry:
    count = before if isinstance(before, int) else -1
    return IndexEntry(
        logical_name=f"{member}/{DOCUMENT}", token=TOKEN, digest="?" if before == FAILED else "x", replicas=count
    )


def order(case: Mapping[str, Any]) -> Order:
    objects = {
        name: [planned(name, count, ignored=case.get("ignored", False))] for name, count in case["after"].items()
    }
    observed = Observed(
        registered={name: (entry(name, count),) for name, count in case["before"].items()},
        quarantined_before=tuple(case.get("held", ())),
    )
    return make_before_break.order(federation(case), objects, observed)


def waits(found: Order) -> dict[str, list[str]]:
    return {name.partition("/")[0]: [each.partition("/")[0] for each in some] for name, some in found.after.items()}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_who_waits_for_whom(case: Mapping[str, Any]) -> None:
    found = order(case)
    assert waits(found) == case.get("waits", {})
    assert [name for move in found.moves.values() for name in move.leavers] == case.get("goes", [])


counts = st.integers(0, 3)
former_counts = counts | st.sampled_from([NOT_OURS, FAILED])
names = st.sampled_from([f"m{number}" for number in range(6)])
parts: dict[str, st.SearchStrategy[Any]] = {
    "before": st.dictionaries(names, former_counts),
    "after": st.dictionaries(names, counts),
    "waves": st.dictionaries(names, st.integers(0, 3)),
    "joined": st.just([f"m{number}" for number in range(6)]),
    "held": st.lists(names, max_size=2),
}
moving = st.fixed_dictionaries(parts)
moved = st.fixed_dictionaries(
    {
        **parts,
        "before": st.dictionaries(names, former_counts, min_size=2),
        "after": st.dictionaries(names, counts, min_size=2),
    }
).filter(lambda case: any(move.givers and move.takers for move in order(case).moves.values()))


@given(moved)
def test_there_is_never_a_cycle(case: Mapping[str, Any]) -> None:
    after = order(case).after
    turns = list(TopologicalSorter(after).static_order())
    assert set(turns) >= set(after)
    assert all(turns.index(each) < turns.index(name) for name, some in after.items() for each in some)


@given(moved)
def test_losers_wait_for_all_gainers_and_no_gainer_for_a_loser(case: Mapping[str, Any]) -> None:
    found = order(case)
    for move in found.moves.values():
        for giver in move.givers:
            assert set(move.takers) <= set(waits(found)[giver])
        reached, waiting = set(move.takers), waits(found)
        while more := {each for name in reached for each in waiting.get(name, ())} - reached:
            reached |= more
        assert not reached & set(move.givers)


@given(moving)
def test_nothing_but_waves_waits_where_nothing_moves(case: Mapping[str, Any]) -> None:
    still = {**case, "before": case["after"], "held": []}
    wave = {name: case["waves"].get(name, 0) for name in case["after"]}
    found = order(still)
    earlier = {name: sorted(each for each in wave if wave[each] < wave[name]) for name in wave}
    assert waits(found) == {name: some for name, some in earlier.items() if some}
    assert not found.moves


@given(moving)
def test_the_order_is_the_same_whichever_way_it_is_asked_for(case: Mapping[str, Any]) -> None:
    def turned(some: Mapping[str, Any]) -> dict[str, Any]:
        return dict(reversed(list(some.items())))

    assert order({**case, "before": turned(case["before"]), "after": turned(case["after"])}) == order(case)


def test_objects_stand_behind_those_that_they_wait_for() -> None:
    found = order({"before": {"east": 6, "west": 6}, "after": {"east": 4, "south": 4, "west": 4}})
    objects = found.objects([planned(name, 4) for name in ("west", "south", "east")])
    assert [each.member for each in make_before_break.in_turn(objects)] == ["south", "east", "west"]
    assert make_before_break.in_turn(reversed(objects)) == make_before_break.in_turn(objects)


def test_a_move_in_words() -> None:
    both = Move(document=DOCUMENT, takers=("south",), givers=("east", "west"))
    assert make_before_break.described(both) == "demo/Deployment/web: east, west shrink when south is ready"
    gone = Move(document=DOCUMENT, takers=("south", "west"), givers=("east",), leavers=("north",))
    assert make_before_break.described(gone) == (
        "demo/Deployment/web: east shrinks and north goes when south, west are ready"
    )
    assert make_before_break.unfinished([gone], {f"south/{DOCUMENT}"}) == {
        "east": ("demo/Deployment/web keeps its replicas: waits for west",),
        "north": ("demo/Deployment/web keeps its replicas: waits for west",),
    }
    assert make_before_break.unfinished([gone], {f"south/{DOCUMENT}", f"west/{DOCUMENT}"}) == {}


# The whole plan


def plan(before: Mapping[str, int], *, lost: tuple[str, ...] = (), text: str = building.TALK) -> Plan:
    observed = Observed(registered={name: (entry(name, count),) for name, count in before.items()})
    return planner.plan(building.federation(lost=lost), building.documents(text), observed)


def routed(found: Plan) -> dict[str, RecordSet]:
    return {
        f"{each.level} {each.routing.identifier}": each
        for each in found.records
        if each.routing and each.level != "zone"
    }


def objects_of(*members: str) -> tuple[str, ...]:
    return tuple(f"{name}/{DOCUMENT}" for name in members)


SETTLED = {"ap-northeast": 3, "us-east": 6, "us-west": 6}


def test_the_order_is_in_no_digest() -> None:
    settled, moving_plan = plan(SETTLED), plan({"ap-northeast": 3, "us-west": 12})
    assert moving_plan.moves
    assert not settled.moves
    assert settled.digest == moving_plan.digest
    assert [each.digest for each in settled.members] == [each.digest for each in moving_plan.members]
    assert [each.index for each in settled.members] == [each.index for each in moving_plan.members]


def test_a_record_set_waits_for_the_workloads_behind_it() -> None:
    found = routed(plan(SETTLED))
    assert found["region us-east"].after == objects_of("us-east")
    assert found["global us-west-2"].after == objects_of("us-west")


def test_the_record_sets_of_a_name_that_moves_wait_for_all_that_gain() -> None:
    found = routed(plan({"ap-northeast": 3, "us-west": 12}))
    assert found["region us-west"].after == objects_of("us-east", "us-west")
    assert found["global ap-northeast-1"].after == objects_of("ap-northeast", "us-east")


def test_names_of_a_member_that_is_lost_do_not_wait_for_what_the_others_gain() -> None:
    found = plan(SETTLED, lost=("us-east",))
    assert not found.moves
    assert {each.after for each in found.records} == {()}
    new = plan({"us-east": 12, "us-west": 3}, lost=("us-east",))
    assert routed(new)["region ap-northeast"].after == objects_of("ap-northeast")
    assert routed(new)["region us-west"].after == ()


def test_an_alias_does_not_wait_where_one_set_behind_it_does_not() -> None:
    new = plan({"us-east": 12, "us-west": 3}, lost=("us-east",))
    by_name = {each.logical_name: each for each in new.records}
    public = by_name["dns/global/web.demo.atlas.svc.fed.test"]
    (free,) = record_order.needed(public, by_name)
    assert free.endswith("/us-west-2")
    waiting = {name: replace(each, after=("x",)) for name, each in by_name.items()}
    assert len(record_order.needed(public, waiting)) == 2
    assert record_order.needed(routed(new)["region us-west"], by_name) == ()


def test_a_host_of_an_ingress_waits_as_a_services_name_does() -> None:
    text = building.TALK + building.ingress("web") + building.ingress_record()
    found = plan({"us-west": 12}, text=text)
    hosts = [each for each in found.records if each.level == "host" and each.routing]
    assert len(hosts) == 3
    for each in hosts:
        assert set(objects_of("ap-northeast", "us-east")) <= set(each.after)
