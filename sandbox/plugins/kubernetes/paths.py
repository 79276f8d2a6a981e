"""Where in an object does a property path such as `spec.containers[0].image` lead?"""

import re
from collections.abc import Iterable
from typing import Any, Final

from sandbox.plugins.kubernetes.errors import RefusedError
from sandbox.plugins.properties import Path

_STEP: Final = re.compile(
    r"""\.?(?: \["(?P<quoted>(?:[^"\\]|\\.)*)"\] | \[(?P<index>\d+)\] | \[(?P<every>\*)\] | (?P<plain>[^.\[\]"]+) )""",
    re.VERBOSE,
)

MISSING: Final = object()
"""What `value_at` returns where there is nothing; None is a value."""


def parse(written: str) -> Path:
    """Read a property path as Pulumi writes them; `*` and `[*]` become the step `*`.

    Raises `RefusedError` for what is none.
    """
    steps: list[str | int] = []
    position = 0
    while position < len(written):
        match = _STEP.match(written, position)
        if match is None:
            raise RefusedError(f'"{written}" is no property path (like spec.replicas or metadata.labels["a.b/c"])')
        if match["quoted"] is not None:
            steps.append(re.sub(r"\\(.)", r"\1", match["quoted"]))
        elif match["index"] is not None:
            steps.append(int(match["index"]))
        else:
            steps.append(match["every"] or match["plain"])
        position = match.end()
    return tuple(steps)


def expand(tree: Any, path: Path) -> list[Path]:
    """List the paths in a tree that a path with `*` stands for; without one, the path itself if it leads anywhere."""
    found: list[tuple[Path, Any]] = [((), tree)]
    for step in path:
        found = [
            ((*done, key), below)
            for done, node in found
            for key, below in _children(node)
            if step == "*" or step == key
        ]
    return [done for done, _ in found]


def value_at(tree: Any, path: Path) -> Any:
    """Return what stands at a path, or `MISSING`."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(tree, list) or step >= len(tree):
                return MISSING
            tree = tree[step]
        elif isinstance(tree, dict) and step in tree:
            tree = tree[step]
        else:
            return MISSING
    return tree


def put(tree: Any, path: Path, value: Any) -> None:
    """Set what stands at a path, in place. What leads there must exist; otherwise nothing happens."""
    parent = value_at(tree, path[:-1])
    step = path[-1]
    if isinstance(step, int):
        if isinstance(parent, list) and step < len(parent):
            parent[step] = value
    elif isinstance(parent, dict):
        parent[step] = value


def drop(tree: Any, path: Path) -> None:
    """Remove what stands at a path, in place, and the mappings that this leaves empty; a list's items stay."""
    parent = value_at(tree, path[:-1])
    if isinstance(parent, dict) and path[-1] in parent:
        del parent[path[-1]]
        if not parent and len(path) > 1:
            drop(tree, path[:-1])


def covered(path: Path, by: Iterable[Path]) -> bool:
    """Say whether a path is one of some others, or lies below one of them; `*` in those matches any step."""
    return any(
        len(other) <= len(path) and all(a in ("*", b) for a, b in zip(other, path, strict=False)) for other in by
    )


def _children(node: Any) -> list[tuple[str | int, Any]]:
    if isinstance(node, dict):
        return list(node.items())
    if isinstance(node, list):
        return list(enumerate(node))
    return []
