"""Describe each document over all members: which get it, with how many replicas, and why."""

from collections.abc import Iterable, Sequence

from federation.plan.model import names
from federation.plan.model.members import Members
from federation.plan.model.plan import Workload
from federation.plan.objects import checks
from federation.plan.objects.placed_objects import PlacedDocument, PlacedObject
from federation.plan.placement import unmatched
from federation.plan.replicas.assignment import Assignment

__all__ = ["workloads"]


def workloads(
    placed_documents: Sequence[PlacedDocument], propagated: Iterable[PlacedObject], members: Members
) -> tuple[Workload, ...]:
    """The federated documents with their placed objects, and the ``propagated`` plain ones, sorted."""
    found = [_workload(assignment, some, members) for assignment, some in placed_documents]
    return tuple(sorted([*found, *_propagated(propagated)], key=lambda each: (each.key, each.kind)))


def _workload(assignment: Assignment, placed_objects: Sequence[PlacedObject], members: Members) -> Workload:
    document, preference = assignment.document, assignment.prepared.preference
    quarantined = [name for name in assignment.selection.members if not members.by_name[name].available]
    reasons = dict(assignment.selection.reasons)
    for name in quarantined:
        reasons[name] = (*reasons[name], "not available: quarantined, its objects stay as they are")
    replicas = _replicas(assignment, placed_objects)
    counts = replicas or assignment.distribution
    namespace = document.object_namespace
    return Workload(
        key=document.key,
        kind=document.target.kind,
        namespace=namespace,
        name=document.name,
        members=assignment.members,
        reasons=reasons,
        replicas=dict(sorted({**replicas, **dict.fromkeys(quarantined, 0)}.items())) if counts else {},
        distribution=assignment.distribution,
        other_stacks=checks.names_in_other_stacks(document, preference, members),
        selects=unmatched.selected_in_other_stacks(document, preference, members),
        document=names.in_every_member(document.target.api_version, document.target.kind, namespace, document.name),
        source=document.source,
    )


def _replicas(assignment: Assignment, placed_objects: Sequence[PlacedObject]) -> dict[str, int]:
    """The replicas by member: the pods that run at once, for a Job."""
    if assignment.distribution is not None and assignment.document.target.kind == "Job":
        return dict(assignment.distribution.assigned)
    counts = ((placed.member, placed.replicas.count) for placed in placed_objects)
    return {name: count for name, count in counts if count is not None}


def _propagated(placed_objects: Iterable[PlacedObject]) -> list[Workload]:
    by_key: dict[tuple[str, str, str], list[PlacedObject]] = {}
    for placed in placed_objects:
        by_key.setdefault(placed.key, []).append(placed)
    return [
        Workload(
            key=f"{namespace}/{name}",
            kind=kind,
            namespace=namespace,
            name=name,
            members=tuple(placed.member for placed in some),
            reasons={placed.member: placed.reasons for placed in some},
            document=some[0].rendered.document,
            source=some[0].source,
        )
        for (kind, namespace, name), some in by_key.items()
    ]
