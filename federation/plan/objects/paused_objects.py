"""List the standing objects of paused types, so that DNS still counts them and leads to them.

They run as the last update left them, whatever has become of their documents. The index lists their members and their
replicas; only the documents have the labels of their pods. Where the index is not known, the
documents give the members and the replicas too. Nothing of these placed objects is carried out. A simulated loss of a
member removes those in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from federation.api.model.documents import Documents
from federation.plan.model import names
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.objects import paused
from federation.plan.objects.decisions import Decision
from federation.plan.objects.placed_objects import PlacedObject, drafts_of

__all__ = ["drafted"]


def drafted(
    decisions: Iterable[Decision], documents: Documents, members: Members, observed: Observed
) -> list[tuple[Decision, list[PlacedObject]]]:
    """The paused ``decisions`` with the members that they stand in, and their placed objects, in held members too."""
    paused_decisions = [decision for decision in decisions if decision.rests]
    if observed.registered is None:
        return [
            (each, [_resting(placed) for placed in drafts_of(each, members, Findings())]) for each in paused_decisions
        ]
    standing = paused.entries(documents, observed) if paused_decisions else {}
    entries = {each.logical_name: each for some in standing.values() for each in some}
    return [_as_it_stands(each, entries, members) for each in paused_decisions]


def _as_it_stands(
    decision: Decision, entries: Mapping[str, IndexEntry], members: Members
) -> tuple[Decision, list[PlacedObject]]:
    document = decision.document
    namespace = document.object_namespace
    everywhere = names.in_every_member(document.target.api_version, document.target.kind, namespace, document.name)
    by_member = {name: names.object_name(name, everywhere) for name in members.members}
    found = {name: entries[known] for name, known in by_member.items() if known in entries}
    standing = replace(
        decision,
        selection=replace(decision.selection, members=tuple(found)),
        members=tuple(name for name in found if members.members[name].available),
        distribution=None,
    )
    return standing, [_resting(placed, found[placed.member]) for placed in drafts_of(standing, members, Findings())]


def _resting(placed: PlacedObject, entry: IndexEntry | None = None) -> PlacedObject:
    """``placed`` marked as paused, with the name and the replicas of ``entry``."""
    if entry is None:
        return replace(placed, resting=True)
    known = entry.replicas >= 0
    rendered = replace(placed.rendered, replicas=entry.replicas) if known else placed.rendered
    return replace(placed, logical_name=entry.logical_name, rendered=rendered, counted=rendered.replicas, resting=True)
