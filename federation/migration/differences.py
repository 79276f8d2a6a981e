"""Find few and small JSON Patch operations that turn one tree into another, each path at most once.

Lists of the same length are compared item by item; others are replaced whole.
"""

from collections.abc import Iterator
from typing import Any

from federation.api.model.federated import Tree

__all__ = ["operations"]


def operations(before: Tree, after: Tree, pointer: str = "") -> Iterator[dict[str, Any]]:
    """JSON Patch operations that turn ``before`` into ``after``, sorted by key."""
    for key in sorted({*before, *after}):
        path = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        if key not in after:
            yield {"op": "remove", "path": path}
        elif key not in before:
            yield {"op": "add", "path": path, "value": after[key]}
        else:
            yield from _between(before[key], after[key], path)


def _between(before: Any, after: Any, path: str) -> Iterator[dict[str, Any]]:
    # Only leaves are compared whole: Python takes [False] and [0] as equal.
    if isinstance(before, dict) and isinstance(after, dict):
        yield from operations(before, after, path)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _between(one, other, f"{path}/{index}")
    elif before != after or type(before) is not type(after):
        yield {"op": "replace", "path": path, "value": after}
