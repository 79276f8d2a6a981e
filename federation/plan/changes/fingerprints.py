"""Compute short digests of fields that an update cannot change in place, for the next update's index.

Values are compared as the provider compares them. It passes Kubernetes' own kinds through Go structs first: an empty
list, a false that is the zero value, and another spelling of a quantity are no change there, and so none here. Secret
values are not included: for an immutable Secret only the keys count.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.plan.changes.fixed_fields import FIELDS, FixedField
from federation.plan.model import digests
from federation.plan.model.trees import mapping

__all__ = ["ABSENT", "UNKNOWN", "Fingerprints", "Prints"]

Prints = tuple[tuple[str, str], ...]
"""Path and digest, sorted by path. A field that is absent has none."""
ABSENT: Final = "-"
"""The digest of a field that is absent although its condition holds."""
UNKNOWN: Final = "?"
"""The digest of a field that updates leave alone: its live value may differ from the manifest's."""

_LENGTH: Final = 8  # hexadecimal digits: enough to tell two values of one field apart
_NOTHING: Final = object()
_ITEMS: Final = "[*]."

_FREE_MAPS: Final = frozenset(
    [
        "annotations",
        "binaryData",
        "data",
        "labels",
        "matchLabels",
        "nodeSelector",
        "options",
        "parameters",
        "volumeAttributes",
    ]
)
_QUANTITIES: Final = frozenset({"capacity", "limits", "overhead", "requests"})
_QUANTITY: Final = frozenset({"divisor", "sizeLimit"})
_FALSE_IS_ABSENT: Final = frozenset({"hostIPC", "hostNetwork", "hostPID", "readOnly", "stdin", "stdinOnce", "tty"})
_ZERO_IS_ABSENT: Final = frozenset(
    [
        "failureThreshold",
        "hostPort",
        "initialDelaySeconds",
        "partition",
        "periodSeconds",
        "successThreshold",
        "timeoutSeconds",
    ]
)
_STRUCTS: Final = frozenset({"metadata", "resources", "status", "strategy", "updateStrategy"})
"""Fields that are Go structs and not pointers: an empty one counts as absent."""
_EMPTY_TEXT_COUNTS: Final = frozenset({"apiGroup", "runtimeClassName", "storageClassName"})

_NUMBER: Final = re.compile(r"([+-]?[0-9.]+)([a-zA-Z]*)([+-]?[0-9]*)")
_BINARY: Final = {unit: Decimal(1024) ** power for power, unit in enumerate(("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))}
_DECIMAL: Final = dict(zip(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), range(-9, 19, 3), strict=True))


class Fingerprints:
    """The prints of manifests; a manifest that several members share is computed once."""

    def __init__(self) -> None:
        # The manifest is kept with its prints, so that no other object can get the same id.
        self._cache: dict[int, tuple[Tree, Prints | None]] = {}

    def prints(self, manifest: Tree, ignored: Sequence[str] = ()) -> Prints | None:
        """The prints of ``manifest``; ``None`` for a kind without fixed fields. ``ignored`` fields are unknown."""
        fields = FIELDS.get((str(manifest.get("apiVersion")), str(manifest.get("kind"))))
        if fields is None:
            return None
        found = self._cache.get(id(manifest))
        if found is None:
            found = self._cache[id(manifest)] = (manifest, _prints(manifest, fields.values()))
        prints = found[1]
        if prints is None or not ignored:
            return prints
        return tuple((path, UNKNOWN if _is_ignored(path, ignored) else print_) for path, print_ in prints)


def _is_ignored(path: str, ignored: Iterable[str]) -> bool:
    """Whether updates leave all or a part of the field alone."""
    return any(
        f"{path}.".startswith((f"{each}.", f"{each}[")) or each.startswith((f"{path}.", f"{path}[")) for each in ignored
    )


def _prints(manifest: Tree, fields: Iterable[FixedField]) -> Prints | None:
    fields = tuple(fields)
    found = sorted((path, text) for each in fields for path, text in _of_field(each, manifest))
    # With no print, and no field whose addition counts, the next update needs nothing.
    if not found and all(each.condition or "added" not in each.steps for each in fields):
        return None
    return tuple(found)


def _of_field(field: FixedField, manifest: Tree) -> Iterable[tuple[str, str]]:
    if not _holds(field, manifest):
        return
    parent, items, name = field.path.partition(_ITEMS)
    if items:
        listed = _read(manifest, parent)
        for index, item in enumerate(listed if isinstance(listed, list | tuple) else ()):
            value = _normal(mapping(item).get(name), name)
            if value is not _NOTHING:
                yield f"{parent}[{index}].{name}", _digest(value, field)
        return
    value = _value(field, manifest)
    if value is not _NOTHING and value != field.default:
        yield field.path, _digest(value, field)
    elif field.condition not in ("", "immutable") and field.steps - {"changed"}:
        yield field.path, ABSENT


def _holds(field: FixedField, manifest: Tree) -> bool:
    """Whether the condition of ``field`` holds; for ``immutable`` the new object decides, so it holds here."""
    spec = mapping(manifest.get("spec"))
    match field.condition:
        case "load balancer":
            return spec.get("type") == "LoadBalancer"
        case "own addresses":
            return spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None"
    return True


def _value(field: FixedField, manifest: Tree) -> Any:
    name = field.path.rpartition(".")[2]
    match field.form:
        case "keys":
            return sorted({*mapping(manifest.get("data")), *mapping(manifest.get("stringData"))}) or _NOTHING
        case "data source":
            spec = mapping(manifest.get("spec"))
            return _normal(spec.get("dataSource") or spec.get("dataSourceRef"), name)
        case "size":
            size = _read(manifest, field.path)
            return _NOTHING if size is None else _quantity(size)
        case "first":
            listed = _read(manifest, field.path)
            return listed[0] if isinstance(listed, list | tuple) and listed else _NOTHING
    return _normal(_read(manifest, field.path), name)


def _read(tree: Tree, path: str) -> Any:
    value: Any = tree
    for name in path.split("."):
        value = mapping(value).get(name)
    return value


def _digest(value: Any, field: FixedField) -> str:
    if field.form == "size":
        return str(value)  # digests cannot be compared by size
    text = digests.canonical(value)
    for old, new in field.alike:
        text = text.replace(old, new)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def _normal(value: Any, name: str, parent: str = "") -> Any:
    """``value`` of the field ``name`` as the provider compares it; ``_NOTHING`` for what counts as absent."""
    is_free = parent in _FREE_MAPS
    match value:
        case None:
            return _NOTHING
        case Mapping():
            entries = {key: _normal(item, key, name) for key, item in value.items()}
            kept = {key: item for key, item in entries.items() if item is not _NOTHING}
            return kept if kept or name not in _FREE_MAPS | _QUANTITIES | _STRUCTS else _NOTHING
        case list() | tuple():
            items = (_normal(item, name) for item in value)
            return [None if item is _NOTHING else item for item in items] or _NOTHING
        case bool():
            return _NOTHING if not value and name in _FALSE_IS_ABSENT else value
        case "" if not is_free and name not in _EMPTY_TEXT_COUNTS:
            return _NOTHING
        case str() | int() | float() if parent in _QUANTITIES or name in _QUANTITY:
            return _quantity(value)
        case 0 if name in _ZERO_IS_ABSENT:
            return _NOTHING
    return value


def _quantity(value: Any) -> str:
    """A quantity as a plain number, so that ``1000m`` is ``1``; other text stays as it is."""
    text = str(value)
    found = _NUMBER.fullmatch(text)
    if not found:
        return text
    digits, unit, exponent = found.groups()
    try:
        if exponent:
            size = Decimal(text)
        else:
            size = Decimal(digits) * (_BINARY[unit] if unit in _BINARY else Decimal(10) ** _DECIMAL[unit])
    except (ArithmeticError, KeyError):
        return text
    return f"{size.normalize():f}"
