"""Answer `Diff`: which properties changed, and which of them replace the resource.

Inputs are compared with inputs, as the engine keeps them in state (a refresh writes what it reads into them). So an
update that changes nothing sends no request to AWS.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.plugins.aws.comparing import normal, same
from sandbox.plugins.aws.schema import Kind, Property, ResourceType, Tree
from sandbox.plugins.properties import Path

DEFAULTS_KEY = "__defaults"
"""Where the inputs remember which of them were filled in, by the official plugins' own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One place that differs. `kind` is add, delete or update."""

    path: Path
    kind: str
    replaces: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The differences between two sets of inputs."""

    changes: tuple[Change, ...]
    delete_first: bool

    @property
    def changed(self) -> tuple[str, ...]:
        """The properties that differ, sorted."""
        return tuple(sorted({str(change.path[0]) for change in self.changes}))

    @property
    def replaces(self) -> tuple[str, ...]:
        """The properties whose change replaces the resource, sorted."""
        return tuple(sorted({str(change.path[0]) for change in self.changes if change.replaces}))


def difference(kind: ResourceType, old: Tree, new: Tree) -> Difference:
    """Compare the inputs in state with those that the program gives now."""
    changes = tuple(change for name, prop in kind.properties.items() for change in _property(name, prop, old, new))
    replaces = any(change.replaces for change in changes)
    return Difference(changes=changes, delete_first=replaces and _name_is_taken(kind, old, new))


def _property(name: str, prop: Property, old: Tree, new: Tree) -> Iterator[Change]:
    before, after = old.get(name), new.get(name)
    if same(prop, before, after) or (prop.computed and after is None):
        return
    yield from _walk(prop, before, after, (name,), replaces=prop.replaces)


def _walk(prop: Property, before: Any, after: Any, path: Path, *, replaces: bool) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict) and prop.kind in (Kind.BLOCK, Kind.LABELS):
        for key in sorted(before | after):
            inner = prop.fields.get(key, Property())
            one, other = before.get(key), after.get(key)
            if not same(inner, one, other) and not (inner.computed and other is None):
                yield from _walk(inner, one, other, (*path, key), replaces=replaces or inner.replaces)
        return
    if isinstance(before, list) and isinstance(after, list):
        yield from _lists(prop, before, after, path, replaces=replaces)
        return
    kind = "add" if normal(prop, before) is None else "delete" if normal(prop, after) is None else "update"
    yield Change(path=path, kind=kind, replaces=replaces)


def _lists(prop: Property, before: list[Any], after: list[Any], path: Path, *, replaces: bool) -> Iterator[Change]:
    """A list's changes by index in the new list, or in the old one for removed elements."""
    single = Property(kind=prop.kind, fields=prop.fields)
    if prop.kind is Kind.BLOCKS and len(before) == len(after) == 1:
        block = Property(kind=Kind.BLOCK, fields=prop.fields)
        yield from _walk(block, before[0], after[0], (*path, 0), replaces=replaces)
        return
    for index, item in enumerate(after):
        if not any(same(single, [item], [other]) for other in before):
            kind = "update" if index < len(before) else "add"
            yield Change(path=(*path, index), kind=kind, replaces=replaces)
    for index in range(len(after), len(before)):
        yield Change(path=(*path, index), kind="delete", replaces=replaces)
    if len(before) == len(after) and all(any(same(single, [a], [b]) for b in before) for a in after):
        yield Change(path=path, kind="update", replaces=replaces)


def _name_is_taken(kind: ResourceType, old: Tree, new: Tree) -> bool:
    """A name that the program set, and keeps, is free only after the old resource is deleted."""
    if kind.autoname is None:
        return False
    name = kind.autoname.property
    return name not in new.get(DEFAULTS_KEY, ()) and new.get(name) is not None and old.get(name) == new.get(name)
