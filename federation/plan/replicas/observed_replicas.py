"""How many replicas of a workload run in a member, and how many can it take?

KubeFed's rule: where as many are ready as the object asks for, they run and nothing is known of a limit. Otherwise its
pods are looked at: those that run and are ready are what runs, and as many as cannot be scheduled for a minute are what
the member has no room for. KubeFed counts a running pod as ready when it *has* the condition Ready, whatever its value,
so that pods that fail their probes keep a member's replicas from moving. That is a mistake, and is not followed here:
the condition must be true.

Pure: live objects come in as the API server gave them, and so does the time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.plan.model.trees import mapping, mappings

__all__ = ["OBSERVED_KINDS", "ObservedReplicas", "from_pods", "from_status"]

OBSERVED_KINDS: Final = frozenset({"Deployment", "ReplicaSet", "StatefulSet"})
"""Kinds whose division goes by what runs. A Job's does not: any change replaces it, and it would begin anew."""

_PATIENCE: Final = timedelta(seconds=60)  # as in KubeFed: a pod may wait for a moment without meaning anything


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedReplicas:
    """What was seen of one workload in one member: replicas that run and are ready, and the most that it can take
    (``None``: no limit is known)."""

    current: int
    capacity: int | None = None


def from_status(live: Tree) -> ObservedReplicas | None:
    """What the object itself tells; ``None`` when its pods have to be looked at."""
    ready = mapping(live.get("status")).get("readyReplicas") or 0
    return ObservedReplicas(current=ready) if ready == _asked_for(live) else None


def from_pods(live: Tree, pods: Iterable[Tree], now: datetime) -> ObservedReplicas:
    """What the object's ``pods`` tell. ``now`` has a time zone."""
    current = waiting = 0
    for pod in pods:
        status = mapping(pod.get("status"))
        conditions = mappings(status.get("conditions"))
        if status.get("phase") == "Running":
            current += any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)
        else:
            waiting += any(_finds_no_room(each, now) for each in conditions)
    return ObservedReplicas(current=current, capacity=max(0, _asked_for(live) - waiting) if waiting else None)


def _asked_for(live: Tree) -> Any:
    count = mapping(live.get("spec")).get("replicas")
    return 1 if count is None else count


def _finds_no_room(condition: Tree, now: datetime) -> bool:
    if (condition.get("type"), condition.get("status"), condition.get("reason")) != (
        "PodScheduled",
        "False",
        "Unschedulable",
    ):
        return False
    since = condition.get("lastTransitionTime")
    return isinstance(since, str) and now - datetime.fromisoformat(since) > _PATIENCE
