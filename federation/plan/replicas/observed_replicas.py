"""Count the replicas of a workload that run in a member, and estimate how many it can take.

The rule is KubeFed's. Where as many replicas are ready as the object requests, they all run, and no limit is known.
Otherwise the pods are counted: ready running pods are the current replicas, and pods that could not be scheduled for a
minute are those that the member has no room for.

KubeFed counts a running pod as ready when it *has* the condition Ready, whatever its value. Pods that fail their probes
then keep a member's replicas from moving. That is a mistake and is not copied here: the condition must be true.

The functions are pure: live objects come in as the API server gave them, and so does the time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.plan.model.trees import mapping, mappings

__all__ = ["OBSERVED_KINDS", "ObservedReplicas", "from_pods", "from_status"]

OBSERVED_KINDS: Final = frozenset({"Deployment", "ReplicaSet", "StatefulSet"})
"""Kinds whose division depends on running replicas. A Job's does not: any change would replace the Job."""

# As in KubeFed: a short wait of a pod does not mean that the member is full.
_UNSCHEDULABLE_AFTER: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedReplicas:
    """The observed replicas of one workload in one member: how many run and are ready, and the most that it can take
    (``None``: no limit is known)."""

    current: int
    capacity: int | None = None


def from_status(live: Tree) -> ObservedReplicas | None:
    """The observed replicas by the object's own status; ``None`` when its pods have to be counted."""
    ready = mapping(live.get("status")).get("readyReplicas") or 0
    return ObservedReplicas(current=ready) if ready == _requested(live) else None


def from_pods(live: Tree, pods: Iterable[Tree], now: datetime) -> ObservedReplicas:
    """The observed replicas by the object's ``pods``. ``now`` has a time zone."""
    current = waiting = 0
    for pod in pods:
        status = mapping(pod.get("status"))
        conditions = mappings(status.get("conditions"))
        if status.get("phase") == "Running":
            current += any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)
        else:
            waiting += any(_is_unschedulable(each, now) for each in conditions)
    return ObservedReplicas(current=current, capacity=max(0, _requested(live) - waiting) if waiting else None)


def _requested(live: Tree) -> Any:
    count = mapping(live.get("spec")).get("replicas")
    return 1 if count is None else count


def _is_unschedulable(condition: Tree, now: datetime) -> bool:
    if (condition.get("type"), condition.get("status"), condition.get("reason")) != (
        "PodScheduled",
        "False",
        "Unschedulable",
    ):
        return False
    since = condition.get("lastTransitionTime")
    return isinstance(since, str) and now - datetime.fromisoformat(since) > _UNSCHEDULABLE_AFTER
