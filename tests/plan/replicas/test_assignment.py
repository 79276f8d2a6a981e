"""Replicas are one value by document and member: the number, its owner, and the fields of the manifest."""

import pytest

from federation.plan import planner
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.replicas.assignment import Assignment, MemberReplicas
from tests.plan.building import NAMESPACE, deployment, document, documents, federation, preference

EVERYWHERE = "placement: {clusterSelector: {}}"
NUMBER = "{clusterName: us-east, clusterOverrides: [{path: /spec/replicas, value: 5}]}"
WHOLE = (
    "{clusterSelector: {matchLabels: {geo: us}}, clusterOverrides: [{path: /spec, value: {replicas: 7, template: {}}}]}"
)
TOTAL = preference(spec="totalReplicas: 9")
SCALER = document(
    "FederatedHorizontalPodAutoscaler",
    "scaler",
    "{template: {spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 12}}, "
    f"{EVERYWHERE}}}",
)
PAUSED = """
apiVersion: core.kubefed.io/v1beta1
kind: FederatedTypeConfig
metadata: {name: deployments.apps}
spec:
  propagation: Disabled
  targetType: {group: apps, version: v1, kind: Deployment, pluralName: deployments, scope: Namespaced}
  federatedType:
    {group: types.kubefed.io, version: v1beta1, kind: FederatedDeployment, pluralName: federateddeployments,
     scope: Namespaced}
---
"""


def assigned(text: str, kind: str = "Deployment", observed: Observed | None = None) -> Assignment:
    made = planner.plan_with_stages(federation(), documents(NAMESPACE + text), observed or Observed())
    (found,) = (each for each, _ in made.placing.everywhere if each.document.target.kind == kind)
    return found


def overridden(*overrides: str) -> str:
    return deployment(spec=f"{EVERYWHERE}, overrides: [{', '.join(overrides)}]")


@pytest.mark.parametrize(
    ("text", "owner", "count", "fields", "left_alone"),
    [
        (deployment(), "template", 2, {}, False),
        (deployment().replace("replicas: 2, ", ""), "template", 1, {}, False),
        (overridden(NUMBER), "override", 5, {}, False),
        (overridden(WHOLE), "override", 7, {}, False),
        (deployment(spec=f"retainReplicas: true, {EVERYWHERE}"), "live", 2, {}, True),
        (deployment(spec=f"retainReplicas: true, {EVERYWHERE}") + TOTAL, "preference", 3, {"/spec/replicas": 3}, False),
        (deployment() + TOTAL, "preference", 3, {"/spec/replicas": 3}, False),
        (overridden(NUMBER) + TOTAL, "preference", 3, {"/spec/replicas": 3}, False),
        (overridden(WHOLE, NUMBER) + TOTAL, "preference", 3, {"/spec/replicas": 3}, False),
        (overridden(NUMBER, WHOLE) + TOTAL, "override", 7, {}, False),
        (deployment() + SCALER, "autoscaler", 2, {}, True),
        (deployment() + TOTAL + SCALER, "autoscaler", 3, {"/spec/replicas": 3}, True),
    ],
)
def test_the_owner_decides_the_number(
    text: str, owner: str, count: int, fields: dict[str, int], left_alone: bool
) -> None:
    found = assigned(text).replicas["us-east"]
    assert (found.owner, found.count, found.fields, found.left_alone) == (owner, count, fields, left_alone)


def test_an_autoscaler_is_given_a_first_replica_where_the_last_update_left_none() -> None:
    empty = IndexEntry(logical_name="us-east/demo/Deployment/web", token="kubernetes:apps/v1:Deployment", replicas=0)
    found = assigned(deployment() + SCALER, observed=Observed(registered={"us-east": (empty,)}))
    assert {name: each.left_alone for name, each in found.replicas.items()} == {
        "ap-northeast": True,
        "us-east": False,
        "us-west": True,
    }
    assert {each.owner for each in found.replicas.values()} == {"autoscaler"}


def test_a_job_has_fields_and_no_replicas() -> None:
    pods = "{spec: {restartPolicy: Never, containers: [{name: web, image: 'web:1'}]}}"
    job = document("FederatedJob", "web", f"{{template: {{spec: {{completions: 6, template: {pods}}}}}, {EVERYWHERE}}}")
    found = assigned(job + preference(spec="totalReplicas: 3", kind="FederatedJob"), "Job").replicas["us-east"]
    assert (found.owner, found.count) == ("job", None)
    assert found.fields == {"/spec/parallelism": 1, "/spec/completions": 2}


def test_an_object_of_a_paused_type_has_what_the_last_update_left() -> None:
    left = IndexEntry(logical_name="us-east/demo/Deployment/web", token="kubernetes:apps/v1:Deployment", replicas=4)
    found = assigned(PAUSED + deployment() + TOTAL, observed=Observed(registered={"us-east": (left,)}))
    assert {name: (each.owner, each.count, each.weighed) for name, each in found.replicas.items()} == {
        "us-east": ("live", 4, 4)
    }


def test_an_object_without_a_number_has_no_owner() -> None:
    found = assigned(
        document("FederatedConfigMap", "web", f"{{template: {{data: {{a: b}}}}, {EVERYWHERE}}}"), "ConfigMap"
    )
    assert [each == MemberReplicas() for each in found.replicas.values()] == [True, True, True]


def test_overflow_stands_in_the_manifest_and_has_no_weight() -> None:
    observed = Observed(capacity={"demo/web": {"us-east": 1}}, current={"demo/web": {"us-east": 1}})
    only_there = preference(spec="totalReplicas: 9, clusters: {us-east: {weight: 1}}")
    found = assigned(deployment() + only_there, observed=observed)
    east = found.replicas["us-east"]
    assert (east.count, east.weighed) == (8, 1)
    assert found.distribution is not None
    assert found.distribution.overflow == {"us-east": 7}
    assert east.reasons == found.distribution.reasons["us-east"]
