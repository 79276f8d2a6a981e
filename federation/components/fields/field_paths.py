"""Read the value at a field path of the API server, such as ``.spec.containers[name="web"].image``.

These paths are made for people: a key may itself hold dots (annotations), and a list item is named by its identifying
keys. So a path can only be split along the object that it belongs to.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["MISSING", "at"]

MISSING: Final = object()
"""The value at a path that does not exist."""


def at(tree: Any, path: str) -> Any:
    """The value at ``path`` in ``tree``, ``MISSING`` where there is none."""
    if not path:
        return tree
    if path.startswith("["):
        selector, _, rest = path[1:].partition("]")
        return at(_item(tree, selector), rest)
    if not isinstance(tree, Mapping):
        return MISSING
    rest = path[1:]
    # The longest key first: of `a` and `a.b`, only the second matches the path `.a.b.c`.
    for key in sorted(map(str, tree), key=len, reverse=True):
        if rest == key or rest.startswith((f"{key}.", f"{key}[")):
            return at(tree[key], rest[len(key) :])
    return MISSING


def _item(items: Any, selector: str) -> Any:
    wanted = dict(_pair(part) for part in selector.split(",") if "=" in part)
    if not isinstance(items, list | tuple) or not wanted:
        return MISSING
    for item in items:
        if isinstance(item, Mapping) and all(item.get(key) == value for key, value in wanted.items()):
            return item
    return MISSING


def _pair(part: str) -> tuple[str, Any]:
    key, _, value = part.partition("=")
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value
