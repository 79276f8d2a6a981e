"""What the guard counts on either side of each limit, in changes that differ by one member or one replica."""

from dataclasses import replace
from typing import Any

import pytest

from federation.plan.changes import guard
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from tests.plan.building import federation
from tests.plan.changes.test_guard import MEMBERS, Objects, entries, plan_of

WEB = "demo/Deployment/web"
A, B = "demo/ConfigMap/a", "demo/ConfigMap/b"


def refusals(stands: Objects, wanted: Objects, **given: Any) -> list[str]:
    """The refusals of a change; ``held`` are members held now, ``was_held`` those held at the last update."""
    joined = federation(MEMBERS, lost=given.get("held", ()), guard=given.get("guard", {}))
    standing = entries(stands)
    observed = Observed(registered=standing, quarantined_before=given.get("was_held", ()))
    return [str(each) for each in guard.refusals(joined, plan_of(joined, wanted, standing), observed)]


@pytest.mark.parametrize(
    ("stands", "wanted", "held", "parts"),
    [
        ({"us-east": 90, "us-west": 100}, {"us-west": 20}, ["us-east"], ["80 of 100"]),
        ({"us-east": 10, "us-west": 100}, {"us-west": 20}, ["us-east"], ["80 of 100"]),
        ({"us-east": 10, "us-west": 20, "ap-northeast": 20}, {"us-west": 0, "ap-northeast": 39}, ["us-east"], ["20"]),
        ({"us-east": 10, "us-west": 20, "ap-northeast": 20}, {"us-west": 0, "ap-northeast": 40}, ["us-east"], []),
    ],
    ids=["what a lost member keeps", "what a lost member had", "one replica too few", "just as many"],
)
def test_failing_over_is_no_loss_only_while_the_others_run_what_they_ran(
    stands: dict[str, int], wanted: dict[str, int], held: list[str], parts: list[str]
) -> None:
    found = refusals({WEB: stands}, {WEB: wanted}, held=tuple(held))
    assert len(found) == len(parts), found
    assert all(part in line for part, line in zip(parts, found, strict=True))


def test_one_replica_in_a_member_that_is_back_lets_the_others_move() -> None:
    stands, wanted = {"us-east": 1, "us-west": 40}, {"us-east": 1, "us-west": 0, "ap-northeast": 39}
    assert refusals({WEB: stands}, {WEB: wanted}, was_held=("us-east",)) == []
    assert len(refusals({WEB: stands}, {WEB: wanted})) == 2


def test_objects_without_replicas_do_not_move() -> None:
    stands: Objects = {A: dict.fromkeys(("us-east", "us-west", "ap-northeast")), B: {"us-west": None}}
    wanted: Objects = {A: {"ap-northeast": None}, B: {"us-west": None}}
    (found,) = refusals(stands, wanted, held=("us-east",), guard={"floor": 0, "maxRemovedShare": 0.1})
    assert "1 of 3" in found


def test_what_only_a_lost_member_still_has_has_not_moved() -> None:
    stands: Objects = {WEB: {"us-east": 5, "us-west": 0}, B: {"us-west": None}}
    found = refusals(stands, {B: {"us-west": None}}, held=("us-east",), guard={"floor": 0, "maxRemovedShare": 0.1})
    assert any("1 of 2" in line for line in found), found


@pytest.mark.parametrize("kept", ["us-east", "us-east-b"])
def test_a_region_keeps_its_last_replicas_in_either_of_its_members(kept: str) -> None:
    stands = {"us-east": 3, "us-east-b": 3}
    assert refusals({WEB: stands}, {WEB: {name: 3 if name == kept else 0 for name in stands}}) == []


def test_a_region_loses_the_replicas_of_all_its_members() -> None:
    stands = {"us-east": 3, "us-east-b": 4, "us-west": 9}
    (found,) = refusals({WEB: stands}, {WEB: {"us-east": 0, "us-east-b": 0, "us-west": 16}})
    assert "us-east-1" in found
    assert "7" in found


def test_a_member_that_is_back_may_end_without_replicas() -> None:
    stands, wanted = {"us-east": 5, "us-west": 5}, {"us-east": 0, "us-west": 5}
    assert refusals({WEB: stands}, {WEB: wanted}, was_held=("us-east",)) == []
    assert len(refusals({WEB: stands}, {WEB: wanted})) == 1


def test_an_orphan_takes_no_last_replica_of_its_region() -> None:
    joined = federation(MEMBERS)
    entry = IndexEntry(logical_name=f"us-east/{WEB}", token="kubernetes:apps/v1:Deployment", replicas=5, orphan=True)
    other = replace(entry, logical_name=f"us-west/{WEB}", orphan=False)
    another = IndexEntry(logical_name=f"us-east/{A}", token="kubernetes:core/v1:ConfigMap")
    stands = {"us-east": (another, entry), "us-west": (other,)}
    wanted = plan_of(joined, {WEB: {"us-west": 5}, A: {"us-east": None}}, {})
    assert guard.refusals(joined, wanted, Observed(registered=stands)) == ()


def test_what_is_allowed_may_empty_a_member_and_nothing_else_may() -> None:
    stands: Objects = {A: {"ap-northeast": None}, B: {"us-east": None}, WEB: {"us-west": 5}}
    (found,) = refusals(stands, {WEB: {"us-west": 5}}, guard={"allow": [A]})
    assert "us-east" in found
    assert refusals(stands, {WEB: {"us-west": 5}}, guard={"allow": [A, B]}) == []
    assert refusals(stands, {WEB: {"us-west": 5}}, guard={"allow": ["Namespace/demo"]}) == []
    assert len(refusals(stands, {WEB: {"us-west": 5}}, guard={"allow": ["Namespace/other"]})) == 2


def test_a_member_that_has_left_is_named_with_its_cluster() -> None:
    joined = federation(MEMBERS)
    standing = entries({A: {"eu-west": None, "us-west": None}})
    wanted = plan_of(joined, {A: {"us-west": None}}, standing)
    without = Observed(registered=standing)
    (plain,) = guard.refusals(joined, wanted, without)
    (named,) = guard.refusals(joined, wanted, replace(without, roles_before={"eu-west": ""}))
    assert "eu-west" in named.message
    assert "EKS" in named.message
    assert "EKS" not in plain.message


def test_a_document_that_only_a_lost_member_keeps_goes_from_no_region_before_the_others() -> None:
    joined = federation(MEMBERS, lost=("us-east",))
    standing = entries({WEB: {"us-east": 5, "us-west": 5}, B: {"us-west": None}})
    wanted = plan_of(joined, {B: {"us-west": None}}, standing)
    members = [replace(each, kept=(f"us-east/{WEB}",)) if each.name == "us-east" else each for each in wanted.members]
    observed = Observed(registered=standing)
    assert guard.refusals(joined, replace(wanted, members=tuple(members)), observed) == ()
    assert len(guard.refusals(joined, wanted, observed)) == 1


def test_objects_without_replicas_are_no_part_of_the_share_that_moves() -> None:
    maps: dict[str, dict[str, int | None]] = {f"demo/ConfigMap/{number}": {"us-west": None} for number in range(12)}
    (found,) = refusals({**maps, WEB: {"us-west": 20}}, {**maps, WEB: {"us-west": 9}})
    assert "11 of 20" in found


def test_objects_of_a_lost_member_and_new_ones_are_no_part_of_the_share_that_is_removed() -> None:
    kept = {f"demo/ConfigMap/{number}": {"us-east": None} for number in range(10)}
    new = {f"demo/ConfigMap/new-{number}": {"us-west": None} for number in range(10)}
    stands = {A: {"us-west": None}, B: {"us-west": None}, "demo/ConfigMap/c": {"us-west": None}, **kept}
    (found,) = refusals(stands, {A: {"us-west": None}, **new}, held=("us-east",), guard={"floor": 0})
    assert "2 of 3" in found


def test_just_the_share_that_may_go_is_not_refused() -> None:
    stands: Objects = {A: {"us-west": None}, B: {"us-west": None}}
    assert refusals(stands, {B: {"us-west": None}}, guard={"floor": 0, "maxRemovedShare": 0.5}) == []
    assert len(refusals(stands, {B: {"us-west": None}}, guard={"floor": 0, "maxRemovedShare": 0.49})) == 1


def test_one_safe_way_is_shown_for_documents_that_are_renamed() -> None:
    claims = [f"{name}/PersistentVolumeClaim/{{}}" for name in ("x", "y")]
    stands = {each.format("old"): {"us-west": None} for each in claims}
    wanted = {each.format("new"): {"us-west": None} for each in claims}
    lines = refusals(stands, wanted, guard={"floor": 0, "maxRemovedShare": 0.1})
    (removed,) = (line for line in lines if "2 of 2" in line)
    assert claims[0].format("new") in removed
    assert claims[1].format("new") not in removed


def replaced(before: str, *quarantined: str) -> str:
    """The refusal of us-east, which leads to another cluster now."""
    joined = federation(MEMBERS, lost=quarantined)
    standing = entries({A: {"us-east": None, "us-west": None}})
    observed = Observed(
        registered=standing, identities_before={"us-east": before}, identities={"us-east": "https://two"}
    )
    (found,) = guard.refusals(joined, plan_of(joined, {A: {"us-east": None, "us-west": None}}, standing), observed)
    return found.remedy + found.message


def test_the_remedy_of_a_replaced_cluster_depends_on_what_led_to_it_and_on_whether_the_member_is_quarantined() -> None:
    assert "available" not in replaced("https://one")
    assert "available" in replaced("https://one", "us-east")
    assert "formerNames" not in replaced("https://one")
    assert "formerNames" in replaced("eks us-east-1 10.0.0.0/16 atlas-dev-us-east")


def test_a_cluster_whose_member_leads_elsewhere_is_reported_once() -> None:
    now = {**MEMBERS, "us-east": {"region": "us-east-1", "provider": "kubeconfig", "context": "two"}}
    joined = federation(now)
    standing = entries({A: {"us-east": None, "us-west": None}})
    observed = Observed(
        registered=standing,
        roles_before={"us-east": ""},
        identities_before={"us-east": "eks us-east-1 10.0.0.0/16 atlas-dev-us-east"},
        identities={"us-east": "https://two"},
    )
    (found,) = guard.refusals(joined, plan_of(joined, {A: {"us-east": None, "us-west": None}}, standing), observed)
    assert "https://two" in found.message
