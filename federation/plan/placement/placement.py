"""Select the members that a document goes to.

The rules are KubeFed's. Names in ``placement.clusters`` decide. Without that field the selector decides, and without
either no member is selected. The placement of the namespace limits the documents inside it. A member that is only not
available is still selected: what happens to it is decided later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from federation.api.model.federated import FederatedObject
from federation.api.model.members import Member
from federation.plan.model import selectors

__all__ = ["Selection", "own", "select", "select_by_selector", "within"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The selected members' names, sorted, and for every member the reasons why it is selected or not."""

    members: tuple[str, ...]
    reasons: Mapping[str, tuple[str, ...]]


def select(document: FederatedObject, members: Sequence[Member], *, namespace: Selection | None = None) -> Selection:
    """The members that ``document`` selects.

    ``namespace`` is the selection of the FederatedNamespace around it; a namespaced document without one selects no
    member. Names that no member has are ignored here: the checks report them.
    """
    return within(document, own(document, members), namespace)


def select_by_selector(
    document: FederatedObject, members: Sequence[Member], *, namespace: FederatedObject | None
) -> Selection:
    """The members that the *selectors* of ``document`` and of its namespace match; their lists of names do not count.

    This implements ``intersectWithClusterSelector`` of a ReplicaSchedulingPreference.
    """
    around = None if namespace is None else _by_selector(namespace, members)
    return within(document, _by_selector(document, members), around)


def own(document: FederatedObject, members: Sequence[Member]) -> Selection:
    """The members that the placement of ``document`` selects by itself, without the limit of its namespace."""
    named = document.placement.clusters
    if named is None:
        return _by_selector(document, members)
    place = document.source.place("spec", "placement", "clusters")
    chosen, wanted = (f"selected by placement.clusters ({place})",), frozenset(named)
    omitted = (f"not in placement.clusters ({place})",)
    return Selection(
        members=tuple(sorted(member.name for member in members if member.name in wanted)),
        reasons={member.name: chosen if member.name in wanted else omitted for member in members},
    )


def _by_selector(document: FederatedObject, members: Sequence[Member]) -> Selection:
    selector = document.placement.cluster_selector
    place = document.source.place("spec", "placement", "clusterSelector")
    if selector is None:
        reason = (f"no placement.clusters and no placement.clusterSelector ({place})",)
        return Selection(members=(), reasons=dict.fromkeys((member.name for member in members), reason))
    chosen = (f"selected by placement.clusterSelector ({place})",)
    omitted = (f"its labels do not match placement.clusterSelector ({place})",)
    selected = [member.name for member in members if selectors.matches(selector, member.labels)]
    return Selection(
        members=tuple(sorted(selected)),
        reasons={member.name: omitted for member in members} | dict.fromkeys(selected, chosen),
    )


def within(document: FederatedObject, chosen: Selection, namespace: Selection | None) -> Selection:
    """Limit ``chosen`` to the members that the document's namespace goes to; cluster-scoped ones are not limited."""
    if not document.target.namespaced:
        return chosen
    if namespace is None:
        reason = (f"namespace {document.namespace} is not federated",)
        return Selection(members=(), reasons=dict.fromkeys(chosen.reasons, reason))
    outside = frozenset(chosen.members).difference(namespace.members)
    if not outside:
        return chosen
    note = f"but namespace {document.namespace} does not go there: "
    return Selection(
        members=tuple(name for name in chosen.members if name not in outside),
        reasons={
            name: (*lines, note + namespace.reasons[name][-1]) if name in outside else lines
            for name, lines in chosen.reasons.items()
        },
    )
