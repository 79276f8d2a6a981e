"""How many replicas stand behind a Service in each member, and what does Route53 get for them?

Counted are the replicas of the federated workloads in the Service's namespace whose pod labels, after overrides, match
its selector in that member; of a DaemonSet one for each node. Overflow is not counted: those replicas do not run.
Of a cluster that has merely joined nobody knows the nodes, unless they were observed or are written down.
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
    """The pods of all members, to be asked which of them a selector matches."""

    def __init__(self, drafts: Iterable[PlacedObject], roster: Members, observed: Observed) -> None:
        self._roster = roster
        self._observed = observed
        # By member, namespace and one label: a selector asks only for those that hold its rarest one.
        self._by_label: dict[tuple[str, str, str, str], list[PlacedObject]] = {}
        # The same without the member, asked for rarely: each set of labels once.
        self._known: dict[tuple[str, ...], dict[int, Mapping[str, str]]] | None = None
        for draft in drafts:
            if draft.kind in _COUNTED_KINDS:
                for key, value in draft.rendered.pod_labels.items():
                    self._by_label.setdefault((draft.member, draft.namespace, key, str(value)), []).append(draft)

    def behind(self, selector: Mapping[str, str], namespace: str, member: str) -> list[tuple[PlacedObject, int]]:
        """The workloads in ``member`` that ``selector`` matches, with their replicas; a selector is never empty."""
        candidates = [self._by_label.get((member, namespace, key, str(value)), []) for key, value in selector.items()]
        fewest = min(candidates, key=len, default=[])
        return [(draft, self._count(draft)) for draft in fewest if _matches(selector, draft.rendered.pod_labels)]

    def knows(self, selector: Mapping[str, str], namespace: str) -> bool:
        """Whether a federated workload makes pods that ``selector`` matches, in whatever member, held or not."""
        if self._known is None:
            self._known = {}
            for (_, *place), drafts in self._by_label.items():
                several = self._known.setdefault(tuple(place), {})
                several.update((id(draft.rendered), draft.rendered.pod_labels) for draft in drafts)
        candidates = [self._known.get((namespace, key, str(value)), {}) for key, value in selector.items()]
        fewest = min(candidates, key=len, default={})
        return any(_matches(selector, labels) for labels in fewest.values())

    def uncounted(self, behind: Iterable[tuple[PlacedObject, int]]) -> list[PlacedObject]:
        """Those of ``behind`` that have a pod on each node of a member whose nodes nobody has counted."""
        return [draft for draft, _ in behind if draft.kind == "DaemonSet" and self._nodes(draft.member) is None]

    def _count(self, draft: PlacedObject) -> int:
        if draft.kind == "DaemonSet":
            nodes = self._nodes(draft.member)
            return 1 if nodes is None else nodes
        return 1 if draft.counted is None else draft.counted

    def _nodes(self, name: str) -> int | None:
        member = self._roster.members[name]
        if name in self._observed.nodes:
            return self._observed.nodes[name]
        # Of a cluster that is not made here, the default is nothing but a default.
        is_told = member.provider == "eks" or "desired" in member.nodes.model_fields_set
        return member.nodes.desired if is_told else None


def why_equal(
    record: ServiceDNSRecord | IngressDNSRecord,
    behind: Mapping[str, Sequence[tuple[PlacedObject, int]]],
    crowd: PodIndex,
    findings: Findings,
) -> str:
    """Why what stands ``behind`` a name, by member, cannot be counted; "" when it can. It is said for ``record``."""
    uncounted = [draft for some in behind.values() for draft in crowd.uncounted(some)]
    given = isinstance(record, ServiceDNSRecord) and record.weights
    equal = "1 as weight where none is given" if given else "equal weights"
    for draft in uncounted:
        message = f"nobody knows how many nodes DaemonSet {draft.name} runs on, "
        message += f"so the answers for {record.namespace}/{record.name} have {equal}"
        remedy = "run `fed observe`, or write nodes: {desired: ...} for the member"
        findings.warning(record.source, (), message, remedy, member=draft.member)
    names = ", ".join(sorted({draft.member for draft in uncounted}))
    return f"nobody knows how many nodes a DaemonSet behind it runs on in {names}: weight 1 each" if names else ""


def listed(behind: Sequence[tuple[PlacedObject, int]]) -> str:
    """Workloads with their replicas, for a reason: ``Deployment web 6 + Deployment canary 1 (rests)``."""
    return " + ".join(f"{each.kind} {each.name} {count}{' (rests)' if each.resting else ''}" for each, count in behind)


def scaled(weights: Mapping[str, int]) -> dict[str, int]:
    """Weights that Route53 takes: as they are while none is above 255, else in proportion.

    None but a 0 becomes 0: a member that has replicas keeps getting requests.
    """
    largest = max(weights.values(), default=0)
    if largest <= HIGHEST:
        return dict(weights)
    return {name: max(1, weight * HIGHEST // largest) if weight else 0 for name, weight in weights.items()}


def _matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.items())
