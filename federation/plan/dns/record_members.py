"""Find the members that have the Service or Ingress of a DNS record.

`Served` is all that DNS reads of the planned objects: decisions, placed objects in available members, and pods.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from federation.api.model.types import group_of
from federation.plan.dns.weights import PodIndex
from federation.plan.objects.decisions import Decision
from federation.plan.objects.placed_objects import PlacedObject

__all__ = ["Placed", "Served", "placed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A federated object: its ``selected`` members, and its placed objects in the available ones.

    An object of a paused type (``rests``) keeps the members that have it already.
    """

    selected: tuple[str, ...]
    placed_objects: dict[str, PlacedObject]
    rests: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The decisions on all documents, the placed objects of available members, and the pods of all members."""

    decisions: Sequence[Decision]
    placed_objects: Sequence[PlacedObject]
    pod_index: PodIndex


def placed(served: Served, kind: str, group: str = "") -> Mapping[tuple[str, str], Placed]:
    """All federated objects of ``kind``, by namespace and name."""
    found = {
        (decision.document.namespace, decision.document.name): Placed(
            selected=decision.selection.members, placed_objects={}, rests=decision.rests
        )
        for decision in served.decisions
        if decision.document.target.kind == kind and decision.document.target.group == group
    }
    for placed_object in served.placed_objects:
        if placed_object.kind == kind and group_of(placed_object.rendered.api_version) == group:
            entry = found.get((placed_object.namespace, placed_object.name))
            if entry is not None:
                entry.placed_objects[placed_object.member] = placed_object
    return found
