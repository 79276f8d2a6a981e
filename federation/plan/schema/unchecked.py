"""Leave out the objects that an earlier check of the same plan has found in order.

An object's check depends on its manifest and on the version of its member. That of a custom object depends on the
definitions in its member as well, so custom objects and definitions are always checked.
"""

from collections.abc import Iterable, Mapping

from federation.plan.model.context import Context
from federation.plan.objects.placed_objects import PlacedDocument, PlacedObject
from federation.plan.schema import openapi
from federation.plan.schema.crds import DEFINITION

__all__ = ["Unchecked"]


class Unchecked:
    """Finds the objects that differ from those ``checked`` before. These are kept, so their ids are not used again."""

    def __init__(self, checked: Iterable[PlacedObject], context: Context) -> None:
        self._versions: Mapping[str, str] = {
            name: member.kubernetes_version for name, member in context.members.by_name.items()
        }
        self._checked = {(id(each.rendered), self._versions[each.member]): each for each in checked}

    def documents(self, placed_documents: Iterable[PlacedDocument]) -> list[PlacedDocument]:
        """``placed_documents`` with the objects that are not yet checked."""
        return [(assignment, self.objects(some)) for assignment, some in placed_documents]

    def objects(self, placed_objects: Iterable[PlacedObject]) -> list[PlacedObject]:
        """Those of ``placed_objects`` that are not yet checked."""
        return [each for each in placed_objects if not self._is_checked(each)]

    def _is_checked(self, placed: PlacedObject) -> bool:
        if placed.kind == DEFINITION or not openapi.is_own_group(placed.rendered.api_version):
            return False
        return (id(placed.rendered), self._versions[placed.member]) in self._checked
