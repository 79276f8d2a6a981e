"""Decide for each federated document which members get it, and with how many replicas.

Namespaces come first, since they limit the documents inside them. Every other document follows, with the preference of
its own name where there is one. Autoscalers come next, since their workloads have to be divided before them. Last,
conflicts between an override and a preference that set the same number are decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from federation.api.model.documents import Documents
from federation.api.model.federated import FederatedObject
from federation.api.model.scheduling import ReplicaSchedulingPreference
from federation.plan.model.context import Context
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.model.plan import Distribution
from federation.plan.objects import checks
from federation.plan.placement import placement
from federation.plan.placement.placement import DocumentPlacement, Selection
from federation.plan.replicas import autoscalers, jobs, override_conflicts, placement_conflicts
from federation.plan.replicas.preference import REPLICAS_PATH, Scheduled, schedule

__all__ = ["Decision", "decide"]

_DIVIDED: Final[Mapping[str, str]] = {
    "FederatedDeployment": REPLICAS_PATH,
    "FederatedJob": jobs.PARALLELISM_PATH,
    "FederatedReplicaSet": REPLICAS_PATH,
    "FederatedStatefulSet": REPLICAS_PATH,
}
"""The kinds that a preference can divide, and the field that it divides."""

_Preferences = Mapping[tuple[str, str, str], ReplicaSchedulingPreference]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision for ``document``. ``members`` are those of ``selection`` that get it now: they are available, and
    no division leaves them without an object.

    ``settled`` has the numbers that a preference computes, by path, for each member of ``selection``; it is empty
    without a preference. ``rests``: the document's type is paused, and its members are those that it stands in.
    """

    document: FederatedObject
    selection: Selection
    members: tuple[str, ...]
    preference: ReplicaSchedulingPreference | None = None
    distribution: Distribution | None = None
    settled: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    rests: bool = False


def decide(documents: Documents, context: Context) -> tuple[Decision, ...]:
    """Decide for every federated document, in the documents' order; those of paused types are marked."""
    propagated = checks.propagated(documents, context.findings)
    decided = _decided(documents, propagated, context)
    if len(propagated) == len(documents.federated):
        return decided
    # Paused documents are decided with the others: an autoscaler is divided with its workload, whichever is paused.
    # A fault in a paused document does not matter until its type is propagated again.
    whole = _decided(documents, documents.federated, context.unreported())
    active = {id(document) for document in propagated}
    return tuple(each if id(each.document) in active else replace(each, rests=True) for each in whole)


def _decided(documents: Documents, federated: Sequence[FederatedObject], context: Context) -> tuple[Decision, ...]:
    members, observed, findings = context.members, context.observed, context.findings
    namespaces = {document.name: document for document in documents.federated if _is_namespace(document)}
    all_members = tuple(members.members.values())
    around = {name: placement.select(document, all_members) for name, document in namespaces.items()}
    preferences = _by_target(documents, findings)
    decisions = []
    for document in federated:
        namespace = namespaces.get(document.namespace) if document.target.namespaced else None
        preference = preferences.get((f"Federated{document.target.kind}", document.namespace, document.name))
        scheduled = None
        if preference is not None:
            scheduled = schedule(
                preference, document, namespace=namespace, members=members, observed=observed, findings=findings
            )
        if preference is not None and scheduled is not None:
            selection = scheduled.selection
            if document.target.kind == "Job":
                scheduled = jobs.divided(preference, document, scheduled, members, findings)
        else:
            selection = placement.select(document, all_members, namespace=around.get(document.namespace))
        placed = DocumentPlacement(
            document=document,
            preference=preference,
            selection=selection,
            around=None if namespace is None else around[namespace.name],
        )
        checks.check_document(placed, context)
        decisions.append(_decision(document, selection, preference, scheduled, members))
    return tuple(
        _with_conflicts_decided(each, members, findings) for each in _with_autoscalers(decisions, members, findings)
    )


def _decision(
    document: FederatedObject,
    selection: Selection,
    preference: ReplicaSchedulingPreference | None,
    scheduled: Scheduled | None,
    members: Members,
) -> Decision:
    available = tuple(name for name in selection.members if members.members[name].available)
    if preference is None or scheduled is None:
        return Decision(document=document, selection=selection, members=available)
    # Members that get nothing now are still rendered, to find faults there.
    nothing = {_DIVIDED[preference.target_kind]: 0}
    return Decision(
        document=document,
        selection=selection,
        members=tuple(name for name in available if name not in scheduled.absent),
        preference=preference,
        distribution=scheduled.distribution,
        settled={name: scheduled.computed.get(name, nothing) for name in selection.members},
    )


def _with_autoscalers(decisions: list[Decision], members: Members, findings: Findings) -> tuple[Decision, ...]:
    """``decisions`` with the autoscalers of divided workloads divided too."""
    places = {_identity(each.document): place for place, each in enumerate(decisions) if REPLICAS_PATH in _paths(each)}
    for place, scaler in enumerate(decisions):
        target = autoscalers.target_of(scaler.document)
        if target in places:
            at = places[target]
            decisions[place], decisions[at] = _autoscaled(scaler, decisions[at], members, findings)
    return tuple(decisions)


def _autoscaled(
    scaler: Decision, workload: Decision, members: Members, findings: Findings
) -> tuple[Decision, Decision]:
    if workload.preference is None or workload.distribution is None:
        return scaler, workload
    both = [name for name in scaler.members if name in frozenset(workload.members)]
    shared = [members.members[name] for name in both]
    scaled = autoscalers.divide(scaler.document, shared, workload.preference, findings)
    _report_without(scaler.document, workload.distribution, scaled.without, findings)
    distribution = autoscalers.initial(workload.distribution, scaler.document, scaled)
    assigned = distribution.assigned
    # The division gave these members nothing, so they were not yet compared with the placement.
    started = [name for name in both if assigned.get(name) and not workload.distribution.assigned.get(name)]
    placement_conflicts.check(
        workload.document, workload.preference, [members.members[name] for name in started], findings
    )
    nowhere = (f"{workload.document.target.kind} {workload.document.key} does not go there: nothing to scale",)
    more = {name: scaled.reasons.get(name, nowhere) for name in scaler.members}
    reasons = {name: (*lines, *more.get(name, ())) for name, lines in scaler.selection.reasons.items()}
    return (
        replace(
            scaler,
            selection=replace(scaler.selection, reasons=reasons),
            members=tuple(name for name in both if name not in scaled.without),
            settled=scaled.computed,
        ),
        replace(
            workload,
            distribution=distribution,
            settled={name: {REPLICAS_PATH: assigned.get(name, 0)} for name in workload.settled},
        ),
    )


def _with_conflicts_decided(decision: Decision, members: Members, findings: Findings) -> Decision:
    """``decision`` with the conflicts between its preference and the document's overrides decided."""
    document, preference, distribution = decision.document, decision.preference, decision.distribution
    if preference is None or distribution is None or not document.overrides:
        return decision
    path = _DIVIDED[preference.target_kind]
    assigned = [members.members[name] for name in decision.members]
    return replace(
        decision, distribution=override_conflicts.decided(document, preference, distribution, path, assigned, findings)
    )


def _report_without(
    scaler: FederatedObject, distribution: Distribution, without: tuple[str, ...], findings: Findings
) -> None:
    lost = {name: distribution.assigned[name] for name in without if distribution.assigned[name]}
    if lost:
        message = f"maxReplicas gives nothing to {', '.join(lost)}: {sum(lost.values())} replicas find no place there"
        remedy = "raise maxReplicas, or give those members a minReplicas in the ReplicaSchedulingPreference"
        findings.warning(scaler.source, ("spec", "template", "spec", "maxReplicas"), message, remedy)


def _identity(document: FederatedObject) -> tuple[str, str, str]:
    return (document.target.kind, document.namespace, document.name)


def _paths(decision: Decision) -> frozenset[str]:
    return frozenset(path for numbers in decision.settled.values() for path in numbers)


def _is_namespace(document: FederatedObject) -> bool:
    return document.target.kind == "Namespace" and not document.target.group


def _by_target(documents: Documents, findings: Findings) -> _Preferences:
    """The preferences by kind, namespace and name of their targets. One without a target, or for a kind that cannot be
    divided, is a fault."""
    targets = {
        (f"Federated{document.target.kind}", document.namespace, document.name) for document in documents.federated
    }
    found = {}
    for preference in documents.preferences:
        key = (preference.target_kind, preference.namespace, preference.name)
        if preference.target_kind not in _DIVIDED:
            message = f'replicas of a "{preference.target_kind}" cannot be divided (allowed: {", ".join(_DIVIDED)})'
            remedy = "name one of these kinds; what a CronJob's Jobs have in a member is set by override"
            findings.error(preference.source, ("spec", "targetKind"), message, remedy)
        elif key not in targets:
            checks.report_no_target(preference, documents, findings)
        else:
            found[key] = preference
    return found
