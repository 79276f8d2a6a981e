"""Keep values that other managers inject into definitions, webhook configurations and API services.

The provider updates a CustomResourceDefinition by PUT, which drops every field that its inputs lack. A certificate
injector writes ``caBundle`` over a placeholder of the template; the next update would restore the placeholder until
the injector runs again. So live values that others own go into the manifest after the plan, and are in no digest and
no index. Fields that ``kubectl`` owns are not injected values: the provider takes them over.

A definition gets each field of others that its manifest lacks: a key of a map, a value of ``finalizers``, an owner
reference. Lists like ``versions`` are one value, so nothing is ever merged into them. ``spec.conversion`` is a union:
if the manifest chooses another ``strategy``, no field of others stays in it. A ``caBundle`` that others own wins
over the manifest's. Overrides come last, as after retention: a field that an override names has the override's value.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.api.model.types import group_of
from federation.errors.source import PathKey
from federation.plan.live import managed_fields
from federation.plan.live.managed_fields import ABSENT, Ownership, Path
from federation.plan.model.plan import PlannedObject
from federation.plan.model.trees import mapping

__all__ = ["Injected", "is_definition", "is_injectable", "merged"]

_DEFINITION: Final = ("apiextensions.k8s.io", "CustomResourceDefinition")
_WITH_BUNDLE: Final = frozenset(
    {
        _DEFINITION,
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("apiregistration.k8s.io", "APIService"),
    }
)
_OF_OTHERS: Final = frozenset({"f:annotations", "f:finalizers", "f:labels", "f:ownerReferences"})
"""The fields of ``metadata`` that others may own. Outside ``metadata`` they may own all but ``status``."""
_OWNER_REFERENCES: Final = ("f:metadata", "f:ownerReferences")
_CONVERSION: Final = ("f:spec", "f:conversion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Injected:
    """A manifest with the values that others have injected into the live object, and their ``paths``."""

    manifest: Tree
    paths: tuple[PathKey, ...] = ()


def is_injectable(planned: PlannedObject) -> bool:
    """Whether the object's kind is one that controllers inject values into."""
    return (group_of(planned.api_version), planned.kind) in _WITH_BUNDLE


def is_definition(planned: PlannedObject) -> bool:
    """Whether an object is a CustomResourceDefinition, which the provider updates by PUT."""
    return (group_of(planned.api_version), planned.kind) == _DEFINITION


def merged(planned: PlannedObject, live: Tree) -> Injected:
    """The manifest of ``planned`` with the values that others own in ``live``; the same object if there are none."""
    merge = _Merge(planned, live)
    for path in sorted(merge.owned.others):
        if path[0] != "f:status" and (path[0] != "f:metadata" or _OF_OTHERS.intersection(path[1:2])):
            merge.field(path)
    return Injected(manifest=merge.manifest, paths=tuple(dict.fromkeys(merge.paths)))


class _Merge:
    """One manifest, and the paths of the values that have been merged into it."""

    def __init__(self, planned: PlannedObject, live: Tree) -> None:
        self.manifest: Any = planned.manifest
        self.paths: list[PathKey] = []
        self.owned: Ownership = managed_fields.ownership(live, subresources=False)
        self._planned, self._live = planned, live

    def field(self, path: Path) -> None:
        """Merge one field that others own."""
        live = managed_fields.value_at(self._live, path)
        if live is ABSENT or self._is_of_another_strategy(path):
            return
        if not managed_fields.has(self.manifest, path):
            # A field that we own as well was removed from the documents, so it goes.
            if is_definition(self._planned) and path not in self.owned.ours:
                self._add(path)
        elif path[-1] == "f:caBundle" and managed_fields.value_at(self.manifest, path) is not ABSENT:
            place = managed_fields.place(self.manifest, path)
            if not self._is_overridden(place, in_manifest=True):
                self._put(place, live)

    def _add(self, path: Path) -> None:
        """Add the missing part of ``path``: the field, or the map around it if others own all of that map."""
        end = next(end for end in range(1, len(path) + 1) if not managed_fields.has(self.manifest, path[:end]))
        top, below = path[:end], path[end : end + 1]
        if self._is_overridden(managed_fields.place(self._live, path), in_manifest=False):
            return
        if not top[-1].startswith("f:"):
            self._append(top)
        elif below and not below[0].startswith("f:"):
            self._append(path[: end + 1])
        elif not below or not self._is_partly_ours(top):
            self._put(managed_fields.place(self._live, top), managed_fields.value_at(self._live, top))

    def _append(self, item: Path) -> None:
        """Append a value of a set, or an owner reference; items of other lists are never merged."""
        parent = item[:-1]
        is_whole = item[-1].startswith("v:") or (parent == _OWNER_REFERENCES and not self._is_partly_ours(item))
        place = managed_fields.place(self.manifest, parent)
        if is_whole and place is not None:
            current = managed_fields.value_at(self.manifest, parent)
            items = current if isinstance(current, list | tuple) else ()
            self._put(place, [*items, managed_fields.value_at(self._live, item)])

    def _put(self, place: PathKey | None, value: Any) -> None:
        if place is not None:
            self.manifest = _with(self.manifest, place, value)
            self.paths.append(place)

    def _is_partly_ours(self, top: Path) -> bool:
        return any(each[: len(top)] == top for each in (*self.owned.ours, *self.owned.taken_over))

    def _is_of_another_strategy(self, path: Path) -> bool:
        if path[:2] != _CONVERSION or not is_definition(self._planned):
            return False
        ours, theirs = (
            managed_fields.value_at(tree, (*_CONVERSION, "f:strategy")) for tree in (self.manifest, self._live)
        )
        return ours is not ABSENT and ours != theirs

    def _is_overridden(self, place: PathKey | None, *, in_manifest: bool) -> bool:
        """Whether an override names the field, or something inside it.

        An override of a parent counts in two cases: the manifest has the field (``in_manifest``), so the override set
        it; or the override removes the parent.
        """
        field_keys = tuple(str(key) for key in place or ())
        for each in self._planned.overrides:
            overridden = tuple(self._counted(each.path))
            if overridden[: len(field_keys)] == field_keys or (
                (in_manifest or each.op == "remove") and field_keys[: len(overridden)] == overridden
            ):
                return True
        return False

    def _counted(self, pointer: str) -> Iterator[str]:
        """The keys of a JSON pointer, with list indexes counted from the front."""
        tree: Any = self._planned.manifest
        for raw in pointer.split("/")[1:]:
            key = raw.replace("~1", "/").replace("~0", "~")
            if isinstance(tree, list | tuple) and (key == "-" or key.lstrip("-").isdecimal()):
                index = len(tree) - 1 if key == "-" else int(key) % max(1, len(tree))
                tree = tree[index] if tree else ABSENT
                yield str(index)
            else:
                tree = mapping(tree).get(key, ABSENT)
                yield key


def _with(tree: Any, place: PathKey, value: Any) -> Any:
    """``tree`` with ``value`` at ``place``; all other branches are shared with ``tree``."""
    key, rest = place[0], place[1:]
    if isinstance(key, int):
        return [_with(item, rest, value) if rest and at == key else item for at, item in enumerate(tree)]
    return {**tree, key: _with(tree[key], rest, value) if rest else value}
