"""Which type a federated kind stands for."""

import pytest

from federation.api.model.types import KNOWN, Kinds, plural
from federation.api.reading.loading import parse
from federation.errors.fault import FaultsFoundError


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Deployment", "deployments"),
        ("Ingress", "ingresses"),
        ("NetworkPolicy", "networkpolicies"),
        ("Mailbox", "mailboxes"),
        ("Quiz", "quizes"),
        ("Photo", "photoes"),
        ("Batch", "batches"),
        ("Mesh", "meshes"),
        ("Endpoints", "endpoints"),
        ("StorageClass", "storageclasses"),
    ],
)
def test_plurals_follow_kubefeds_rule(kind: str, expected: str) -> None:
    assert plural(kind) == expected


@pytest.mark.parametrize(
    ("kind", "api_version", "namespaced"),
    [
        ("Namespace", "v1", False),
        ("Deployment", "apps/v1", True),
        ("CronJob", "batch/v1", True),
        ("HorizontalPodAutoscaler", "autoscaling/v2", True),
        ("PodDisruptionBudget", "policy/v1", True),
        ("ClusterRoleBinding", "rbac.authorization.k8s.io/v1", False),
        ("CustomResourceDefinition", "apiextensions.k8s.io/v1", False),
        ("PersistentVolumeClaim", "v1", True),
    ],
)
def test_usual_types_are_known(kind: str, api_version: str, *, namespaced: bool) -> None:
    assert KNOWN[kind].api_version == api_version
    assert KNOWN[kind].namespaced is namespaced
    assert Kinds().target(f"Federated{kind}", "") == KNOWN[kind]


def test_a_kind_that_is_not_known_needs_its_version() -> None:
    assert Kinds().target("FederatedWidget", "") is None
    target = Kinds().target("FederatedWidget", "example.com/v1")
    assert target is not None
    assert (target.group, target.version, target.kind, target.namespaced) == ("example.com", "v1", "Widget", True)


KNATIVE = """
apiVersion: core.kubefed.io/v1beta1
kind: FederatedTypeConfig
metadata: {name: services.serving.knative.dev, namespace: kube-federation-system}
spec:
  targetType: {group: serving.knative.dev, version: v1, kind: Service, pluralName: services, scope: Namespaced}
  federatedType: {group: types.knative.dev, version: v1beta1, kind: FederatedService, scope: Namespaced}
  propagation: Enabled
---
"""
SERVICE = """
apiVersion: %s/v1beta1
kind: FederatedService
metadata: {name: %s, namespace: demo}
spec: {template: {spec: {}}, placement: {clusterSelector: {}}}
---
"""


def test_one_federated_kind_may_stand_for_several_types_in_groups_of_its_own() -> None:
    text = KNATIVE + SERVICE % ("types.kubefed.io", "web") + SERVICE % ("types.knative.dev", "app")
    targets = {each.name: each.target.api_version for each in parse(text, "a.yaml").federated}
    assert targets == {"web": "v1", "app": "serving.knative.dev/v1"}


def test_a_type_config_of_another_group_leaves_the_checks_of_the_usual_kind() -> None:
    wrong = (SERVICE % ("types.kubefed.io", "web")).replace("template: {", "template: {apiVersion: apps/v1, ")
    with pytest.raises(FaultsFoundError, match='"apps/v1" has no Service'):
        parse(KNATIVE + wrong, "a.yaml")
