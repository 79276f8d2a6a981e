"""Replicas that an autoscaler or a member owns are sent once, and plans announce only what is sent."""

from collections.abc import Mapping

import pytest

from federation.plan.changes import diff
from federation.plan.changes.diff import ObjectChange
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from tests.plan.building import NAMESPACE, deployment, document, planned, preference

SCALER = document(
    "FederatedHorizontalPodAutoscaler",
    "scaler",
    "{template: {spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 3, "
    "maxReplicas: 12}}, placement: {clusterSelector: {}}}",
)
Standing = Mapping[str, tuple[IndexEntry, ...]]


def divided(total: int, *, spec: str = "placement: {clusterSelector: {}}") -> str:
    return NAMESPACE + deployment(spec=spec) + preference(spec=f"totalReplicas: {total}")


def retained(replicas: int) -> str:
    return NAMESPACE + deployment(spec="retainReplicas: true, placement: {clusterSelector: {}}", replicas=replicas)


def left(made: Plan) -> Standing:
    return {member.name: member.index or () for member in made.members}


def after(*texts: str) -> Standing:
    """What updates to these documents, one after the other, leave behind."""
    standing: Standing = {}
    for text in texts:
        standing = left(planned(text, Observed(registered=standing)))
    return standing


def web(text: str, standing: Standing) -> ObjectChange:
    """What becomes of the Deployment in us-east."""
    found = diff.find_changes(planned(text, Observed(registered=standing)), standing)
    (change,) = (each for each in found.changes if each.entry.logical_name == "us-east/demo/Deployment/web")
    return change


@pytest.mark.parametrize(
    ("before", "later"),
    [
        (divided(9) + SCALER, divided(12) + SCALER),
        (divided(9), divided(12) + SCALER),
        (retained(2), retained(5)),
        (NAMESPACE + deployment(replicas=2), retained(5)),
    ],
    ids=["another total", "an autoscaler comes", "another number in the template", "the member has them from now on"],
)
def test_a_number_that_is_not_sent_is_no_change(before: str, later: str) -> None:
    standing = after(before)
    change = web(later, standing)
    assert change.change == "same"
    assert change.before == change.after
    assert web(later, after(before, later)).change == "same"


def test_what_else_changes_is_announced_with_the_replicas_that_stay() -> None:
    later = (divided(12) + SCALER).replace("nginx:1", "nginx:2")
    change = web(later, after(divided(9) + SCALER))
    assert (change.change, change.before, change.after) == ("change", 3, 3)
    assert web(later, after(divided(9) + SCALER, later)).change == "same"


def test_when_the_autoscaler_goes_the_number_is_sent_and_announced() -> None:
    change = web(divided(12), after(divided(9) + SCALER, divided(12) + SCALER))
    assert (change.change, change.before, change.after) == ("change", 3, 4)
    assert web(divided(9), after(divided(9) + SCALER, divided(12) + SCALER)).change == "same"


def test_where_the_last_update_left_none_the_number_is_sent_once() -> None:
    standing = after(NAMESPACE + deployment(replicas=0))
    change = web(divided(12) + SCALER, standing)
    assert (change.change, change.before, change.after) == ("change", 0, 4)
    later = after(NAMESPACE + deployment(replicas=0), divided(12) + SCALER)
    assert web(divided(9) + SCALER, later).change == "same"


def test_a_template_that_never_had_a_number_gets_none_later() -> None:
    bare = deployment().replace("replicas: 2, ", "")
    standing = after(NAMESPACE + bare + SCALER)
    assert web(NAMESPACE + bare + SCALER + preference(spec="totalReplicas: 12"), standing).change == "same"


def test_a_number_that_the_plan_has_is_announced() -> None:
    change = web(divided(12), after(divided(9)))
    assert (change.change, change.before, change.after) == ("change", 3, 4)


def test_dns_and_reasons_go_by_the_plans_number_all_the_same() -> None:
    made = planned(divided(12) + SCALER, Observed(registered=after(divided(9) + SCALER)))
    (workload,) = (each for each in made.workloads if each.kind == "Deployment")
    assert workload.replicas["us-east"] == 4
