"""Our objects that no plan has are named; objects of others, and those left on purpose, are not."""

from dataclasses import replace
from typing import Any

import pytest

from federation.plan.live import unplanned
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import MemberPlan, Plan
from tests.plan.building import NAMESPACE, deployment, document, planned

WANTED = NAMESPACE + deployment()
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
CLUSTER_ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"


PAUSED = """
apiVersion: core.kubefed.io/v1beta1
kind: FederatedTypeConfig
metadata: {name: configmaps, namespace: kube-federation-system}
spec:
  targetType: {version: v1, kind: ConfigMap, pluralName: configmaps, scope: Namespaced}
  federatedType: {group: types.kubefed.io, version: v1beta1, kind: FederatedConfigMap, scope: Namespaced}
  propagation: Disabled
---
"""


def live(
    name: str = "old",
    *,
    kind: str = "ConfigMap",
    version: str = "v1",
    namespace: str = "demo",
    managed: str = "true",
    manager: str = "eks-federation",
    **metadata: Any,
) -> dict[str, Any]:
    """An object as a list request returns it."""
    entry = {"manager": manager, "operation": "Apply", "fieldsV1": {"f:data": {}}}
    own = {"name": name, "labels": {"kubefed.io/managed": managed}, "managedFields": [entry], **metadata}
    return {"apiVersion": version, "kind": kind, "metadata": {**own, **({"namespace": namespace} if namespace else {})}}


def entry(name: str = "demo/ConfigMap/old", *, token: str = CONFIG_MAP, orphan: bool = False) -> IndexEntry:
    return IndexEntry(logical_name=f"us-east/{name}", token=token, digest="0", orphan=orphan)


def member(text: str = WANTED, *registered: IndexEntry) -> MemberPlan:
    return made(text, *registered).member("us-east")


def made(text: str, *registered: IndexEntry) -> Plan:
    return planned(text, Observed(registered={"us-east": registered}))


def found(*trees: dict[str, Any], registered: tuple[IndexEntry, ...] = (), text: str = WANTED) -> list[str]:
    some = unplanned.find_unplanned(member(text, *registered), registered, trees)
    return [f"{each.document}{' of the last update' if each.is_registered else ''}" for each in some]


def test_an_object_of_the_last_update_without_a_document_is_named() -> None:
    assert found(live(), registered=(entry(),)) == ["ConfigMap demo/old of the last update"]


def test_an_object_that_no_state_knows_is_named_in_a_namespace_of_the_plan() -> None:
    assert found(live()) == ["ConfigMap demo/old"]


def test_a_namespace_of_the_last_update_counts_like_one_of_the_plan() -> None:
    gone = entry("Namespace/gone", token="kubernetes:core/v1:Namespace")
    trees = (live("gone", kind="Namespace", namespace=""), live(namespace="gone"))
    assert found(*trees, registered=(gone,)) == ["Namespace gone of the last update", "ConfigMap gone/old"]


def test_a_planned_object_is_not_named() -> None:
    assert found(live("web", kind="Deployment", version="apps/v1"), live("demo", kind="Namespace", namespace="")) == []


@pytest.mark.parametrize(
    "tree",
    [
        live(namespace="elsewhere"),
        live("others", kind="ClusterRole", version="rbac.authorization.k8s.io/v1", namespace=""),
        live(manager="kube-controller-manager"),
        live(managed="false"),
        live(managed="touched"),
        live(managedFields=[]),
    ],
    ids=["a namespace of others", "of no namespace", "a copied label", "not to be managed", "touched", "restored"],
)
def test_what_may_be_anothers_is_not_named(tree: dict[str, Any]) -> None:
    assert found(tree) == []


def test_a_cluster_scoped_object_of_the_last_update_is_named() -> None:
    role = live("ours", kind="ClusterRole", version="rbac.authorization.k8s.io/v1", namespace="")
    assert found(role, registered=(entry("ClusterRole/ours", token=CLUSTER_ROLE),)) == [
        "ClusterRole ours of the last update"
    ]


def test_an_orphan_is_left_on_purpose() -> None:
    assert found(live(), registered=(entry(orphan=True),)) == []


def test_an_object_whose_type_is_not_propagated_stays_as_it_is() -> None:
    old = document("FederatedConfigMap", "old", "{template: {data: {a: x}}, placement: {clusterSelector: {}}}")
    assert found(live(), registered=(entry(),), text=WANTED + PAUSED + old) == []


def test_an_object_of_a_kind_with_a_new_version_is_the_planned_one() -> None:
    scaler = document(
        "FederatedHorizontalPodAutoscaler",
        "web",
        "{template: {spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3}}, "
        "placement: {clusterSelector: {}}}",
    )
    old = entry("demo/HorizontalPodAutoscaler/web", token="kubernetes:autoscaling/v1:HorizontalPodAutoscaler")
    tree = live("web", kind="HorizontalPodAutoscaler", version="autoscaling/v1")
    assert found(tree, registered=(old,), text=WANTED + scaler) == []


def test_an_object_that_is_being_deleted_says_so() -> None:
    (one,) = unplanned.find_unplanned(member(), (), [live(deletionTimestamp="2026-01-01T00:00:00Z")])
    assert one.is_going


def test_only_kinds_that_the_plan_lacks_are_listed_beside_its_own() -> None:
    known = (
        entry(),
        entry("demo/Deployment/old", token="kubernetes:apps/v1:Deployment"),
        entry("ClusterRole/ours", token=CLUSTER_ROLE),
        entry("demo/ConfigMap/kept", orphan=True),
    )
    expected = (("rbac.authorization.k8s.io/v1", "ClusterRole", False), ("v1", "ConfigMap", True))
    assert unplanned.types(member(WANTED, *known), known) == expected
    only_orphans = tuple(replace(each, orphan=True) for each in known)
    assert unplanned.types(member(WANTED, *only_orphans), only_orphans) == ()
