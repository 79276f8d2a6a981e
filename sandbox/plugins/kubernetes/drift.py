"""What have others changed of what was applied?

A refresh turns the inputs of the last update into what they would have to be to give the live object, so that the
next update shows the difference. The live object says many things in its own words (a quantity `1000m` becomes `1`),
so a difference counts only if a dry run of the inputs would really change the object.
"""

import base64
from collections.abc import Sequence
from typing import Any

from sandbox.plugins.kubernetes import paths
from sandbox.plugins.kubernetes.change import between
from sandbox.plugins.properties import Path

Tree = dict[str, Any]


def pruned(live: Any, shape: Any) -> Any:
    """Return the part of a live object that has the shape of the inputs.

    Lists of objects are matched by `name` (or key, port, type, ip, mountPath, whichever all items share), else by
    position; items that the inputs do not have are left out, for the cluster adds its own.
    """
    if isinstance(live, dict) and isinstance(shape, dict):
        return {key: pruned(live[key], below) for key, below in shape.items() if key in live}
    if isinstance(live, list) and isinstance(shape, list):
        if key := _identity(live, shape):
            by_name = {item[key]: item for item in live}
            return [pruned(by_name[item[key]], item) for item in shape if item[key] in by_name]
        if len(live) >= len(shape) and all(isinstance(item, dict) for item in [*live, *shape]):
            return [pruned(*pair) for pair in zip(live, shape, strict=False)] + live[len(shape) :]
    return live


def readable(inputs: Tree, live: Tree) -> Tree:
    """Return a live Secret with the `stringData` that its inputs have, which the API server keeps as `data` only."""
    given = inputs.get("stringData")
    if inputs.get("kind") != "Secret" or not isinstance(given, dict):
        return live
    data = live.get("data") or {}
    return live | {
        "stringData": {key: base64.b64decode(data[key]).decode(errors="replace") for key in given if key in data}
    }


def suspected(inputs: Tree, live: Tree) -> bool:
    """Say whether a live object differs in any way from the inputs, be it only in its words."""
    return bool(between(inputs, pruned(live, inputs)))


def confirmed(inputs: Tree, live: Tree, wanted: Tree) -> Tree:
    """Return the inputs with what has drifted set to its live value.

    `wanted` is what a dry run of the inputs made of the live object. The inputs' own words stay wherever `wanted`
    and `live` agree.
    """
    drifted = [change.path for change in between(pruned(wanted, inputs), pruned(live, inputs))]
    merged: Tree = _merged(inputs, pruned(live, inputs), drifted, ())
    return merged


def _merged(given: Any, live: Any, drifted: Sequence[Path], path: Path) -> Any:
    if paths.covered(path, drifted):
        return live
    below = [place for place in drifted if place[: len(path)] == path]
    if not below:
        return given
    if isinstance(given, dict) and isinstance(live, dict):
        return {
            key: _merged(value, live.get(key), below, (*path, key))
            for key, value in given.items()
            if key in live or not paths.covered((*path, key), below)
        }
    if isinstance(given, list) and isinstance(live, list) and len(given) == len(live):
        return [_merged(a, b, below, (*path, index)) for index, (a, b) in enumerate(zip(given, live, strict=True))]
    return live


def _identity(live: Sequence[Any], shape: Sequence[Any]) -> str:
    items = [*live, *shape]
    if not shape or not all(isinstance(item, dict) for item in items):
        return ""
    for key in ("name", "key", "containerPort", "port", "mountPath", "type", "ip", "topologyKey"):
        values = [item.get(key) for item in items]
        if all(isinstance(value, str | int) for value in values):
            unique = all(len({item[key] for item in side}) == len(side) for side in (live, shape))
            if unique:
                return key
    return ""
