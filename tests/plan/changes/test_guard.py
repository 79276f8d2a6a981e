"""A plan that removes too much is refused; failing over, coming back and standing still never are."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.api.model.members import Federation
from federation.plan.changes import guard
from federation.plan.changes.renames import Renames
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import MemberPlan, Plan
from federation.plan.planner import plan
from tests import places
from tests.examples import examples
from tests.plan.building import (
    NAMESPACE,
    THE_TALK,
    deployment,
    document,
    documents,
    federation,
    planned,
    preference,
    service,
)

CASES = yaml.safe_load((places.CASES / "guard" / "guard.yaml").read_text())
MEMBERS = {**THE_TALK, "us-east-b": {"region": "us-east-1", "zones": ["us-east-1b"]}}
Objects = Mapping[str, Mapping[str, int | None]]


def entries(objects: Objects) -> dict[str, tuple[IndexEntry, ...]]:
    """By member, the index of ``objects``."""
    found: dict[str, list[IndexEntry]] = {}
    for name, members in objects.items():
        kind = name.split("/")[-2]
        token = f"kubernetes:{'apps' if kind == 'Deployment' else 'core'}/v1:{kind}"
        for member, count in members.items():
            replicas = -1 if count is None else count
            entry = IndexEntry(logical_name=f"{member}/{name}", token=token, replicas=replicas)
            found.setdefault(member, []).append(entry)
    return {member: tuple(sorted(some)) for member, some in found.items()}


def plan_of(settings: Federation, objects: Objects, stands: Mapping[str, tuple[IndexEntry, ...]]) -> Plan:
    """A plan that has only its indexes; those of held members list the standing objects."""
    wanted = entries(objects)
    members = tuple(
        MemberPlan(
            name=member.name,
            region=member.region,
            zones=(),
            wave=0,
            available=member.available,
            objects=(),
            digest="",
            index=(wanted if member.available else stands).get(member.name, ()),
        )
        for member in settings.members
    )
    empty: dict[str, Any] = dict.fromkeys(("workloads", "records", "health_checks", "warnings"), ())
    return Plan(federation="atlas", stack="dev", zone="", members=members, digest="", **empty)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["case"]) for case in CASES])
def test_what_is_refused_says_what_how_much_the_limit_and_the_way_on(case: dict[str, Any]) -> None:
    former = {name: {"formerNames": some} for name, some in case.get("former", {}).items()}
    joined = federation(
        {name: {**member, **former.get(name, {})} for name, member in MEMBERS.items()},
        lost=tuple(case.get("held", ())),
        guard=case.get("guard", {}),
        plan={"unjoin": case.get("unjoin", ())},
    )
    stands = entries(case["stands"])
    clusters = case.get("clusters", {})
    observed = Observed(
        registered=stands,
        held_before=tuple(case.get("was_held", ())),
        identities_before={name: was for name, (was, _) in clusters.items() if was},
        identities={name: now for name, (_, now) in clusters.items() if now},
    )
    observed = Renames.of(joined).observed(observed)
    stands = dict(observed.registered or {})
    refusals = [str(each) for each in guard.refusals(joined, plan_of(joined, case["wanted"], stands), observed)]
    expected = case.get("says", [])
    assert len(refusals) == len(expected), refusals
    for line, part in zip(refusals, expected, strict=True):
        assert part in line
        assert line.startswith("Pulumi.dev.yaml: eks-federation:guard: ")
        assert any(way in line for way in ("fed up --no-guard", "fed up --allow", "call the member"))


def test_where_nobody_has_looked_nothing_is_refused() -> None:
    assert guard.refusals(federation(), planned(""), Observed()) == ()


def standing(made: Plan, *held: str) -> Observed:
    return Observed(registered={each.name: each.index or () for each in made.members}, held_before=held)


NAMES = ("a", "b", "c", "d")
COUNTS = st.integers(0, 40)


@st.composite
def applications(draw: st.DrawFn) -> str:
    """A federated application in four members, each a region."""
    entry = st.fixed_dictionaries({"weight": st.integers(0, 5), "minReplicas": st.integers(0, 5)})
    clusters = draw(st.dictionaries(st.sampled_from((*NAMES, "*")), entry, max_size=5))
    for each in clusters.values():
        if draw(st.booleans()):
            each["maxReplicas"] = each["minReplicas"] + draw(st.integers(0, 20))
    spec = f"totalReplicas: {draw(st.integers(26, 200))}, strategy: {draw(st.sampled_from(['kubefed', 'monotone']))}"
    divided = preference("web", spec=f"{spec}, clusters: {yaml.safe_dump(clusters, default_flow_style=True).strip()}")
    some = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    placed = f"placement: {{clusters: [{', '.join(f'{{name: {name}}}' for name in some)}]}}"
    map_ = document("FederatedConfigMap", "map", "{template: {data: {a: b}}, placement: {clusterSelector: {}}}")
    parts = [NAMESPACE, deployment("web"), divided, service("web"), map_]
    return "".join([*parts, deployment("other", spec=placed, replicas=draw(st.integers(1, 40)))])


def four(*lost: str) -> Federation:
    return federation({name: {"region": name, "provider": "kubeconfig", "context": name} for name in NAMES}, lost=lost)


@settings(max_examples=examples(150, 50), deadline=None)
@given(text=applications(), lost=st.sampled_from(NAMES))
def test_neither_standing_still_nor_failing_over_nor_coming_back_is_refused(text: str, lost: str) -> None:
    read = documents(text)
    before = plan(four(), read)
    assert guard.refusals(four(), before, standing(before)) == ()
    away = plan(four(lost), read, standing(before))
    assert guard.refusals(four(lost), away, standing(before)) == ()
    assert guard.refusals(four(lost), away, standing(away, lost)) == ()
    assert guard.refusals(four(), plan(four(), read, standing(away, lost)), standing(away, lost)) == ()


@settings(max_examples=50, deadline=None)
@given(text=applications(), lost=st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True))
def test_the_loss_of_a_second_member_is_not_refused_either(text: str, lost: list[str]) -> None:
    read = documents(text)
    first, second = lost
    away = plan(four(first), read, standing(plan(four(), read)))
    both = plan(four(first, second), read, standing(away, first))
    assert guard.refusals(four(first, second), both, standing(away, first)) == ()
    home = plan(four(), read, standing(both, first, second))
    assert guard.refusals(four(), home, standing(both, first, second)) == ()


def test_an_orphan_is_let_go_of_and_counts_as_no_loss() -> None:
    entry = IndexEntry(logical_name="us-east/demo/Deployment/web", token="kubernetes:apps/v1:Deployment", replicas=90)
    stands = {"us-east": (entry,)}
    left = {"us-east": (replace(entry, orphan=True),)}
    wanted = plan_of(federation(MEMBERS), {}, {})
    assert guard.refusals(federation(MEMBERS), wanted, Observed(registered=left)) == ()
    assert guard.refusals(federation(MEMBERS), wanted, Observed(registered=stands)) != ()
