"""Which type a federated kind stands for."""

import pytest

from federation.api.types import KNOWN, Kinds, plural


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
    found = Kinds().target("FederatedWidget", "example.com/v1")
    assert found is not None
    assert (found.group, found.version, found.kind, found.namespaced) == ("example.com", "v1", "Widget", True)
