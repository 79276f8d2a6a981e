"""Find the members that have the Service or Ingress of a DNS record.

`Served` is all that DNS reads of the planned objects: decisions, placed objects in available members, and pods.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from federation.api.model.types import group_of
from federation.plan.dns.weights import PodIndex
from federation.plan.objects.placed_objects import PlacedObject, objects_of
from federation.plan.objects.placing import Placing
from federation.plan.replicas.assignment import Assignment

__all__ = ["Placed", "Served", "placed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A federated object: its ``selected`` members, and its placed objects in the available ones.

    An object of a paused type (``paused``) keeps the members that have it already.
    """

    selected: tuple[str, ...]
    placed_objects: dict[str, PlacedObject]
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The members of all documents, the placed objects of available members, and the pods of all members."""

    assignments: Sequence[Assignment]
    placed_objects: Sequence[PlacedObject]
    pod_index: PodIndex

    @classmethod
    def from_placing(cls, placing: Placing) -> "Served":
        """All that ``placing`` has, with the pods of quarantined members too."""
        context = placing.context
        return cls(
            assignments=[assignment for assignment, _ in placing.everywhere],
            placed_objects=[*objects_of(placing.standing), *placing.carried_out],
            pod_index=PodIndex(objects_of(placing.everywhere), context.members, context.observed),
        )


def placed(served: Served, kind: str, group: str = "") -> Mapping[tuple[str, str], Placed]:
    """All federated objects of ``kind``, by namespace and name."""
    found = {
        (each.document.namespace, each.document.name): Placed(
            selected=each.selection.members, placed_objects={}, paused=each.prepared.paused
        )
        for each in served.assignments
        if each.document.target.kind == kind and each.document.target.group == group
    }
    for placed_object in served.placed_objects:
        if placed_object.kind == kind and group_of(placed_object.rendered.api_version) == group:
            entry = found.get((placed_object.namespace, placed_object.name))
            if entry is not None:
                entry.placed_objects[placed_object.member] = placed_object
    return found
