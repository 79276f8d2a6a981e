"""What of the types that rest stands in the members, as drafts? DNS goes on to lead to it and to count it.

It runs there as the last update left it, whatever has become of its documents: its index says in which members, and
with how many replicas. Only the documents say which labels its pods have. Where nobody has looked what stands, they
say the rest as well. Nothing of these drafts is carried out. A simulated loss takes them with their members.
"""

from collections.abc import Mapping
from dataclasses import replace

from federation.api.documents import Documents
from federation.plan import names, resting
from federation.plan.decisions import Decision, decide
from federation.plan.drafts import Draft, drafts_of
from federation.plan.findings import Findings
from federation.plan.held_index import IndexEntry
from federation.plan.observed import Observed
from federation.plan.roster import Roster

__all__ = ["drafted"]


def drafted(documents: Documents, roster: Roster, observed: Observed) -> list[tuple[Decision, list[Draft]]]:
    """The documents that rest, each with the members that it stands in, and its drafts there, held ones too."""
    types = resting.types(documents)
    rest = tuple(document for document in documents.federated if document.federated_type in types)
    if not rest:
        return []
    unheard = Findings()  # what is wrong with a document that rests is no matter until it is propagated again
    around = tuple(
        each
        for each in documents.federated
        if each.target.kind == "Namespace" and not each.target.group and each.federated_type not in types
    )
    decisions = decide(replace(documents, federated=(*around, *rest), type_configs=()), roster, observed, unheard)
    decisions = tuple(replace(each, rests=True) for each in decisions if each.document.federated_type in types)
    if observed.registered is not None:
        standing = resting.entries(documents, observed)
        entries = {each.logical_name: each for some in standing.values() for each in some}
        return [_as_it_stands(each, entries, roster) for each in decisions]
    return [(each, [_resting(draft) for draft in drafts_of(each, roster, unheard)]) for each in decisions]


def _as_it_stands(
    decision: Decision, entries: Mapping[str, IndexEntry], roster: Roster
) -> tuple[Decision, list[Draft]]:
    document = decision.document
    namespace = document.namespace if document.target.namespaced else ""
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


def _resting(draft: Draft, entry: IndexEntry | None = None) -> Draft:
    """``draft`` marked, with the name and the replicas that ``entry`` knows."""
    if entry is None:
        return replace(draft, resting=True)
    known = entry.replicas >= 0
    rendered = replace(draft.rendered, replicas=entry.replicas) if known else draft.rendered
    return replace(draft, logical_name=entry.logical_name, rendered=rendered, counted=rendered.replicas, resting=True)
