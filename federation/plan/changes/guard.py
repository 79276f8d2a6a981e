"""Refuse a plan that removes more than the set limits allow.

A file deleted by mistake, a typing error in a selector, a member missing from the config: each gives a valid plan that
ends in an outage. So the plan's removals are compared with the state, and refused beyond the limits.

A move is not an accident if a member is lost, comes back, or is taken out by name. It does not count as long as the
remaining members together get at least what they had: failing over, and coming back, must never be refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from federation.api.model.members import FederationSettings
from federation.errors.fault import Fault, Place
from federation.plan.changes import (
    cluster_identity,
    diff,
    losses,
    named_objects,
    quarantine,
    renamed_documents,
    renames,
    roles,
    unjoining,
)
from federation.plan.changes.cluster_identity import Replaced
from federation.plan.changes.diff import ObjectChange
from federation.plan.changes.losses import Loss
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan

__all__ = ["KEY", "refusals"]

KEY = "eks-federation:guard"
_FOLLOWING = ("HorizontalPodAutoscaler", "Job")  # a member gets these only where it has replicas
_ONCE = "or let this one update pass with `fed up --no-guard` (EKS_FEDERATION_GUARD=off)"
_ALLOW_ONCE = "or for this one update with `fed up --allow {target}` (EKS_FEDERATION_ALLOW)"


def refusals(federation: FederationSettings, plan: Plan, observed: Observed) -> tuple[Fault, ...]:
    """The reasons why ``plan`` must not be carried out, sorted; empty if it may, and before a first update.

    Each says what would be removed, how much of it, what the limit is and what to do.
    """
    locked_out = [_locked_out(plan, each) for each in roles.changed(federation, observed)]
    if observed.registered is None:
        return tuple(locked_out)
    guard = _Guard(federation, plan, observed)
    found = [*guard.emptied(), *guard.namespaces(), *guard.last_replicas(), *guard.moved(), *guard.removed()]
    found += [*guard.losses(), *guard.renamed(), *unjoining.refused(federation, plan, observed)]
    return tuple(sorted([*locked_out, *found, *guard.replaced(cluster_identity.refused(federation, observed))]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """Members by their role in the comparison.

    ``counted`` can lose something. ``excused`` were just lost, or may be emptied. ``returned`` were quarantined until
    now.
    """

    counted: frozenset[str]
    excused: frozenset[str]
    returned: frozenset[str]
    available: frozenset[str]

    @classmethod
    def from_observed(cls, federation: FederationSettings, plan: Plan, observed: Observed) -> "_Sides":
        standing, before = frozenset(observed.registered or ()), frozenset(observed.quarantined_before)
        available = frozenset(member.name for member in plan.members if member.available)
        lost = frozenset(member.name for member in plan.members if not member.available)
        excused = (lost | frozenset(federation.plan.unjoin)) - before
        return cls(
            counted=standing - before - lost - excused,
            excused=excused,
            returned=before & available,
            available=available,
        )


class _Guard:
    def __init__(self, federation: FederationSettings, plan: Plan, observed: Observed) -> None:
        self._federation, self._plan, self._observed = federation, plan, observed
        self._settings = federation.guard
        self._renamed = renames.suspected(federation, observed)
        self._new = [member.name for member in renames.newcomers(federation, observed)]
        self._stack = plan.stack
        self._sides = _Sides.from_observed(federation, plan, observed)
        self._regions = {member.name: member.region or member.name for member in plan.members}
        changes = diff.find_changes(plan, observed.registered).changes
        self._changes = [each for each in changes if not self._is_allowed(each)]
        self._new_documents = renamed_documents.pairs(changes)
        self._by_member = _grouped((each.member, each) for each in changes)
        self._by_document = _grouped((each.document, each) for each in self._changes)
        self._moving = frozenset(name for name, some in self._by_document.items() if self._is_moving(some))
        self._emptied = frozenset(name for name, some in self._by_member.items() if self._is_emptied(name, some))

    def emptied(self) -> Iterable[Fault]:
        """Members that would lose all their objects, or that are taken out."""
        for name in sorted(self._emptied - {each.before for each in self._renamed}):
            if name in self._sides.available and all(map(self._is_allowed, self._by_member[name])):
                continue
            count = len([each for each in self._by_member[name] if each.change != "create"])
            why = "is emptied" if name in self._sides.available else "is no longer a member"
            message = f"{name} {why}: all of its {count} objects would be removed"
            if name in self._observed.clusters_before and name not in self._regions:
                message += ", with its EKS cluster, network and nodes, and whatever else runs there"
            message += " (limit: none may be emptied)"
            yield self._fault(message, f"{self._if_renamed(name)}name it under plan: {{unjoin: [{name}]}}")

    def _if_renamed(self, name: str) -> str:
        """The first remedy when a member has left and another one is new."""
        if not self._new or name in self._sides.available:
            return ""
        new = quarantine.listed(self._new)
        return f"write formerNames: [{name}] under the member that it has become ({new}), or else "

    def namespaces(self) -> Iterable[Fault]:
        """Namespaces that would be deleted together with our objects in them."""
        gone = [each for each in self._changes if each.deleted and each.entry.kind == "Namespace"]
        by_name = _grouped((each.entry.name, each) for each in gone if each.member in self._regions)
        for name, some in sorted(by_name.items()):
            members = [each.member for each in some if each.member not in self._sides.excused]
            inside = [each for member in members for each in self._by_member[member] if each.entry.namespace == name]
            count = len([each for each in inside if each.change != "create"])
            if count:
                message = (
                    f"namespace {name} would be deleted in {quarantine.listed(members)}, with {count} objects in it "
                )
                message += "and whatever else it holds (limit: no namespace that holds objects)"
                yield self._allowable(message, f"Namespace/{name}")

    def last_replicas(self) -> Iterable[Fault]:
        """Regions that would lose all replicas of a workload that still runs in other regions."""
        found: dict[str, list[tuple[str, int]]] = {}
        for name, some in sorted(self._by_document.items()):
            goes_on = any(each.change not in ("remove", "kept") for each in some)
            if goes_on and name not in self._moving:
                for region, count in self._lost_regions(some).items():
                    found.setdefault(region, []).append((name, count))
        for region, lost in sorted(found.items()):
            shown = quarantine.listed([f"{name} ({count} before)" for name, count in lost])
            message = f"the last replicas in {region} would go of {shown} (limit: one stays in each region)"
            yield self._allowable(message, *(name for name, _ in lost))

    def moved(self) -> Iterable[Fault]:
        """More than a set share of all replicas would leave their members."""
        counted = [each for each in self._changes if each.member in self._sides.counted]
        total = sum(each.before or 0 for each in counted)
        lost = sum(_lost(each) for each in counted if each.document not in self._moving)
        limit = self._settings.max_moved_share
        if lost > max(self._settings.floor, limit * total):
            message = f"{lost} of {total} replicas ({lost / total:.0%}) would leave the members they run in"
            yield self._fault(f"{message} (limit: {limit:.0%})", "raise guard: {maxMovedShare: ...}")

    def removed(self) -> Iterable[Fault]:
        """More than a set share of all objects would be removed."""
        counted = self._sides.counted | self._sides.returned
        standing = [each for each in self._changes if each.member in counted and each.change != "create"]
        gone = [each for each in standing if each.deleted and each.document not in self._moving]
        limit = self._settings.max_removed_share
        if len(gone) > max(self._settings.floor, limit * len(standing)):
            share = f"{len(gone)} of {len(standing)} objects ({len(gone) / len(standing):.0%})"
            remedy = "raise guard: {maxRemovedShare: ...}"
            for before in sorted({each.document for each in gone} & self._new_documents.keys())[:1]:
                remedy = f"{remedy}; {renamed_documents.safe_way(before, self._new_documents[before])}"
            yield self._fault(f"{share} would be removed (limit: {limit:.0%})", remedy)

    def losses(self) -> Iterable[Fault]:
        """Stored data, workloads, clusters and names that no later update brings back as they were."""
        holders = (self._sides.counted | self._sides.returned) - self._emptied
        staying = [each for each in self._changes if each.document not in self._moving]
        found: list[Loss] = [*losses.stored_data(staying, holders), *losses.webhooks(staying, holders)]
        found += named_objects.still_named(staying, self._plan, holders)
        targets = {each.target for each in found}
        found += [each for each in losses.unplaced(staying, self._plan, holders) if each.target not in targets]
        found += losses.replaced_everywhere(self._changes, self._plan, self._observed)
        moved = {each.member for each in cluster_identity.refused(self._federation, self._observed)}
        reported = self._emptied | moved | {each.before for each in self._renamed}
        found += losses.clusters(self._federation, self._observed, reported=reported)
        found += losses.names(self._federation, self._plan, self._observed)
        for each in found:
            if each.target not in self._settings.allow:
                yield self._allowable(each.message, each.target, instead=each.instead)

    def renamed(self) -> Iterable[Fault]:
        """Members that seem to exist under another name already. No setting lets it pass."""
        for each in self._renamed:
            yield self._refusal(f"{each} (limit: a cluster keeps its member)", each.remedy)

    def replaced(self, found: Iterable[Replaced]) -> Iterable[Fault]:
        """Members that lead to another cluster, so that all objects in the old one would be deleted."""
        for each in found:
            former_target = f"{each.before}, formerNames too" if each.before.startswith("eks ") else each.before
            message = f"{each} (limit: none may be replaced); to keep them, put back what led to {former_target}, "
            message += "or join the other cluster as a member of its own"
            first = f"set available: true on {each.member} and " if each.quarantined else ""
            yield self._fault(message, f"{first}name it under plan: {{unjoin: [{each.member}]}}")

    def _is_allowed(self, each: ObjectChange) -> bool:
        allowed = self._settings.allow
        return bool(allowed) and (each.document in allowed or f"Namespace/{each.entry.namespace}" in allowed)

    def _is_moving(self, some: Sequence[ObjectChange]) -> bool:
        """Whether a document only moves: to a member that is back, or away from a lost or removed one."""
        sides = self._sides
        gone = [each for each in some if each.member in sides.excused - sides.available or each.deleted]
        takes_over = any(each.before != 0 for each in gone if each.member in sides.excused)
        after = [each for each in some if each.member in sides.available and not each.deleted]
        gives_way = any(each.after != 0 for each in after if each.member in sides.returned)
        before = sum(each.before or 0 for each in some if each.member in sides.counted)
        moves = some[0].entry.kind in _FOLLOWING or any(each.before is not None for each in some)
        return moves and (takes_over or gives_way) and bool(after) and sum(each.after or 0 for each in after) >= before

    def _is_emptied(self, name: str, some: Sequence[ObjectChange]) -> bool:
        is_ours = name in self._sides.counted or name in self._sides.returned
        return is_ours and all(each.deleted for each in some)

    def _lost_regions(self, some: Sequence[ObjectChange]) -> Mapping[str, int]:
        """The former number of replicas, by region that loses its last replica of a document."""
        before: dict[str, int] = {}
        after: dict[str, int] = {}
        for each in some:
            if each.member not in self._sides.available:
                continue
            region = self._regions[each.member]
            after[region] = after.get(region, 0) + (each.after or 0)
            if each.member in self._sides.counted - self._emptied and _lost(each):
                before[region] = before.get(region, 0) + (each.before or 0)
        return {region: count for region, count in sorted(before.items()) if count and not after[region]}

    def _fault(self, message: str, remedy: str) -> Fault:
        return self._refusal(message, f"if this is meant, {remedy}, {_ONCE}")

    def _allowable(self, message: str, *targets: str, instead: str = "") -> Fault:
        listed = ", ".join(targets)
        once = _ALLOW_ONCE.format(target=" --allow ".join(targets))
        renamed = [(each, self._new_documents[each]) for each in targets if each in self._new_documents]
        instead = "; ".join([*filter(None, [instead]), *(renamed_documents.safe_way(*each) for each in renamed)])
        first = f"{instead}; " if instead else ""
        return self._refusal(message, f"{first}if this is meant, allow it under guard: {{allow: [{listed}]}}, {once}")

    def _refusal(self, message: str, remedy: str) -> Fault:
        return Fault(place=Place(file=f"Pulumi.{self._stack}.yaml"), where=KEY, message=message, remedy=remedy)


def _locked_out(plan: Plan, change: roles.ChangedRole) -> Fault:
    place = Place(file=f"Pulumi.{plan.stack}.yaml")
    return Fault(place=place, where="eks-federation:federation.roleArn", message=str(change), remedy=roles.REMEDY)


def _grouped(pairs: Iterable[tuple[str, ObjectChange]]) -> dict[str, list[ObjectChange]]:
    found: dict[str, list[ObjectChange]] = {}
    for key, each in pairs:
        found.setdefault(key, []).append(each)
    return found


def _lost(each: ObjectChange) -> int:
    """The number of replicas that an object loses in its member."""
    if each.before is None or (each.change == "remove" and not each.deleted):
        return 0
    return max(0, each.before - (each.after or 0))
