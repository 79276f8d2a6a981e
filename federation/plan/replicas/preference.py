"""Apply a ReplicaSchedulingPreference: which members get the workload, and with how many replicas.

The preference replaces the workload's own placement: the workload goes to every member that takes part in the
division, including those with 0 replicas. Which members take part is KubeFed's rule: every available one, or with
``intersectWithClusterSelector`` those that the selectors of the workload and of its namespace match.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from federation.api.model.federated import FederatedObject
from federation.api.model.scheduling import ReplicaSchedulingPreference
from federation.errors import suggestions
from federation.errors.source import PathKey
from federation.plan.model.context import Context
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Distribution
from federation.plan.placement import placement
from federation.plan.placement.placement import Selection
from federation.plan.replicas import distribute, placement_conflicts
from federation.plan.replicas.distribute import WorkloadState
from federation.plan.replicas.prepared import PreparedDocument

__all__ = ["REPLICAS_PATH", "Scheduled", "schedule"]

REPLICAS_PATH: Final = "/spec/replicas"
_NOTHING: Final[Mapping[str, int]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """The members that the workload goes to, including members that are not available, and the division.

    ``computed`` has the counts for the manifests, by member and path. ``absent`` members get no object.
    """

    selection: Selection
    distribution: Distribution
    computed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


def schedule(prepared: PreparedDocument, context: Context) -> Scheduled | None:
    """Divide the preference's replicas; ``None`` without one, or when no member takes part: then it changes nothing,
    as in KubeFed."""
    preference, document, members, findings = prepared.preference, prepared.document, context.members, context.findings
    if preference is None:
        return None
    wanted = _wanted(preference, prepared, members)
    chosen = frozenset(wanted.members)
    candidates = [name for name in members.available if name in chosen]
    if not candidates:
        _report_no_members(preference, members, findings)
        return None
    # Any change replaces a Job, which then begins anew: running replicas and capacity must not change its division.
    relevant = Observed() if document.target.kind == "Job" else context.observed
    capacity = relevant.capacity.get(document.key, _NOTHING)
    current = relevant.current.get(document.key, _NOTHING)
    state = WorkloadState(key=document.key, current=current, capacity=capacity, originals=members.originals)
    distribution = distribute.distribute(preference, candidates, state)
    assigned = distribution.assigned
    selection = placement.within(document, wanted, prepared.around)
    _report_unplaced(preference, distribution, capacity, findings)
    if prepared.around is not None:
        outside = frozenset(assigned).difference(selection.members)
        lost = {name: count for name, count in assigned.items() if count and name in outside}
        _report_stranded(preference, document, lost, findings)
    _report_minimums(preference, candidates, findings)
    running = [name for name in selection.members if assigned.get(name)]
    placement_conflicts.check(document, preference, [members.by_name[name] for name in running], findings)
    # Members with the same number share one mapping: there may be a hundred members for each of many documents.
    numbers = {count: {REPLICAS_PATH: count} for count in set(assigned.values())}
    computed = {name: numbers[count] for name, count in assigned.items()}
    return Scheduled(selection=selection, distribution=distribution, computed=computed)


def _wanted(preference: ReplicaSchedulingPreference, prepared: PreparedDocument, members: Members) -> Selection:
    document, all_members = prepared.document, tuple(members.by_name.values())
    place = preference.source.place("spec")
    if not preference.intersect_with_cluster_selector:
        reason = (f"placed by ReplicaSchedulingPreference {document.key} ({place}): every available member",)
        return Selection(members=tuple(members.by_name), reasons=dict.fromkeys(members.by_name, reason))
    own = placement.select_by_selector(document, all_members, namespace=prepared.namespace)
    note = f"placed by ReplicaSchedulingPreference {document.key} ({place}): members that the selectors match"
    chosen = frozenset(own.members)
    return replace(
        own, reasons={name: (note, *lines) if name in chosen else lines for name, lines in own.reasons.items()}
    )


def _report_no_members(preference: ReplicaSchedulingPreference, members: Members, findings: Findings) -> None:
    path: PathKey = ("spec",)
    message = "no available member takes part, so the preference changes nothing and the workload's own placement holds"
    remedy = f"members: {members}; available: {suggestions.listed(members.available) or 'none'}"
    if preference.intersect_with_cluster_selector:
        path = ("spec", "intersectWithClusterSelector")
        remedy = "label members so that the workload's and the namespace's placement.clusterSelector match; " + remedy
    findings.warning(preference.source, path, message, remedy)


def _report_unplaced(
    preference: ReplicaSchedulingPreference,
    distribution: Distribution,
    capacity: Mapping[str, int],
    findings: Findings,
) -> None:
    if distribution.unplaced <= 0:
        return
    why = "; ".join(_why_no_more(preference, distribution, capacity))
    waiting = sum(distribution.overflow.values())
    overflow = f" ({waiting} of them wait as overflow in {', '.join(distribution.overflow)})" if waiting else ""
    message = f"{distribution.unplaced} of {preference.total_replicas} replicas find no place{overflow}: {why}"
    remedy = "raise maxReplicas, give a weight, or lower totalReplicas"
    findings.warning(preference.source, ("spec", "totalReplicas"), message, remedy)


def _why_no_more(
    preference: ReplicaSchedulingPreference, distribution: Distribution, capacity: Mapping[str, int]
) -> list[str]:
    matched = distribute.preferences_of(preference, list(distribution.replicas))
    lines = []
    for name, count in distribution.replicas.items():
        if name not in matched:
            lines.append(f"{name} has no preference")
            continue
        chosen = matched[name][1]
        if chosen.max_replicas is not None and count >= chosen.max_replicas:
            lines.append(f"{name} is at its maximum {chosen.max_replicas}")
        elif name in capacity and count >= capacity[name]:
            lines.append(f"{name} is at its capacity {capacity[name]}")
        elif not chosen.weight:
            lines.append(f"{name} has weight 0")
    return lines


def _report_stranded(
    preference: ReplicaSchedulingPreference,
    document: FederatedObject,
    lost: Mapping[str, int],
    findings: Findings,
) -> None:
    """Warn of replicas ``lost`` by member, where the namespace does not go."""
    if not lost:
        return
    message = (
        f"{sum(lost.values())} of {preference.total_replicas} replicas are counted for {', '.join(lost)}, "
        f"where namespace {document.namespace} does not go: they run in no member"
    )
    remedy = "set intersectWithClusterSelector: true, give those members maxReplicas: 0, or place the namespace there"
    findings.warning(preference.source, ("spec", "clusters"), message, remedy)


def _report_minimums(preference: ReplicaSchedulingPreference, candidates: list[str], findings: Findings) -> None:
    minimums = sum(chosen.min_replicas for _, chosen in distribute.preferences_of(preference, candidates).values())
    written = sum(chosen.min_replicas for chosen in preference.clusters.values())
    # Where the entries alone exceed the total, reading the document has reported it already.
    if minimums > preference.total_replicas >= written:
        message = f"the minimums of the members that take part add up to {minimums}, more than totalReplicas"
        findings.warning(preference.source, ("spec", "totalReplicas"), message, "lower the minimums or raise the total")
