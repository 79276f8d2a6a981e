"""The engine's operations are compared with the announced ones; named rules explain some differences."""

from collections.abc import Mapping
from typing import Any

import pytest

from federation.operations.engine import announced, engine_events
from federation.operations.engine.announced import Announcement
from federation.plan.changes import diff
from federation.plan.model import record_changes, serialise
from federation.plan.model.observed import Observed
from tests.operations.engine.test_engine_events import MAP, done, urn
from tests.plan.building import NAMESPACE, deployment, document, planned, record, service

A, B, C = (f"us-east/demo/ConfigMap/{name}" for name in "abc")
SET = "dns/zone/_weighted.web.fed.test/us-east"


def compared(announcement: Announcement, *events: Mapping[str, Any]) -> list[str]:
    found = engine_events.by_member(events, ("us-east", "us-west"))
    return [str(each) for each in announced.compare_with_announced(announcement, found, announced.drifted(events))]


def test_what_was_done_as_announced_is_no_difference() -> None:
    wanted = Announcement(operations={A: "created", B: "deleted", C: "replaced", SET: "updated"})
    events = [done("create", MAP, A), done("delete", MAP, B), done("same", MAP, "us-east/demo/ConfigMap/d")]
    events += [done(op, MAP, C) for op in ("delete-replaced", "replace", "create-replacement")]
    events += [done("update", "aws:route53/record:Record", SET), done("create", "aws:route53/zone:Zone", "dns/zone/z")]
    assert compared(wanted, *events) == []


def test_a_difference_without_a_rule_is_reported() -> None:
    wanted = Announcement(operations={A: "updated"})
    assert compared(wanted, done("replace", MAP, A), done("update", MAP, B)) == [
        f"{A}: announced updated, replaced",
        f"{B}: announced unchanged, updated",
    ]
    assert compared(wanted) == [f"{A}: announced updated, unchanged"]


@pytest.mark.parametrize(("op", "says"), [("update", "(values)"), ("replace", "replaced")])
def test_values_that_are_not_compared_explain_an_update_only(op: str, says: str) -> None:
    (line,) = compared(Announcement(operations={}, values=frozenset({A})), done(op, MAP, A))
    assert line.endswith(says)


def test_who_waits_for_others_may_stay_as_it_is() -> None:
    wanted = Announcement(operations={A: "deleted", B: "deleted"}, waiting=frozenset({A}))
    assert compared(wanted) == [f"{A}: announced deleted, unchanged (waits)", f"{B}: announced deleted, unchanged"]


def refreshed(name: str, old: Any, new: Any) -> Mapping[str, Any]:
    sides = {"old": {"outputs": old}, "new": None if new is None else {"outputs": new}}
    return {"resOutputsEvent": {"metadata": {"op": "refresh", "type": MAP, "urn": urn(MAP, name), **sides}}}


def test_what_was_done_by_hand_is_put_right_unannounced() -> None:
    nothing = Announcement(operations={})
    events = [refreshed(A, {"data": {"a": "1"}}, None), refreshed(B, {"data": {"a": "1"}}, {"data": {"a": "2"}})]
    events += [refreshed(C, {"data": {}, "status": 1}, {"data": {}, "status": 2})]
    done_to = [done("create", MAP, A), done("update", MAP, B), done("update", MAP, C)]
    assert compared(nothing, *events, *done_to) == [
        f"{A}: announced unchanged, created (drift)",
        f"{B}: announced unchanged, updated (drift)",
        f"{C}: announced unchanged, updated",
    ]


def test_an_announcement_is_read_out_of_what_a_plan_prints() -> None:
    secret = document("FederatedSecret", "s", "{template: {stringData: {a: b}}, placement: {clusterSelector: {}}}")
    us = "placement: {clusters: [{name: us-east}]}"
    before = planned(NAMESPACE + secret + deployment() + service() + record() + deployment("old", spec=us))
    left = Observed(registered={each.name: each.index or () for each in before.members})
    after = planned(NAMESPACE + secret + deployment(replicas=3) + deployment("new", spec=us), left)
    lines = record_changes.from_output(record_changes.to_text(before.records))
    found = announced.read_announcement(
        {
            **serialise.to_tree(after),
            "transition": diff.to_tree(diff.find_changes(after, left.registered)),
            "recordChanges": record_changes.to_tree(record_changes.changes(after.records, lines)),
        }
    )
    tally = announced.counts(found.operations)
    assert tally["us-east"] == {"created": 1, "updated": 1, "deleted": 2}
    assert tally["us-west"] == {"updated": 1, "deleted": 1}
    assert tally["dns"] == {"deleted": len(before.records)}
    assert found.values == {f"{name}/demo/Secret/s" for name in ("ap-northeast", "us-east", "us-west")}


def test_givers_and_leavers_of_a_move_may_wait() -> None:
    tree = {"moves": [{"document": "demo/Deployment/web", "takers": ["a"], "givers": ["b"], "leavers": ["c"]}]}
    assert announced.read_announcement(tree).waiting == {"b/demo/Deployment/web", "c/demo/Deployment/web"}
