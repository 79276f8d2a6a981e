"""In which members does the object stand that a DNS record is for?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from federation.api.model.types import group_of
from federation.plan.objects.decisions import Decision
from federation.plan.objects.placed_objects import PlacedObject

__all__ = ["Placed", "placed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A federated object: the members that it selects, and its drafts where they are available. One that ``rests``
    has those that it stands in."""

    selected: tuple[str, ...]
    drafts: dict[str, PlacedObject]
    rests: bool = False


def placed(
    decisions: Sequence[Decision], drafts: Sequence[PlacedObject], kind: str, group: str = ""
) -> Mapping[tuple[str, str], Placed]:
    """All federated objects of ``kind``, by namespace and name."""
    found = {
        (decision.document.namespace, decision.document.name): Placed(
            selected=decision.selection.members, drafts={}, rests=decision.rests
        )
        for decision in decisions
        if decision.document.target.kind == kind and decision.document.target.group == group
    }
    for draft in drafts:
        if draft.kind == kind and group_of(draft.rendered.api_version) == group:
            entry = found.get((draft.namespace, draft.name))
            if entry is not None:
                entry.drafts[draft.member] = draft
    return found
