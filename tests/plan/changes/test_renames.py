"""A renamed member is the same one for plan, guard and DNS, once its config names the old name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.api.model.documents import Documents
from federation.api.model.members import FederationSettings
from federation.errors.fault import FaultsFoundError
from federation.plan.changes import diff, guard, renames
from federation.plan.changes.renames import Renames
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.planner import plan
from tests.examples import examples
from tests.plan.building import (
    NAMESPACE,
    deployment,
    document,
    documents,
    faults,
    federation,
    preference,
    record,
    service,
)

NAMES = ("alpha", "beta", "gamma", "omega")


def joined(
    former: Mapping[str, Sequence[str]], *names: str, provider: str, lost: Sequence[str] = ()
) -> FederationSettings:
    """A federation of members called ``names``, each in a region of its own; ``former`` has their former names."""
    made: dict[str, dict[str, Any]] = {}
    for index, name in enumerate(names):
        place = {"region": f"us-east-{index + 1}", "zones": [f"us-east-{index + 1}a", f"us-east-{index + 1}b"]}
        way = {"context": name} if provider == "kubeconfig" else {}
        made[name] = {"provider": provider, **place, **way, "formerNames": former.get(name, [])}
    return federation(made, lost=tuple(lost), dns={"healthChecks": True})


def left_by(settings_: FederationSettings, made: Plan, observed: Observed) -> Observed:
    """The observed state after an update by ``made``; the region of a member identifies its cluster."""
    now = {member.name: f"https://{member.region}" for member in settings_.members}
    return Observed(
        registered={each.name: each.index or () for each in made.members},
        quarantined_before=tuple(each.name for each in made.members if not each.available),
        identities_before={**observed.identities_before, **now},
        names_before=tuple(each.name for each in made.records if each.routing is None),
        zone_before="fed.test" if made.records else "",
    )


def found_by(settings_: FederationSettings, left: Observed) -> Observed:
    """The observed state that a plan for ``settings_`` uses after an update."""
    now = {member.name: f"https://{member.region}" for member in settings_.members}
    return Renames.from_config(settings_).observed(replace(left, identities=now))


@st.composite
def applications(draw: st.DrawFn) -> Mapping[str, object]:
    """Weights by index in the list of members, and the other parts of an application."""
    return {
        "weights": draw(st.lists(st.integers(0, 3), min_size=4, max_size=4)),
        "total": draw(st.integers(1, 60)),
        "strategy": draw(st.sampled_from(["kubefed", "monotone"])),
        "placed": draw(st.lists(st.integers(0, 3), min_size=1, unique=True)),
    }


def text(application: Mapping[str, object], names: Sequence[str]) -> Documents:
    """The application, for members called ``names``."""
    weights, placed = application["weights"], application["placed"]
    assert isinstance(weights, list)
    assert isinstance(placed, list)
    clusters = ", ".join(f"{names[index]}: {{weight: {weight}}}" for index, weight in enumerate(weights))
    spec = f"totalReplicas: {application['total']}, strategy: {application['strategy']}, clusters: {{{clusters}}}"
    where = ", ".join(f"{{name: {names[index]}}}" for index in placed)
    map_ = document(
        "FederatedConfigMap", "map", f"{{template: {{data: {{a: b}}}}, placement: {{clusters: [{where}]}}}}"
    )
    parts = [NAMESPACE, deployment("web"), preference("web", spec=spec), service("web"), record("web"), map_]
    return documents("".join(parts))


def dns(made: Plan) -> set[object]:
    """The parts of a plan that reach Route53."""
    return {(each.logical_name, each.routing, each.health_check) for each in made.records} | {
        each.logical_name for each in made.health_checks
    }


@settings(max_examples=examples(100, 50), deadline=None)
@given(application=applications(), provider=st.sampled_from(["kubeconfig", "eks"]), which=st.integers(0, 3))
def test_a_rename_changes_nothing_for_plan_guard_and_dns(
    application: Mapping[str, object], provider: str, which: int
) -> None:
    names = list(NAMES)
    names[which] = "zeta"
    old, new = joined({}, *NAMES, provider=provider), joined({"zeta": [NAMES[which]]}, *names, provider=provider)
    before = plan(old, text(application, NAMES))
    left = left_by(old, before, Observed())
    for _ in range(2):  # the second time, the hint is stale
        observed = found_by(new, left)
        after = plan(new, text(application, names), observed)
        assert {each.change for each in diff.find_changes(after, observed.registered).changes} <= {"same"}
        assert guard.refusals(new, after, observed) == ()
        assert after.moves == ()
        assert dns(after) == dns(before)
        left = left_by(new, after, observed)


def test_a_renamed_member_may_be_quarantined_before_and_after() -> None:
    application: dict[str, object] = {"weights": [1, 1, 1, 1], "total": 8, "strategy": "kubefed", "placed": [0]}
    old = joined({}, *NAMES, provider="kubeconfig")
    left = left_by(old, plan(old, text(application, NAMES)), Observed())
    held = joined({}, *NAMES, provider="kubeconfig", lost=["alpha"])
    left = left_by(held, plan(held, text(application, NAMES), found_by(held, left)), left)
    names = ("zeta", *NAMES[1:])
    for lost in (["zeta"], []):
        new = joined({"zeta": ["alpha"]}, *names, provider="kubeconfig", lost=lost)
        observed = found_by(new, left)
        assert observed.quarantined_before == ("zeta",)
        after = plan(new, text(application, names), observed)
        assert guard.refusals(new, after, observed) == ()
        assert {
            each.change for each in diff.find_changes(after, observed.registered).changes if each.member == "zeta"
        } <= {
            "same",
            "change",
        }


def test_a_quarantined_member_under_a_new_name_is_refused_with_the_hint() -> None:
    application: dict[str, object] = {"weights": [1, 1, 1, 1], "total": 8, "strategy": "kubefed", "placed": [0]}
    held = joined({}, *NAMES, provider="kubeconfig", lost=["alpha"])
    left = left_by(
        held, plan(held, text(application, NAMES), Observed(registered={"alpha": (entry("alpha"),)})), Observed()
    )
    names = ("zeta", *NAMES[1:])
    new = joined({}, *names, provider="kubeconfig")
    with pytest.raises(FaultsFoundError) as refused:
        plan(new, text(application, names), found_by(new, left))
    assert "write formerNames: [alpha] under zeta" in str(refused.value)
    assert "unjoin" not in str(refused.value)


def entry(member: str, name: str = "a", digest: str = "1") -> IndexEntry:
    return IndexEntry(
        logical_name=f"{member}/demo/ConfigMap/{name}", token="kubernetes:core/v1:ConfigMap", digest=digest
    )


def test_a_half_done_rename_is_read_as_one_member() -> None:
    found = Renames((("a", "c"), ("b", "c"))).index(
        {"a": (entry("a", "x"), entry("a", "y", "old")), "c": (entry("c", "y", "new"),), "d": (entry("d"),)}
    )
    assert found == {"c": (entry("c", "x"), entry("c", "y", "new")), "d": (entry("d"),)}


def test_the_most_recent_former_name_wins_and_the_present_one_over_it() -> None:
    chain = Renames((("a", "c"), ("b", "c")))
    assert chain.keyed({"a": 1, "b": 2, "z": 3}) == {"c": 2, "z": 3}
    assert chain.keyed({"a": 1, "c": 4}) == {"c": 4}


@pytest.mark.parametrize(
    ("name", "renamed"),
    [
        ("a/demo/ConfigMap/a", "c/demo/ConfigMap/a"),
        ("urn:pulumi:dev::p::t$kubernetes:core/v1:ConfigMap::a/demo/ConfigMap/x", None),
        ("ab/demo/ConfigMap/a", "ab/demo/ConfigMap/a"),
        ("dns/health/demo/web/a", "dns/health/demo/web/a"),
    ],
)
def test_only_the_member_at_the_start_of_a_name_is_renamed(name: str, renamed: str | None) -> None:
    expected = renamed or name.replace("::a/", "::c/")
    assert Renames((("a", "c"),)).logical_name(name) == expected


def test_a_document_that_names_a_former_name_is_at_fault_and_told_the_present_one() -> None:
    map_ = document("FederatedConfigMap", "map", "{template: {data: {}}, placement: {clusters: [{name: onprem}]}}")
    members = {"dc1": {"provider": "kubeconfig", "context": "x", "formerNames": ["onprem"]}}
    (fault,) = faults(NAMESPACE + map_, members=members)
    assert 'web.yaml:10: spec.placement.clusters[0].name: "onprem" is not a member (members: dc1)' in fault
    assert 'write "dc1": the member is called so now' in fault


def test_a_plan_says_who_was_renamed() -> None:
    new = joined({"zeta": ["alpha"]}, "zeta", "beta", provider="kubeconfig")
    observed = Renames.from_config(new).observed(Observed(registered={"alpha": (), "beta": ()}))
    assert observed.renamed == {"zeta": "alpha"}
    assert renames.lines(observed) == ("zeta was alpha: its objects are moved",)
    assert renames.lines(Renames.from_config(new).observed(Observed(registered={"zeta": (), "beta": ()}))) == ()


def test_a_renamed_eks_member_whose_former_name_was_dropped_is_refused_with_the_hint() -> None:
    new = joined({}, "zeta", "beta", provider="eks")
    identity = "eks us-east-1 10.0.0.0/16 atlas-dev-alpha"
    observed = Observed(
        registered={"zeta": (entry("zeta"),)}, identities_before={"zeta": identity}, roles_before={"alpha": ""}
    )
    (found,) = renames.suspected(new, observed)
    assert (found.before, found.now) == ("alpha", "zeta")
    assert "write formerNames: [alpha] under zeta" in found.remedy
    kept = joined({"zeta": ["alpha"]}, "zeta", "beta", provider="eks")
    assert renames.suspected(kept, Renames.from_config(kept).observed(observed)) == ()
    assert Renames.from_config(kept).observed(observed).renamed == {}
