"""Map a path in a rendered manifest to the template or override line that set it.

A value comes from the template, unless an override put it there. The operations are followed backwards, and an index of
a list is corrected for the items that they inserted or removed before it. The same walk finds the override that
affects a path.
"""

from dataclasses import dataclass
from typing import Final

from federation.errors.source import PathKey
from federation.plan.model.plan import Operation

__all__ = ["TEMPLATE", "Trail", "written_at"]

TEMPLATE: Final[PathKey] = ("spec", "template")


@dataclass(frozen=True, slots=True)
class Trail:
    """The operations that were carried out on a document's template, to trace a path back to its line.

    ``decided`` are the paths of numbers that no line of the document sets.
    """

    operations: tuple[Operation, ...]
    decided: frozenset[PathKey] = frozenset()

    def back(self, path: PathKey) -> PathKey:
        """The path in the document that set the value at ``path`` of the manifest."""
        if path in self.decided:
            return TEMPLATE
        for operation in reversed(self.operations):
            if _puts(operation, path):
                return (*operation.at, "value", *path[len(operation.position) :])
            path = _before(operation, path)
        return written_at(path)

    def named_by(self, path: PathKey) -> Operation | None:
        """The last operation on ``path`` of the manifest, on something around it or on something inside of it."""
        for operation in reversed(self.operations):
            if _puts(operation, path) or _reaches_into(operation, path):
                return operation
            path = _before(operation, path)
        return None


def written_at(path: PathKey) -> PathKey:
    """The path in a federated document that sets the value at ``path`` of its object, when no override sets it."""
    if path[:1] == ("metadata",) and path[1:2] in (("name",), ("namespace",)):
        return path
    return (*TEMPLATE, *path)


def _puts(operation: Operation, path: PathKey) -> bool:
    """Whether the value at ``path`` afterwards is that of ``operation``, or inside of it."""
    return operation.op != "remove" and path[: len(operation.position)] == operation.position


def _reaches_into(operation: Operation, path: PathKey) -> bool:
    """Whether ``operation`` changes something inside of the value at ``path``."""
    return len(operation.position) > len(path) and operation.position[: len(path)] == path


def _before(operation: Operation, path: PathKey) -> PathKey:
    """The path, before ``operation``, of a value at ``path`` afterwards that it did not set."""
    at = operation.position
    depth, changed = len(at), at[-1]
    if operation.op == "replace" or not isinstance(changed, int):
        return path
    if len(path) < depth or path[: depth - 1] != at[:-1]:
        return path
    index = path[depth - 1]
    if isinstance(index, int) and index >= changed:
        return (*path[: depth - 1], index + (-1 if operation.op == "add" else 1), *path[depth:])
    return path
