"""How many replicas stand behind a Service in each member, and what does Route53 get for them?

Counted are the replicas of the federated workloads in the Service's namespace whose pod labels, after overrides, match
its selector in that member; of a DaemonSet one for each node. Overflow is not counted: those replicas do not run.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from federation.plan import pods
from federation.plan.drafts import Draft
from federation.plan.observed import Observed
from federation.plan.roster import Roster

__all__ = ["HIGHEST", "Crowd", "listed", "scaled"]

HIGHEST: Final = 255
"""The largest weight that Route53 takes."""

_COUNTED_KINDS: Final = pods.SCALED_KINDS | {"DaemonSet", "Pod"}


class Crowd:
    """The pods of all members, to be asked which of them a selector matches."""

    def __init__(self, drafts: Iterable[Draft], roster: Roster, observed: Observed) -> None:
        self._roster = roster
        self._observed = observed
        # By member, namespace and one label: a selector asks only for those that hold its rarest one.
        self._by_label: dict[tuple[str, str, str, str], list[Draft]] = {}
        # The same without the member, asked for rarely: each set of labels once.
        self._known: dict[tuple[str, ...], dict[int, Mapping[str, str]]] | None = None
        for draft in drafts:
            if draft.kind in _COUNTED_KINDS:
                for key, value in draft.rendered.pod_labels.items():
                    self._by_label.setdefault((draft.member, draft.namespace, key, str(value)), []).append(draft)

    def behind(self, selector: Mapping[str, str], namespace: str, member: str) -> list[tuple[Draft, int]]:
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

    def _count(self, draft: Draft) -> int:
        if draft.kind == "DaemonSet":
            nodes = self._observed.nodes.get(draft.member)
            return self._roster.members[draft.member].nodes.desired if nodes is None else nodes
        return 1 if draft.counted is None else draft.counted


def listed(behind: Sequence[tuple[Draft, int]]) -> str:
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
