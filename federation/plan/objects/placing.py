"""Place all documents of a plan in the members of one context."""

from collections.abc import Sequence
from dataclasses import dataclass

from federation.api.model.documents import Documents
from federation.plan.model.context import Context
from federation.plan.objects import dependencies
from federation.plan.objects.decisions import decide
from federation.plan.objects.placed_objects import PlacedDocument, PlacedObject, in_available, objects_of, place
from federation.plan.objects.preparation import Preparation

__all__ = ["Placing", "place_documents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """All documents with their placed objects, in the members of ``context``.

    ``everywhere`` has those in quarantined members too. ``made`` are those of active types in available members, and
    ``standing`` those of paused types there. ``propagated`` are plain objects.
    """

    context: Context
    preparation: Preparation
    everywhere: Sequence[PlacedDocument]
    made: Sequence[PlacedDocument]
    standing: Sequence[PlacedDocument]
    propagated: Sequence[PlacedObject]

    @property
    def carried_out(self) -> list[PlacedObject]:
        """The objects that an update carries out."""
        return [*objects_of(self.made), *self.propagated]


def place_documents(documents: Documents, preparation: Preparation, context: Context) -> Placing:
    """Decide for all documents, and render them; faults go to the findings of ``context``."""
    everywhere = place(decide(preparation.documents, context), preparation, context)
    available = in_available(everywhere)
    made = [each for each in available if not each[0].prepared.paused]
    standing = [each for each in available if each[0].prepared.paused]
    return Placing(
        context=context,
        preparation=preparation,
        everywhere=everywhere,
        made=made,
        standing=standing,
        propagated=dependencies.propagated(documents.plain, (*made, *standing), context.findings),
    )
