"""Render each document into one placed object for each of its members.

A placed object is one object in one member: its manifest, and why it is there. Nothing is known here of other objects.
Documents are also rendered for members that are not available, so that a fault in them shows today and not on the day
they come back. The placed objects of those members are marked.
"""

from dataclasses import dataclass

from federation.api.model.members import Member
from federation.errors.source import Source
from federation.plan.model import names
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.objects import checks, retention
from federation.plan.objects.decisions import Decision
from federation.plan.objects.manifests import NOTHING_COMPUTED, Rendered, Renderer
from federation.plan.objects.retention import NO_PORTS, Ports

__all__ = ["PlacedObject", "drafts_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedObject:
    """One object in one member.

    ``counted`` is the number of replicas that gives its DNS weight (``None``: not known here). ``divided``: a
    preference sets numbers in it. ``orphan``: it stays when no document declares it any more. ``held``: the member is
    not available, and nothing is carried out there; the value only describes its pods. ``resting``: its type is paused,
    and nothing is carried out either; the value describes what stands.
    """

    member: str
    logical_name: str
    kind: str
    namespace: str
    name: str
    rendered: Rendered
    source: Source
    reasons: tuple[str, ...]
    counted: int | None = None
    divided: bool = False
    ignore_changes: tuple[str, ...] = ()
    orphan: bool = False
    held: bool = False
    resting: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """Kind, namespace and name."""
        return (self.kind, self.namespace, self.name)


def drafts_of(decision: Decision, members: Members, findings: Findings, ports: Ports = NO_PORTS) -> list[PlacedObject]:
    """The placed objects of one document by member, in held members too; faults of its overrides go to ``findings``.

    ``ports`` are the ports of Services at the last update.
    """
    renderer = Renderer(decision.document)
    available = frozenset(decision.members)
    placed_objects = []
    for name in decision.selection.members:
        member = members.members[name]
        rendered = renderer.render(member, decision.settled.get(name, NOTHING_COMPUTED))
        for problem in rendered.problems:
            checks.report_problem(decision.document, problem, name, findings)
        if name in available or not member.available:
            placed_objects.append(_placed(decision, member, rendered, ports))
    return placed_objects


def _placed(decision: Decision, member: Member, rendered: Rendered, ports: Ports) -> PlacedObject:
    document, divided = decision.document, decision.distribution
    namespace = document.object_namespace
    everywhere = names.in_every_member(rendered.api_version, document.target.kind, namespace, document.name)
    logical_name = names.object_name(member.name, everywhere)
    reasons = decision.selection.reasons[member.name]
    share = divided if divided and member.name in divided.replicas else None
    reasons = (*reasons, *share.reasons[member.name]) if share else reasons
    left_alone = retention.retained(document, rendered, divided=divided is not None, ports=ports.get(logical_name))
    return PlacedObject(
        member=member.name,
        logical_name=logical_name,
        kind=document.target.kind,
        namespace=namespace,
        name=document.name,
        rendered=rendered,
        source=document.source,
        reasons=(*reasons, *left_alone.reasons),
        counted=share.replicas[member.name] if share else rendered.replicas,
        divided=bool(decision.settled),
        ignore_changes=left_alone.paths,
        orphan=document.deletion.orphan,
        held=not member.available,
    )
