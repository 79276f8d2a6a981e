"""Divide a preference's replicas over members.

``distribute`` matches members with preferences, passes the division to the strategy that the preference names, and
keeps the reason of every number. It validates nothing: the checks find faults before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from federation.api.model.scheduling import ClusterPreference, ReplicaSchedulingPreference
from federation.plan.model.plan import Distribution
from federation.plan.replicas.division import DivisionRequest, Share, Strategy
from federation.plan.replicas.kubefed import KubefedStrategy
from federation.plan.replicas.monotone import MonotoneStrategy

__all__ = ["EVERY_MEMBER", "STRATEGIES", "WorkloadState", "distribute", "preferences_of"]

EVERY_MEMBER = "*"

STRATEGIES: Mapping[str, Strategy] = MappingProxyType({"kubefed": KubefedStrategy(), "monotone": MonotoneStrategy()})

_UNMATCHED = ("no preference matches, and there is none for every member (*): 0",)
_EQUAL_SHARES: Mapping[str, ClusterPreference] = MappingProxyType({EVERY_MEMBER: ClusterPreference(weight=1)})


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadState:
    """What a division depends on beside the preference.

    ``current`` and ``capacity`` are replicas by member, for those members where they are known. ``key`` is the
    workload's ``namespace/name``: with strategy ``kubefed`` it decides the order among members of equal weight.
    ``originals`` has the first names of renamed members, which stand for them in that order.
    """

    key: str = ""
    current: Mapping[str, int] = field(default_factory=dict)
    capacity: Mapping[str, int] = field(default_factory=dict)
    originals: Mapping[str, str] = field(default_factory=dict)


_UNKNOWN_STATE: Final = WorkloadState()


def distribute(
    preference: ReplicaSchedulingPreference, members: Sequence[str], state: WorkloadState = _UNKNOWN_STATE
) -> Distribution:
    """Divide ``preference.total_replicas`` over ``members``, in whichever order they come."""
    names = sorted(set(members))
    matched = preferences_of(preference, names)
    shares = tuple(_share(name, chosen, state) for name, (_, chosen) in matched.items())
    request = DivisionRequest(
        total=preference.total_replicas, shares=shares, rebalance=preference.rebalance, key=state.key
    )
    division = STRATEGIES[preference.strategy].divide(request)
    replicas = {name: division.replicas.get(name, 0) for name in names}
    entry_reasons = _entries(preference, matched)
    return Distribution(
        replicas=replicas,
        overflow=dict(sorted(division.overflow.items())),
        unplaced=preference.total_replicas - sum(replicas.values()),
        reasons=dict.fromkeys(names, _UNMATCHED)
        | {name: (entry_reasons[entry], *division.reasons[name]) for name, (entry, _) in matched.items()},
        order=tuple(division.reasons),
    )


def _share(member: str, chosen: ClusterPreference, state: WorkloadState) -> Share:
    return Share(
        member=member,
        weight=chosen.weight,
        minimum=chosen.min_replicas,
        maximum=chosen.max_replicas,
        capacity=state.capacity.get(member),
        current=state.current.get(member),
        original=state.originals.get(member, ""),
    )


def preferences_of(
    preference: ReplicaSchedulingPreference, names: Sequence[str]
) -> dict[str, tuple[str, ClusterPreference]]:
    """The entry (its key and value) that holds for each of ``names``: its own, else ``"*"``; absent without either.

    Nothing is inherited from ``"*"``: a member's own entry without a weight has weight 0.
    """
    clusters = preference.clusters or _EQUAL_SHARES
    matched = {}
    for name in names:
        entry = name if name in clusters else EVERY_MEMBER
        if entry in clusters:
            matched[name] = (entry, clusters[entry])
    return matched


def _entries(
    preference: ReplicaSchedulingPreference, matched: Mapping[str, tuple[str, ClusterPreference]]
) -> dict[str, str]:
    """One line for each entry with a matching member, shared by all members that match it."""
    lines: dict[str, str] = {}
    for entry, chosen in matched.values():
        if entry in lines:
            continue
        if not preference.clusters:
            lines[entry] = f"spec.clusters is empty ({preference.source.place('spec')}): weight 1 each"
            continue
        place = preference.source.place("spec", "clusters", entry)
        limits = f"weight {chosen.weight}, min {chosen.min_replicas}"
        if chosen.max_replicas is not None:
            limits += f", max {chosen.max_replicas}"
        lines[entry] = f'preference "{entry}" ({place}): {limits}'
    return lines
