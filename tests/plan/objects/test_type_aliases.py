"""An object whose apiVersion changes is found by its former token."""

import pytest

from federation.plan.changes import diff
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan, PlannedObject
from tests.plan.building import NAMESPACE, document, planned

ONE = {"one": {"region": "us-east-1"}}
GAUGE = "kubernetes:example.org/{}:Gauge"
SCALER = "kubernetes:autoscaling/{}:HorizontalPodAutoscaler"


def text(kind: str, api_version: str) -> str:
    template = f"{{apiVersion: {api_version}, spec: {{}}}}"
    return NAMESPACE + document(
        f"Federated{kind}", "web", f"{{template: {template}, placement: {{clusterSelector: {{}}}}}}"
    )


def web(plan: Plan) -> PlannedObject:
    return next(each for each in plan.member("one").objects if each.name == "web")


def observed(plan: Plan) -> Observed:
    return Observed(registered={"one": plan.member("one").index or ()})


def test_what_the_last_update_registered_in_another_version_is_a_former_token() -> None:
    old = planned(text("Gauge", "example.org/v1alpha1"), members=ONE)
    new = planned(text("Gauge", "example.org/v1"), observed(old), members=ONE)
    assert web(new).token == GAUGE.format("v1")
    assert web(new).former_tokens == (GAUGE.format("v1alpha1"),)
    assert [each.former_tokens for each in new.member("one").objects if each.kind == "Namespace"] == [()]


def test_once_it_is_registered_in_its_version_it_has_no_former_one_and_the_slice_is_the_same() -> None:
    new = planned(text("Gauge", "example.org/v1"), members=ONE)
    again = planned(text("Gauge", "example.org/v1"), observed(new), members=ONE)
    assert web(again).former_tokens == ()
    moved = planned(
        text("Gauge", "example.org/v1"), observed(planned(text("Gauge", "example.org/v2"), members=ONE)), members=ONE
    )
    assert moved.digest == again.digest


def test_another_version_is_a_change_of_the_same_object() -> None:
    seen = observed(planned(text("Gauge", "example.org/v1alpha1"), members=ONE))
    found = diff.find_changes(planned(text("Gauge", "example.org/v1"), seen, members=ONE), seen.registered)
    assert {each.entry.logical_name: each.change for each in found.changes} == {
        "one/Namespace/demo": "same",
        "one/demo/Gauge.example.org/web": "change",
    }


def test_the_same_name_in_another_member_is_another_object() -> None:
    entry = IndexEntry(logical_name="two/demo/Gauge.example.org/web", token=GAUGE.format("v2"))
    plan = planned(text("Gauge", "example.org/v1"), Observed(registered={"two": (entry,)}), members=ONE)
    assert web(plan).former_tokens == ()


def test_where_nobody_has_looked_no_former_token_is_known() -> None:
    assert web(planned(text("HorizontalPodAutoscaler", "autoscaling/v1"), members=ONE)).former_tokens == ()


@pytest.mark.parametrize(("old", "new"), [("v1", "v2"), ("v2", "v1"), ("v2beta2", "v2")])
def test_the_usual_types_have_versions_too(old: str, new: str) -> None:
    seen = observed(planned(text("HorizontalPodAutoscaler", f"autoscaling/{old}"), members=ONE))
    found = web(planned(text("HorizontalPodAutoscaler", f"autoscaling/{new}"), seen, members=ONE))
    assert (found.token, found.former_tokens) == (SCALER.format(new), (SCALER.format(old),))
