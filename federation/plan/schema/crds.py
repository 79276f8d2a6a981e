"""Collect the custom types that the documents define, with their definition in each member.

A CustomResourceDefinition among the federated documents describes its objects. It counts as it arrives in each member,
after overrides. As in KubeFed, a type that no document defines is taken to be served already.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from federation.api.model.federated import FederatedObject, Tree
from federation.api.reading import crds
from federation.plan.model.trees import mapping, mappings
from federation.plan.objects.placed_objects import PlacedDocument

__all__ = ["DEFINITION", "CustomType", "custom_types"]

DEFINITION: Final = crds.KIND


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomType:
    """A custom type: the document that defines it, and the definition in each member that it goes to."""

    document: FederatedObject
    by_member: Mapping[str, Tree]

    def served(self, member: str) -> tuple[str, ...]:
        """The versions that are served in ``member``, sorted."""
        definitions = mappings(self._spec(member).get("versions"))
        return tuple(sorted(str(each.get("name")) for each in definitions if each.get("served") is True))

    def schema(self, member: str, version: str) -> Any:
        """The ``openAPIV3Schema`` of ``version`` in ``member``; ``None`` without one."""
        for each in mappings(self._spec(member).get("versions")):
            if each.get("name") == version:
                return mapping(each.get("schema")).get("openAPIV3Schema")
        return None

    def kind(self, member: str) -> str:
        """The kind, as ``member`` has it."""
        return str(mapping(self._spec(member).get("names")).get("kind"))

    def _spec(self, member: str) -> Tree:
        return mapping(self.by_member[member].get("spec"))


def custom_types(made: Iterable[PlacedDocument]) -> dict[tuple[str, str], CustomType]:
    """The custom types that documents define, by group and kind."""
    definitions: dict[tuple[str, str], CustomType] = {}
    for assignment, placed_objects in made:
        if assignment.document.target.kind != DEFINITION:
            continue
        by_type: dict[tuple[str, str], dict[str, Tree]] = {}
        for placed in placed_objects:
            manifest = placed.rendered.manifest
            by_type.setdefault(_defined(manifest), {})[placed.member] = manifest
        by_type.setdefault(_defined(assignment.document.template), {})
        for key, by_member in by_type.items():
            definitions[key] = CustomType(document=assignment.document, by_member=by_member)
    return definitions


def _defined(manifest: Tree) -> tuple[str, str]:
    spec = mapping(manifest.get("spec"))
    return (str(spec.get("group")), str(mapping(spec.get("names")).get("kind")))
