"""Count the replicas behind a Service in each member, and scale them to Route53 weights.

The replicas of federated workloads in the Service's namespace count when their pod labels, after overrides, match its
selector in that member. A DaemonSet counts once per node. Overflow does not count: those replicas do not run.
The nodes of a cluster that only joined are unknown, unless they were observed or the config states them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from federation.api.model.dns import IngressDNSRecord, ServiceDNSRecord
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.model.observed import Observed
from federation.plan.objects import pods
from federation.plan.objects.placed_objects import PlacedObject

__all__ = ["HIGHEST", "PodIndex", "listed", "scaled", "why_equal"]

HIGHEST: Final = 255
"""The largest weight that Route53 takes."""

_COUNTED_KINDS: Final = pods.SCALED_KINDS | {"DaemonSet", "Pod"}


class PodIndex:
    """Find the workloads of all members whose pods a selector matches."""

    def __init__(self, placed_objects: Iterable[PlacedObject], members: Members, observed: Observed) -> None:
        self._members = members
        self._observed = observed
        # By member, namespace and one label: a selector is compared only with the pods that have its rarest label.
        self._by_label: dict[tuple[str, str, str, str], list[PlacedObject]] = {}
        # The same without the member: each set of labels once. Built on first use, since it is rarely needed.
        self._by_labels_anywhere: dict[tuple[str, ...], dict[int, Mapping[str, str]]] | None = None
        for placed in placed_objects:
            if placed.kind in _COUNTED_KINDS:
                for key, value in placed.rendered.pod_labels.items():
                    self._by_label.setdefault((placed.member, placed.namespace, key, str(value)), []).append(placed)

    def behind(self, selector: Mapping[str, str], namespace: str, member: str) -> list[tuple[PlacedObject, int]]:
        """The workloads in ``member`` that ``selector`` matches, with their replicas; a selector is never empty."""
        candidates = [self._by_label.get((member, namespace, key, str(value)), []) for key, value in selector.items()]
        fewest = min(candidates, key=len, default=[])
        return [(placed, self._count(placed)) for placed in fewest if _matches(selector, placed.rendered.pod_labels)]

    def knows(self, selector: Mapping[str, str], namespace: str) -> bool:
        """Whether a federated workload of any member, quarantined or not, has pods that ``selector`` matches."""
        if self._by_labels_anywhere is None:
            self._by_labels_anywhere = {}
            for (_, *place), placed_objects in self._by_label.items():
                several = self._by_labels_anywhere.setdefault(tuple(place), {})
                several.update((id(placed.rendered), placed.rendered.pod_labels) for placed in placed_objects)
        candidates = [self._by_labels_anywhere.get((namespace, key, str(value)), {}) for key, value in selector.items()]
        fewest = min(candidates, key=len, default={})
        return any(_matches(selector, labels) for labels in fewest.values())

    def uncounted(self, behind: Iterable[tuple[PlacedObject, int]]) -> list[PlacedObject]:
        """The DaemonSets among ``behind`` in members whose number of nodes is unknown."""
        return [placed for placed, _ in behind if placed.kind == "DaemonSet" and self._nodes(placed.member) is None]

    def _count(self, placed: PlacedObject) -> int:
        if placed.kind == "DaemonSet":
            nodes = self._nodes(placed.member)
            return 1 if nodes is None else nodes
        return 1 if placed.replicas.weighed is None else placed.replicas.weighed

    def _nodes(self, name: str) -> int | None:
        member = self._members.by_name[name]
        if name in self._observed.nodes:
            return self._observed.nodes[name]
        # For a cluster that is not made here, the default says nothing about its real nodes.
        is_set = member.provider == "eks" or "desired" in member.nodes.model_fields_set
        return member.nodes.desired if is_set else None


def why_equal(
    record: ServiceDNSRecord | IngressDNSRecord,
    behind: Mapping[str, Sequence[tuple[PlacedObject, int]]],
    pod_index: PodIndex,
    findings: Findings,
) -> str:
    """Why the workloads ``behind`` a name, by member, cannot be counted; "" when they can. Warns at ``record``."""
    uncounted = [placed for some in behind.values() for placed in pod_index.uncounted(some)]
    given = isinstance(record, ServiceDNSRecord) and record.weights
    equal = "1 as weight where none is given" if given else "equal weights"
    for placed in uncounted:
        message = f"it is not known how many nodes DaemonSet {placed.name} runs on, "
        message += f"so the endpoints of {record.namespace}/{record.name} have {equal}"
        remedy = "run `fed observe`, or write nodes: {desired: ...} for the member"
        findings.in_member(placed.member).warning(record.source, (), message, remedy)
    names = ", ".join(sorted({placed.member for placed in uncounted}))
    return f"it is not known how many nodes a DaemonSet behind it runs on in {names}: weight 1 each" if names else ""


def listed(behind: Sequence[tuple[PlacedObject, int]]) -> str:
    """Workloads with their replicas, for a reason: ``Deployment web 6 + Deployment canary 1 (paused)``."""
    return " + ".join(f"{each.kind} {each.name} {count}{' (paused)' if each.paused else ''}" for each, count in behind)


def scaled(weights: Mapping[str, int]) -> dict[str, int]:
    """Weights that Route53 takes: as they are while none is above 255, else in proportion.

    Non-zero weights are never rounded to 0: a member that has replicas keeps getting requests.
    """
    largest = max(weights.values(), default=0)
    if largest <= HIGHEST:
        return dict(weights)
    return {name: max(1, weight * HIGHEST // largest) if weight else 0 for name, weight in weights.items()}


def _matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.items())
