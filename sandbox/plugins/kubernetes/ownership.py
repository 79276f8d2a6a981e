"""Who owns a field of a live object, and what does that mean for a change that is to be ignored?

`ignoreChanges` under server-side apply cannot mean "leave the field out": a field that was applied once and is left
out of the next apply is reset by the API server. So it is left out only where another manager has taken it over, and
kept at its live value otherwise, as the official provider does.
"""

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sandbox.plugins.kubernetes import paths
from sandbox.plugins.properties import Path

Tree = dict[str, Any]


def owners(live: Mapping[str, Any], path: Path) -> frozenset[str]:
    """Return the names of the field managers that own what stands at a path of a live object, or something in it."""
    entries = (live.get("metadata") or {}).get("managedFields") or []
    return frozenset(
        entry.get("manager", "") for entry in entries if _contains(entry.get("fieldsV1") or {}, live, path)
    )


def settle(inputs: Tree, live: Tree, ignored: Iterable[Path], manager: str) -> Tree:
    """Return the inputs that an update should apply, given the paths whose changes are to be ignored.

    Neither argument is changed.
    """
    settled = copy.deepcopy(inputs)
    for pattern in ignored:
        # From the end, so that what is dropped first moves nothing that is looked at later.
        for path in reversed(paths.expand(inputs, pattern)):
            if path[:1] in (("apiVersion",), ("kind",)) or path in (("metadata",), ("metadata", "name")):
                continue
            found = paths.value_at(live, path)
            if found is paths.MISSING:
                continue
            who = owners(live, path)
            if who and manager not in who:
                paths.drop(settled, path)
            else:
                paths.put(settled, path, _shaped(found, paths.value_at(inputs, path)))
    return settled


def _shaped(live: Any, given: Any) -> Any:
    """Return a live value without what the inputs never had: applying that would take it over from its owner."""
    if isinstance(live, dict) and isinstance(given, dict):
        return {key: _shaped(live[key], value) for key, value in given.items() if key in live}
    if isinstance(live, list) and isinstance(given, list) and len(live) == len(given):
        return [_shaped(*pair) for pair in zip(live, given, strict=True)]
    return copy.deepcopy(live)


def _contains(fields: Mapping[str, Any], tree: Any, path: Path) -> bool:
    for step in path:
        if isinstance(step, int):
            if not isinstance(tree, list) or step >= len(tree):
                return False
            tree = tree[step]
            keys: Sequence[str] = [key for key in fields if _is_item(key, tree, step)]
        else:
            tree = tree.get(step) if isinstance(tree, Mapping) else None
            keys = [key for key in fields if key == f"f:{step}"]
        if not keys:
            # A field that is owned as a whole lists nothing below it.
            return not fields
        fields = fields[keys[0]]
    return True


def _is_item(key: str, item: Any, index: int) -> bool:
    if key.startswith("k:"):
        wanted = json.loads(key[2:])
        return isinstance(item, Mapping) and all(item.get(name) == value for name, value in wanted.items())
    if key.startswith("v:"):
        return bool(json.loads(key[2:]) == item)
    return key == f"i:{index}"
