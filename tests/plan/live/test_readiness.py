"""The readiness of a live object, read from its status."""

from typing import Any

import pytest

from federation.plan.live import readiness

DONE = {"observedGeneration": 2, "readyReplicas": 3, "updatedReplicas": 3}


def live(kind: str, status: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"generation": 2, **others}, "spec": {"replicas": 3}, "status": status}


def condition(type_: str, status: str, reason: str) -> dict[str, Any]:
    return {"conditions": [{"type": type_, "status": status, "reason": reason}]}


CASES: list[tuple[dict[str, Any], tuple[int | None, int | None], str]] = [
    (live("Deployment", DONE), (3, 3), ""),
    (live("Deployment", DONE | {"readyReplicas": 1}), (1, 3), ""),
    (live("Deployment", DONE | {"observedGeneration": 1}), (3, 3), "its controller has not seen the last change"),
    (live("Deployment", DONE | {"updatedReplicas": 1}), (3, 3), "1 of 3 replicas are updated"),
    (
        live("Deployment", DONE | condition("Progressing", "False", "ProgressDeadlineExceeded")),
        (3, 3),
        "ProgressDeadlineExceeded",
    ),
    (live("Deployment", DONE, deletionTimestamp="now"), (3, 3), "is being deleted"),
    (
        live("ConfigMap", {}, deletionTimestamp="now", finalizers=["a/b"]),
        (None, None),
        "is being deleted; finalizers left: a/b",
    ),
    (live("StatefulSet", {"observedGeneration": 2}), (0, 3), ""),
    (
        live("DaemonSet", {"observedGeneration": 2, "desiredNumberScheduled": 2, "numberReady": 1}),
        (1, 2),
        "",
    ),
    (live("Job", condition("Failed", "True", "BackoffLimitExceeded")), (None, None), "failed: BackoffLimitExceeded"),
    (live("Job", {"active": 1}), (None, None), ""),
    (live("CustomResourceDefinition", condition("Established", "True", "x")), (None, None), ""),
    (live("CustomResourceDefinition", {}), (None, None), "is not established"),
    (live("PersistentVolumeClaim", {"phase": "Pending"}), (None, None), ""),
    (live("PersistentVolumeClaim", {"phase": "Lost"}), (None, None), "its volume is lost"),
    (live("ConfigMap", {}), (None, None), ""),
]


@pytest.mark.parametrize(("tree", "counts", "problem"), CASES)
def test_readiness_is_what_the_status_says(
    tree: dict[str, Any], counts: tuple[int | None, int | None], problem: str
) -> None:
    found = readiness.read_readiness(tree)
    assert (found.ready, found.desired) == counts
    assert found.problem == problem
