"""Keep values that other managers inject into definitions, webhook configurations and API services.

The provider updates a CustomResourceDefinition by PUT, which drops every field that its inputs lack. And a certificate
injector writes ``caBundle`` over a placeholder of the template, which the next update would take back until the
injector has seen it. So live values that others own go into the manifest, after the plan: neither digests nor the
index know of them. What ``kubectl`` owns is no injected value: the provider takes that over.

A definition gets each field of others that its manifest lacks: a key of a map, a value of ``finalizers``, an owner
reference. Lists like ``versions`` are one value, so nothing is ever merged into them. ``spec.conversion`` is a union:
where the manifest chooses another ``strategy``, nothing of others' stays in it. A ``caBundle`` that others own wins
over the manifest's. Overrides come after that, as after retention: a field that an override names is what it says.
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
"""What of ``metadata`` may be others'; of the object itself, all but its ``status``."""
_OWNER_REFERENCES: Final = ("f:metadata", "f:ownerReferences")
_CONVERSION: Final = ("f:spec", "f:conversion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Injected:
    """A manifest with the values that others have injected into the live object, and the ``paths`` of these."""

    manifest: Tree
    paths: tuple[PathKey, ...] = ()


def is_injectable(planned: PlannedObject) -> bool:
    """Whether an object is of a kind that values are injected into."""
    return (group_of(planned.api_version), planned.kind) in _WITH_BUNDLE


def is_definition(planned: PlannedObject) -> bool:
    """Whether an object is a CustomResourceDefinition, which the provider updates by PUT."""
    return (group_of(planned.api_version), planned.kind) == _DEFINITION


def merged(planned: PlannedObject, live: Tree) -> Injected:
    """The manifest of ``planned`` with what others own in ``live``; the very same manifest where that is nothing."""
    merge = _Merge(planned, live)
    for path in sorted(merge.owned.others):
        if path[0] != "f:status" and (path[0] != "f:metadata" or _OF_OTHERS.intersection(path[1:2])):
            merge.field(path)
    return Injected(manifest=merge.manifest, paths=tuple(dict.fromkeys(merge.paths)))


class _Merge:
    """One manifest, and what has been merged into it."""

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
            # What is ours as well has been taken out of the documents, and goes.
            if is_definition(self._planned) and path not in self.owned.ours:
                self._add(path)
        elif path[-1] == "f:caBundle" and managed_fields.value_at(self.manifest, path) is not ABSENT:
            place = managed_fields.place(self.manifest, path)
            if not self._is_overridden(place, there=True):
                self._put(place, live)

    def _add(self, path: Path) -> None:
        """Add what the manifest lacks of ``path``: the field, or a map around it that is all of others' making."""
        end = next(end for end in range(1, len(path) + 1) if not managed_fields.has(self.manifest, path[:end]))
        top, below = path[:end], path[end : end + 1]
        if self._is_overridden(managed_fields.place(self._live, path), there=False):
            return
        if not top[-1].startswith("f:"):
            self._append(top)
        elif below and not below[0].startswith("f:"):
            self._append(path[: end + 1])
        elif not below or not self._is_partly_ours(top):
            self._put(managed_fields.place(self._live, top), managed_fields.value_at(self._live, top))

    def _append(self, item: Path) -> None:
        """Append a value of a set, or an owner reference; an item of any other list belongs to its own list only."""
        around = item[:-1]
        is_whole = item[-1].startswith("v:") or (around == _OWNER_REFERENCES and not self._is_partly_ours(item))
        place = managed_fields.place(self.manifest, around)
        if is_whole and place is not None:
            standing = managed_fields.value_at(self.manifest, around)
            items = standing if isinstance(standing, list | tuple) else ()
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

    def _is_overridden(self, place: PathKey | None, *, there: bool) -> bool:
        """Whether an override names the field, or something in it. One around it counts where the manifest has the
        field (``there``), which the override has set then, and where it removes."""
        wanted = tuple(str(key) for key in place or ())
        for each in self._planned.overrides:
            named = tuple(self._counted(each.path))
            if named[: len(wanted)] == wanted or ((there or each.op == "remove") and wanted[: len(named)] == named):
                return True
        return False

    def _counted(self, pointer: str) -> Iterator[str]:
        """The keys of a JSON pointer, places in a list counted from the front."""
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
    """``tree`` with ``value`` at ``place``; what is not on the way there is shared."""
    key, rest = place[0], place[1:]
    if isinstance(key, int):
        return [_with(item, rest, value) if rest and at == key else item for at, item in enumerate(tree)]
    return {**tree, key: _with(tree[key], rest, value) if rest else value}
