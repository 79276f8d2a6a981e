"""Map a path in a rendered manifest to the template or override line that set it.

A value comes from the template, unless an override put it there. The operations are followed backwards, and an index of
a list is corrected for the items that they inserted or removed before it. The same walk finds the override that
affects a path.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from federation.api.model.federated import Tree
from federation.errors.source import PathKey
from federation.plan.overrides import json_patch
from federation.plan.overrides.operations import Operation

__all__ = ["TEMPLATE", "Trail", "written_at"]

TEMPLATE: Final[PathKey] = ("spec", "template")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One operation as it was carried out: its path in full, indices counted from the front."""

    operation: Operation
    path: PathKey
    in_list: bool

    def puts(self, path: PathKey) -> bool:
        """Whether the value at ``path`` afterwards is this operation's value, or inside of it."""
        return self.operation.op != "remove" and path[: len(self.path)] == self.path

    def reaches_into(self, path: PathKey) -> bool:
        """Whether it changes something inside of the value at ``path``."""
        return len(self.path) > len(path) and self.path[: len(path)] == path

    def before(self, path: PathKey) -> PathKey:
        """The path, before the operation, of a value at ``path`` afterwards that the operation did not set."""
        if not self.in_list or self.operation.op == "replace":
            return path
        return _moved(path, self.path, -1 if self.operation.op == "add" else 1)


class Trail:
    """The operations on a document's template in one member, to trace a path back to its line."""

    def __init__(self, base: Tree, operations: Sequence[Operation]) -> None:
        self._steps: list[_Step] = []
        tree = base
        for operation in operations:
            try:
                patched = json_patch.apply(tree, operation.op, operation.path, operation.value)
            except json_patch.PatchError:
                continue
            self._steps.append(_step(operation, tree))
            tree = patched.tree

    def back(self, path: PathKey) -> PathKey:
        """The path in the document that set the value at ``path`` of the manifest."""
        for step in reversed(self._steps):
            if step.puts(path):
                at = step.operation.at
                return (*at, "value", *path[len(step.path) :]) if at else TEMPLATE
            path = step.before(path)
        return written_at(path)

    def named_by(self, path: PathKey) -> Operation | None:
        """The last operation on ``path`` of the manifest, on something around it or on something inside of it."""
        for step in reversed(self._steps):
            if step.puts(path) or step.reaches_into(path):
                return step.operation
            path = step.before(path)
        return None


def written_at(path: PathKey) -> PathKey:
    """The path in a federated document that sets the value at ``path`` of its object, when no override sets it."""
    if path[:1] == ("metadata",) and path[1:2] in (("name",), ("namespace",)):
        return path
    return (*TEMPLATE, *path)


def _step(operation: Operation, tree: Tree) -> _Step:
    keys = [key.replace("~1", "/").replace("~0", "~") for key in operation.path.split("/")[1:]]
    path: list[str | int] = []
    holder: object = tree
    for key in keys:
        if isinstance(holder, list | tuple):
            size = len(holder) + (operation.op == "add" and len(path) == len(keys) - 1)
            index = size - 1 if key == "-" else int(key) % size
            path.append(index)
            holder = holder[index] if index < len(holder) else None
        else:
            path.append(key)
            holder = holder.get(key) if isinstance(holder, dict) else None
    return _Step(operation=operation, path=tuple(path), in_list=isinstance(path[-1], int))


def _moved(path: PathKey, at: PathKey, by: int) -> PathKey:
    """``path`` before an item was inserted at ``at`` (``by`` is -1) or removed from there (1)."""
    depth = len(at)
    if len(path) < depth or path[: depth - 1] != at[:-1]:
        return path
    index, changed = path[depth - 1], at[-1]
    if isinstance(index, int) and isinstance(changed, int) and index >= changed:
        return (*path[: depth - 1], index + by, *path[depth:])
    return path
