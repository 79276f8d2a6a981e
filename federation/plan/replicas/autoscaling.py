"""Pair autoscalers with the workloads that they scale: divide both together, and decide who owns the replicas.

An autoscaler owns ``spec.replicas`` from the first update on, and updates leave it alone. There is one exception: an
autoscaler does nothing for a workload with 0 replicas. Where the last update left 0, this one has to set one first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from federation.api.model.federated import FederatedObject
from federation.plan.model import names
from federation.plan.model.context import Context
from federation.plan.model.findings import Findings
from federation.plan.model.observed import Observed
from federation.plan.model.trees import mapping
from federation.plan.overrides.operations import Derived
from federation.plan.replicas import autoscalers, placement_conflicts
from federation.plan.replicas.preference import REPLICAS_PATH
from federation.plan.replicas.prepared import DividedDocument

__all__ = ["Scalers", "divide"]

_SCALER = "HorizontalPodAutoscaler"


def divide(documents: Sequence[DividedDocument], context: Context) -> list[DividedDocument]:
    """``documents`` with the autoscalers of divided workloads divided too."""
    found = list(documents)
    places = {
        _identity(each.prepared.document): place for place, each in enumerate(found) if each.path == REPLICAS_PATH
    }
    for place, scaler in enumerate(found) if places else ():
        target = autoscalers.target_of(scaler.prepared.document)
        if target in places:
            at = places[target]
            found[place], found[at] = _divided_together(scaler, found[at], context)
    return found


def _divided_together(
    scaler: DividedDocument, workload: DividedDocument, context: Context
) -> tuple[DividedDocument, DividedDocument]:
    preference, before, members = workload.prepared.preference, workload.distribution, context.members.by_name
    if preference is None or before is None:
        return scaler, workload
    own = frozenset(workload.members)
    both = [name for name in scaler.members if name in own]
    shared = [members[name] for name in both]
    scaled = autoscalers.divide(scaler.prepared.overrides, shared, preference, context.findings)
    given = before.assigned
    lost = {name: given[name] for name in scaled.without if given[name]}
    _report_without(scaler.prepared.document, lost, context.findings)
    distribution = autoscalers.initial(before, scaler.prepared.document, scaled)
    assigned, document = distribution.assigned, workload.prepared.document
    # The division gave these members nothing, so they were not yet compared with the placement.
    started = [members[name] for name in both if assigned.get(name) and not given.get(name)]
    placement_conflicts.check(document, preference, started, context.findings)
    fields = {name: {REPLICAS_PATH: assigned.get(name, 0)} for name in workload.fields}
    return _scaled(scaler, document, scaled), replace(workload, distribution=distribution, fields=fields)


def _scaled(scaler: DividedDocument, workload: FederatedObject, scaled: autoscalers.Autoscaled) -> DividedDocument:
    """``scaler`` in the members where it has something to scale, with its numbers there."""
    nothing = (f"{workload.target.kind} {workload.key} does not go there: nothing to scale",)
    more = {name: scaled.reasons.get(name, nothing) for name in scaler.members}
    reasons = {name: (*lines, *more.get(name, ())) for name, lines in scaler.selection.reasons.items()}
    return replace(
        scaler,
        selection=replace(scaler.selection, reasons=reasons),
        members=tuple(name for name in scaler.members if name in scaled.fewest),
        fields=scaled.computed,
    )


def _report_without(scaler: FederatedObject, lost: Mapping[str, int], findings: Findings) -> None:
    if lost:
        message = f"maxReplicas gives nothing to {', '.join(lost)}: {sum(lost.values())} replicas find no place there"
        remedy = "raise maxReplicas, or give those members a minReplicas in the ReplicaSchedulingPreference"
        findings.warning(scaler.source, ("spec", "template", "spec", "maxReplicas"), message, remedy)


def _identity(document: FederatedObject) -> tuple[str, str, str]:
    return (document.target.kind, document.namespace, document.name)


@dataclass(frozen=True, slots=True)
class _Scaler:
    document: FederatedObject
    divided: bool
    paused: bool


class Scalers:
    """The autoscalers of all members, including paused ones, by the workload that each scales there."""

    def __init__(self, documents: Iterable[DividedDocument], context: Context) -> None:
        self._findings = context.findings
        self._by_target: dict[tuple[str, str, str, str], _Scaler] = {}
        scaling = [each for each in documents if each.prepared.document.target.kind == _SCALER]
        # An active one comes after a paused one, and takes its place.
        for each in sorted(scaling, key=lambda each: not each.prepared.paused):
            document = each.prepared.document
            scaler = _Scaler(document, bool(each.fields), each.prepared.paused)
            for name in each.members:
                tree = each.prepared.overrides.derived(context.members.by_name[name]).tree
                target = mapping(mapping(tree.get("spec")).get("scaleTargetRef"))
                key = (name, str(target.get("kind")), document.object_namespace, str(target.get("name")))
                self._by_target[key] = scaler
        self._empty = _empty(context.observed) if self._by_target else frozenset()

    def owns(self, divided: DividedDocument, member: str) -> bool:
        """Whether an autoscaler scales the workload ``divided`` in ``member``."""
        return bool(self._by_target) and self._key(divided, member) in self._by_target

    def leaves_alone(self, divided: DividedDocument, member: str, derived: Derived) -> bool:
        """Whether updates leave the replicas to the autoscaler that owns them; warns when only one of the two is
        divided."""
        document, scaler = divided.prepared.document, self._by_target[self._key(divided, member)]
        if divided.fields and not scaler.divided and not scaler.paused:
            _report_undivided(document, scaler.document, self._findings.in_member(member))
        api_version = str(derived.tree["apiVersion"])
        everywhere = names.in_every_member(api_version, document.target.kind, document.object_namespace, document.name)
        return names.object_name(member, everywhere) not in self._empty

    def _key(self, divided: DividedDocument, member: str) -> tuple[str, str, str, str]:
        document = divided.prepared.document
        return (member, document.target.kind, document.object_namespace, document.name)


def _empty(observed: Observed) -> frozenset[str]:
    """The objects that the last update left with 0 replicas."""
    registered = (observed.registered or {}).values()
    return frozenset(entry.logical_name for entries in registered for entry in entries if entry.replicas == 0)


def _report_undivided(workload: FederatedObject, scaler: FederatedObject, findings: Findings) -> None:
    message = (
        f"HorizontalPodAutoscaler {scaler.name} is the same in every member, while the replicas of "
        f"{workload.target.kind} {workload.object_namespace}/{workload.name} are divided: "
        "its template does not say both what it scales and maxReplicas"
    )
    remedy = "put scaleTargetRef and maxReplicas into the template; overrides may differ from it"
    findings.warning(scaler.source, ("spec", "template"), message, remedy)
