"""Find the members that have the Service or Ingress of a DNS record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from federation.api.model.types import group_of
from federation.plan.objects.decisions import Decision
from federation.plan.objects.placed_objects import PlacedObject

__all__ = ["Placed", "placed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A federated object: its ``selected`` members, and its placed objects in the available ones.

    An object of a paused type (``rests``) keeps the members that have it already.
    """

    selected: tuple[str, ...]
    placed_objects: dict[str, PlacedObject]
    rests: bool = False


def placed(
    decisions: Sequence[Decision], placed_objects: Sequence[PlacedObject], kind: str, group: str = ""
) -> Mapping[tuple[str, str], Placed]:
    """All federated objects of ``kind``, by namespace and name."""
    found = {
        (decision.document.namespace, decision.document.name): Placed(
            selected=decision.selection.members, placed_objects={}, rests=decision.rests
        )
        for decision in decisions
        if decision.document.target.kind == kind and decision.document.target.group == group
    }
    for placed_object in placed_objects:
        if placed_object.kind == kind and group_of(placed_object.rendered.api_version) == group:
            entry = found.get((placed_object.namespace, placed_object.name))
            if entry is not None:
                entry.placed_objects[placed_object.member] = placed_object
    return found
