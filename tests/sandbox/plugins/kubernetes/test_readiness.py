"""When an object is ready."""

from typing import Any

import pytest

from sandbox.plugins.kubernetes.readiness import Beside, complaints, glance, judge

Tree = dict[str, Any]


def live(kind: str, spec: Tree, status: Tree, generation: int = 2) -> Tree:
    """A live object, at its second generation, that its controller has seen."""
    groups = {
        "Job": "batch/v1",
        "Ingress": "networking.k8s.io/v1",
        "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    }
    version = groups.get(kind, "apps/v1" if kind.endswith(("Set", "Deployment")) else "v1")
    status = {"observedGeneration": 2} | status
    return {"apiVersion": version, "kind": kind, "metadata": {"generation": generation}, "spec": spec, "status": status}


def condition(kind: str, status: str = "True", **more: str) -> Tree:
    """A status with one condition."""
    return {"conditions": [{"type": kind, "status": status, **more}]}


ROLLED_OUT: Tree = {"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}
SERVING = Beside(slices=[{"endpoints": [{"conditions": {"ready": True}}]}])
NOT_SERVING = Beside(slices=[{"endpoints": [{"conditions": {"ready": False}}]}])
BALANCED: Tree = {"loadBalancer": {"ingress": [{"hostname": "x"}]}}


@pytest.mark.parametrize(
    ("kind", "spec", "status"),
    [
        ("Deployment", {"replicas": 3}, ROLLED_OUT),
        ("Deployment", {"replicas": 0}, {}),
        ("Deployment", {"replicas": 3, "paused": True}, {}),
        ("StatefulSet", {"replicas": 2}, {"readyReplicas": 2, "updatedReplicas": 2}),
        ("StatefulSet", {"replicas": 2, "updateStrategy": {"type": "OnDelete"}}, {"readyReplicas": 2}),
        ("StatefulSet", {"replicas": 2, "updateStrategy": {"rollingUpdate": {"partition": 2}}}, {"readyReplicas": 2}),
        ("DaemonSet", {}, {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2}),
        ("DaemonSet", {}, {"desiredNumberScheduled": 0}),
        ("Job", {}, condition("Complete")),
        ("Job", {"suspend": True}, {}),
        ("Pod", {}, condition("Ready")),
        ("Pod", {}, {"phase": "Succeeded"}),
        ("Service", {"type": "ClusterIP"}, {}),
        ("Service", {"type": "ClusterIP", "clusterIP": "None", "selector": {"a": "b"}}, {}),
        ("Service", {"type": "LoadBalancer"}, BALANCED),
        ("Ingress", {}, BALANCED),
        ("CustomResourceDefinition", {}, condition("Established")),
        ("ConfigMap", {}, {}),
    ],
)
def test_it_is_ready(kind: str, spec: Tree, status: Tree) -> None:
    assert judge(live(kind, spec, status)).status == "ready"


@pytest.mark.parametrize(
    ("kind", "spec", "status", "reason"),
    [
        ("Deployment", {"replicas": 3}, ROLLED_OUT | {"observedGeneration": 1}, "has not been noticed"),
        ("Deployment", {"replicas": 3}, ROLLED_OUT | {"updatedReplicas": 1}, "1 of 3 pods have been updated"),
        ("Deployment", {"replicas": 3}, ROLLED_OUT | {"replicas": 4}, "1 old pods have not ended"),
        ("Deployment", {"replicas": 3}, ROLLED_OUT | {"availableReplicas": 2}, "2 of 3 pods are available"),
        ("StatefulSet", {"replicas": 2}, {"readyReplicas": 1}, "1 of 2 pods are ready"),
        ("StatefulSet", {"replicas": 2}, {"readyReplicas": 2}, "0 of 2 pods have been updated"),
        ("DaemonSet", {}, {"desiredNumberScheduled": 2, "updatedNumberScheduled": 1}, "1 of 2 pods have been updated"),
        ("Job", {"completions": 4}, {"succeeded": 1}, "1 of 4 completions"),
        ("Pod", {}, {"phase": "Pending"}, "the pod is Pending"),
        ("Service", {"selector": {"a": "b"}}, {}, "no ready pods"),
        ("Service", {"type": "LoadBalancer"}, {}, "no load balancer address"),
        ("Ingress", {}, {}, "no load balancer address"),
        ("PersistentVolumeClaim", {}, {"phase": "Pending"}, "not bound"),
        ("CustomResourceDefinition", {}, {}, "not established"),
    ],
)
def test_it_waits_and_says_for_what(kind: str, spec: Tree, status: Tree, reason: str) -> None:
    verdict = judge(live(kind, spec, status))
    assert verdict.status == "waiting"
    assert reason in verdict.reasons[0]


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        ("Deployment", condition("Progressing", "False", reason="ProgressDeadlineExceeded", message="slow"), "slow"),
        ("Job", condition("Failed", reason="BackoffLimitExceeded", message="6 times"), "BackoffLimitExceeded: 6 times"),
        ("Pod", {"phase": "Failed", "message": "evicted"}, "evicted"),
        ("CustomResourceDefinition", condition("NamesAccepted", "False", message="taken"), "taken"),
    ],
)
def test_it_failed_for_good(kind: str, status: Tree, reason: str) -> None:
    verdict = judge(live(kind, {}, status))
    assert verdict.status == "failed"
    assert reason in verdict.reasons[0]


@pytest.mark.parametrize(("beside", "expected"), [(SERVING, "ready"), (NOT_SERVING, "waiting"), (Beside(), "waiting")])
def test_a_service_needs_a_ready_pod_behind_it(beside: Beside, expected: str) -> None:
    assert judge(live("Service", {"selector": {"a": "b"}}, {}), beside).status == expected


@pytest.mark.parametrize(
    ("mode", "expected"), [("WaitForFirstConsumer", "ready"), ("none", "ready"), ("Immediate", "waiting")]
)
def test_a_claim_that_waits_for_its_first_consumer_is_not_waited_for(mode: str, expected: str) -> None:
    assert judge(live("PersistentVolumeClaim", {}, {"phase": "Pending"}), Beside(binding_mode=mode)).status == expected


def test_a_refresh_looks_at_the_object_alone() -> None:
    assert glance(live("Service", {"selector": {"a": "b"}}, {})).status == "ready"
    assert glance(live("Service", {"selector": {"a": "b"}, "type": "LoadBalancer"}, {})).status == "waiting"


def test_what_keeps_pods_from_being_ready_is_listed_once() -> None:
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
    starting = {"waiting": {"reason": "ContainerCreating"}}
    pods: list[Tree] = [
        {"metadata": {"name": "a"}, "status": {"containerStatuses": [{"name": "web", "state": waiting}] * 2}},
        {"metadata": {"name": "b"}, "status": {"containerStatuses": [{"name": "web", "state": starting}]}},
        {
            "metadata": {"name": "c"},
            "status": condition("PodScheduled", "False", reason="Unschedulable", message="full"),
        },
    ]
    assert complaints(pods) == [
        "[Pod a]: container web: ImagePullBackOff: no such image",
        "[Pod c]: Unschedulable: full",
    ]
