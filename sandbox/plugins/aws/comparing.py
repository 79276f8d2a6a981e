"""Normalise property values, so that two values with the same meaning compare equal.

AWS returns values in another order, with other spacing of JSON, and with fields filled in; the engine sends strings
where numbers are meant. A refresh right after an update must find nothing, so every comparison goes through `normal`.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.plugins.aws.schema import Kind, Property, Tree
from sandbox.plugins.properties import UNKNOWN


def normal(prop: Property, value: Any) -> Any:
    """Return a value's normal form, so that equal values compare equal; empty ones become None, `UNKNOWN` stays."""
    if value is UNKNOWN or value is None:
        return value
    if prop.kind in _SCALARS:
        return _SCALARS[prop.kind](value)
    if prop.kind is Kind.BLOCK:
        return normal_block(prop.fields, value)
    items = [item if item is UNKNOWN else _item(prop, item) for item in value]
    return (items if not prop.unordered else sorted(items, key=_order)) or None


def normal_block(fields: Mapping[str, Property], value: Any) -> Any:
    """Return a block's normal form: fields without a value left out."""
    if value is UNKNOWN:
        return value
    pairs = ((key, normal(fields[key], item)) for key, item in sorted(value.items()) if key in fields)
    return {key: item for key, item in pairs if item is not None}


def same(prop: Property, one: Any, other: Any) -> bool:
    """Return whether two values mean the same; an unknown one equals nothing."""
    first, second = normal(prop, one), normal(prop, other)
    return not has_unknown(first) and not has_unknown(second) and first == second


def matches(prop: Property, given: Any, live: Any) -> bool:
    """Return whether AWS's value matches the given one, ignoring fields that AWS filled in."""
    return same(prop, given, prune(prop, given, live))


def prune(prop: Property, given: Any, live: Any) -> Any:
    """Return AWS's value, without the computed fields that were not given."""
    if live is None or given is None:
        return live
    match prop.kind:
        case Kind.BLOCK:
            return _prune_block(prop.fields, given, live)
        case Kind.BLOCKS:
            shapes = [item for item in given if isinstance(item, dict)]
            asked = {key for item in shapes for key, value in item.items() if value is not None}
            return [_prune_block(prop.fields, dict.fromkeys(asked, 0), item) for item in live]
        case _:
            return live


def overlay(prop: Property, given: Any, live: Any) -> Any:
    """Return a value for the state: the program's own form where AWS agrees, else AWS's value."""
    if live is None:
        return given
    if given is None or not matches(prop, given, live):
        return live
    if prop.kind is Kind.BLOCK:
        return {key: overlay(prop.fields[key], given.get(key), live.get(key)) for key in live | given}
    if prop.kind is Kind.BLOCKS and len(given) == len(live) == 1:
        fields = prop.fields
        return [{key: overlay(fields[key], given[0].get(key), live[0].get(key)) for key in live[0] | given[0]}]
    return given


def _prune_block(fields: Mapping[str, Property], given: Tree, live: Tree) -> Tree:
    kept = {}
    for key, item in live.items():
        if key not in fields or (fields[key].computed and given.get(key) is None):
            continue
        inner = given.get(key)
        kept[key] = prune(fields[key], inner, item) if isinstance(inner, dict) else item
    return kept


def _canonical(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return value or None
    return json.dumps(_single_as_text(value), sort_keys=True) if value else None


def _single_as_text(value: Any) -> Any:
    """IAM treats `"Action": "x"` and `"Action": ["x"]` as the same, and ignores the order of such lists."""
    if isinstance(value, dict):
        return {key: _single_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            return value[0] if len(value) == 1 else sorted(value)
        return [_single_as_text(item) for item in value]
    return value


def _labels(value: Mapping[str, Any]) -> dict[str, Any] | None:
    return {key: item if item is UNKNOWN else str(item) for key, item in sorted(value.items())} or None


def _item(prop: Property, item: Any) -> Any:
    return str(item) if prop.kind is Kind.TEXTS else normal_block(prop.fields, item)


def _order(item: Any) -> str:
    return json.dumps(item, sort_keys=True, default=repr)


def has_unknown(value: Any) -> bool:
    """Return whether a value contains `UNKNOWN`."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


_SCALARS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    Kind.TEXT: lambda value: str(value) or None,
    Kind.DOMAIN: lambda value: str(value).lower().removesuffix(".") or None,
    Kind.NUMBER: lambda value: float(value) if value != "" else None,
    Kind.FLAG: lambda value: True if str(value).lower() == "true" else None,
    Kind.DOCUMENT: _canonical,
    Kind.LABELS: _labels,
}
