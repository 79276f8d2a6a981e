"""Render each document into one placed object for each of its members.

A placed object is one object in one member: its manifest, its replicas, and why it is there. Nothing is known here of
other objects. Documents are also rendered for members that are not available, so that a fault in them shows today and
not on the day they come back. The placed objects of those members are marked.

Objects of paused types describe the live objects, so that DNS still counts them and leads to them. They run as the last
update left them, whatever has become of their documents. Nothing of them is carried out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from federation.errors.source import Source
from federation.plan.model import names
from federation.plan.model.context import Context
from federation.plan.objects import checks, retention
from federation.plan.objects.manifests import Rendered
from federation.plan.objects.preparation import Preparation
from federation.plan.replicas.assignment import NO_REPLICAS, Assignment, MemberReplicas

__all__ = ["PlacedDocument", "PlacedObject", "in_available", "objects_of", "place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedObject:
    """One object in one member.

    ``ignore_changes`` are the paths that updates leave alone. ``orphan``: it stays when no document declares it.
    ``quarantined``: the member is not available, and nothing is carried out there; the value only describes its
    pods. ``paused``: its type is paused, and nothing is carried out either; the value describes the live object.
    """

    member: str
    logical_name: str
    kind: str
    namespace: str
    name: str
    rendered: Rendered
    source: Source
    reasons: tuple[str, ...]
    replicas: MemberReplicas = NO_REPLICAS
    ignore_changes: tuple[str, ...] = ()
    orphan: bool = False
    quarantined: bool = False
    paused: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """Kind, namespace and name."""
        return (self.kind, self.namespace, self.name)


PlacedDocument = tuple[Assignment, list[PlacedObject]]
"""A decided document with its placed objects."""


def place(assignments: Iterable[Assignment], preparation: Preparation, context: Context) -> list[PlacedDocument]:
    """Each document with its placed objects, in quarantined members too; faults of its overrides go to findings."""
    unreported = context.unreported()
    return [
        (each, _placed_objects(each, preparation, unreported if each.prepared.paused else context))
        for each in assignments
    ]


def in_available(placed_documents: Iterable[PlacedDocument]) -> list[PlacedDocument]:
    """``placed_documents`` without the placed objects of quarantined members."""
    return [(each, [placed for placed in some if not placed.quarantined]) for each, some in placed_documents]


def objects_of(placed_documents: Iterable[PlacedDocument]) -> list[PlacedObject]:
    """The placed objects of all documents."""
    return [placed for _, some in placed_documents for placed in some]


def _placed_objects(assignment: Assignment, preparation: Preparation, context: Context) -> list[PlacedObject]:
    renderer = preparation.renderer(assignment.prepared)
    getting = frozenset(assignment.members)
    placed_objects = []
    for name, replicas in assignment.replicas.items():
        rendered = renderer.render(assignment.derived[name], replicas.fields)
        for problem in rendered.problems:
            checks.report_problem(assignment.document, problem, name, context.findings)
        placed = _placed(assignment, name, rendered, preparation)
        if name in getting:
            placed_objects.append(placed)
        elif not context.members.by_name[name].available:
            placed_objects.append(replace(placed, quarantined=True))
    return placed_objects


def _placed(assignment: Assignment, member: str, rendered: Rendered, preparation: Preparation) -> PlacedObject:
    document, replicas = assignment.document, assignment.replicas[member]
    logical_name = names.object_name(member, rendered.document)
    if assignment.prepared.standing is not None:
        logical_name = assignment.prepared.standing[member].logical_name
    left_alone = retention.retained(rendered, preparation.ports.get(logical_name))
    own = (retention.REPLICAS_FIELD,) if replicas.left_alone else ()
    return PlacedObject(
        member=member,
        logical_name=logical_name,
        kind=document.target.kind,
        namespace=document.object_namespace,
        name=document.name,
        rendered=rendered,
        source=document.source,
        reasons=(*assignment.selection.reasons[member], *replicas.reasons, *left_alone.reasons),
        replicas=replicas,
        ignore_changes=(*left_alone.paths, *own),
        orphan=document.deletion.orphan,
        paused=assignment.prepared.paused,
    )
