"""What of the types that rest stands in the members, as drafts? DNS goes on to lead to it and to count it.

It runs there as the last update left it, whatever has become of its documents: its index says in which members, and
with how many replicas. Only the documents say which labels its pods have. Where nobody has looked what stands, they
say the rest as well. Nothing of these drafts is carried out. A simulated loss takes them with their members.
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
    decisions: Iterable[Decision], documents: Documents, roster: Members, observed: Observed
) -> list[tuple[Decision, list[PlacedObject]]]:
    """Those of ``decisions`` that rest, with the members that they stand in, and their drafts there, held ones too."""
    rest = [decision for decision in decisions if decision.rests]
    if observed.registered is None:
        return [(each, [_resting(draft) for draft in drafts_of(each, roster, Findings())]) for each in rest]
    standing = paused.entries(documents, observed) if rest else {}
    entries = {each.logical_name: each for some in standing.values() for each in some}
    return [_as_it_stands(each, entries, roster) for each in rest]


def _as_it_stands(
    decision: Decision, entries: Mapping[str, IndexEntry], roster: Members
) -> tuple[Decision, list[PlacedObject]]:
    document = decision.document
    namespace = document.object_namespace
    api_version, kind = document.target.api_version, document.target.kind
    by_member = {name: names.object_name(name, api_version, kind, namespace, document.name) for name in roster.members}
    found = {name: entries[known] for name, known in by_member.items() if known in entries}
    standing = replace(
        decision,
        selection=replace(decision.selection, members=tuple(found)),
        members=tuple(name for name in found if roster.members[name].available),
        distribution=None,
    )
    return standing, [_resting(draft, found[draft.member]) for draft in drafts_of(standing, roster, Findings())]


def _resting(draft: PlacedObject, entry: IndexEntry | None = None) -> PlacedObject:
    """``draft`` marked, with the name and the replicas that ``entry`` knows."""
    if entry is None:
        return replace(draft, resting=True)
    known = entry.replicas >= 0
    rendered = replace(draft.rendered, replicas=entry.replicas) if known else draft.rendered
    return replace(draft, logical_name=entry.logical_name, rendered=rendered, counted=rendered.replicas, resting=True)
