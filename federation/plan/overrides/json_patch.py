"""Carry out one JSON Patch operation on a tree.

``add``, ``remove`` and ``replace`` of RFC 6902 work as in KubeFed's library (json-patch 4.12), which differs from the
RFC: ``replace`` sets an object key that is missing, indices may be negative, and ``add`` at an index equal to the
length appends. Trees are never changed. Mappings and lists along the path are copied, and both trees share all
the rest. A library that copies whole trees would copy them a hundred times over.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from federation.api.model.federated import Tree

__all__ = ["PatchError", "Patched", "apply", "displaced", "is_enterable"]

_INDEX = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_KEYS_SHOWN = 12


class PatchError(ValueError):
    """The operation does not apply to this tree. The message names the tree's keys, never its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patched:
    """The new tree; ``set_missing`` is true when ``replace`` found no such key and set it.

    ``position`` is the path that changed, with indexes of lists counted from the front.
    """

    tree: Tree
    set_missing: bool = False
    position: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    op: Literal["add", "remove", "replace"]
    path: tuple[str, ...]
    value: Any
    indexes: dict[int, int]
    """The indexes in lists on the way, by depth, filled in as they are found."""

    def position(self) -> tuple[str | int, ...]:
        if not self.indexes:
            return self.path
        return tuple(self.indexes.get(depth, key) for depth, key in enumerate(self.path))


def apply(tree: Tree, op: Literal["add", "remove", "replace"], path: str, value: Any = None) -> Patched:
    """Carry out one operation on ``tree``; ``PatchError`` when it does not apply."""
    keys = _keys(path)
    if not keys:
        msg = f'"{path}" is not a path into the object'
        raise PatchError(msg)
    step = _Step(op=op, path=keys, value=value, indexes={})
    changed, set_missing = _edit(tree, 0, step)
    return Patched(tree=changed, set_missing=set_missing, position=step.position())


def displaced(tree: Tree, op: Literal["add", "remove", "replace"], path: str) -> Any:
    """The value that ``op`` at ``path`` replaces or removes; ``None`` for none, or where a list only grows."""
    keys = _keys(path)
    node = _parent(tree, keys)
    if op == "add" and not isinstance(node, Mapping):
        return None
    return _child(node, keys[-1]) if keys else None


def is_enterable(tree: Tree, path: str) -> bool:
    """Whether the parent of ``path`` is an object or a list, whatever that holds."""
    keys = _keys(path)
    return bool(keys) and isinstance(_parent(tree, keys), Mapping | list | tuple)


def _parent(tree: Tree, keys: tuple[str, ...]) -> Any:
    node: Any = tree
    for key in keys[:-1]:
        node = _child(node, key)
    return node


def _child(node: Any, key: str) -> Any:
    if type(node) is dict or isinstance(node, Mapping):
        return node.get(key)
    if isinstance(node, list | tuple) and _INDEX.fullmatch(key) and -len(node) <= int(key) < len(node):
        return node[int(key)]
    return None


@lru_cache(maxsize=4096)
def _keys(path: str) -> tuple[str, ...]:
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in path.split("/")[1:])


def _edit(node: Any, depth: int, step: _Step) -> tuple[Any, bool]:
    last = depth == len(step.path) - 1
    if type(node) is dict or isinstance(node, Mapping):
        return _edit_key(node, step) if last else _enter_key(node, depth, step)
    if isinstance(node, list | tuple):
        return (_edit_index(list(node), step), False) if last else _enter_index(list(node), depth, step)
    msg = f"{_shown(step.path[:depth])} is neither an object nor a list: nothing can be inside it"
    raise PatchError(msg)


def _enter_key(node: Tree, depth: int, step: _Step) -> tuple[Any, bool]:
    key = step.path[depth]
    # A null counts as absent on the way down, as in the library.
    if node.get(key) is None:
        msg = f"there is no {_shown(step.path[: depth + 1])}: {_holding(step.path[:depth], node)}"
        raise PatchError(msg)
    child, set_missing = _edit(node[key], depth + 1, step)
    return {**node, key: child}, set_missing


def _enter_index(node: list[Any], depth: int, step: _Step) -> tuple[Any, bool]:
    index = step.indexes[depth] = _index(node, step.path[: depth + 1], len(node))
    node[index], set_missing = _edit(node[index], depth + 1, step)
    return node, set_missing


def _edit_key(node: Tree, step: _Step) -> tuple[Any, bool]:
    key = step.path[-1]
    if step.op != "remove":
        return {**node, key: step.value}, step.op == "replace" and key not in node
    if key not in node:
        msg = f"there is no {_shown(step.path)} to remove: {_holding(step.path[:-1], node)}"
        raise PatchError(msg)
    return {name: value for name, value in node.items() if name != key}, False


def _edit_index(node: list[Any], step: _Step) -> list[Any]:
    if step.op == "add":
        # Counted against the list as it will be: -1 appends, and so does its length.
        index = len(node) if step.path[-1] == "-" else _index(node, step.path, len(node) + 1)
        node.insert(index, step.value)
    else:
        index = _index(node, step.path, len(node))
        node[index : index + 1] = [step.value] if step.op == "replace" else []
    step.indexes[len(step.path) - 1] = index
    return node


def _index(node: list[Any], path: tuple[str, ...], size: int) -> int:
    text = path[-1]
    if not _INDEX.fullmatch(text):
        msg = f'{_shown(path[:-1])} is a list: "{text}" is not an index of it'
        raise PatchError(msg)
    index = int(text)
    if not -size <= index < size:
        msg = f"{_shown(path)} is outside the list: {_shown(path[:-1])} holds {len(node)}, counted from 0"
        raise PatchError(msg)
    return index + size if index < 0 else index


def _shown(path: tuple[str, ...]) -> str:
    return (
        '"' + "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path) + '"' if path else "the object"
    )


def _holding(path: tuple[str, ...], node: Tree) -> str:
    names = [str(name) for name in node]
    shown = ", ".join(names[:_KEYS_SHOWN]) + (", ..." if len(names) > _KEYS_SHOWN else "")
    return f"{_shown(path)} holds {shown or 'nothing'}"
