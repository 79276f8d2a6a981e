"""Read ``metadata.managedFields`` of a live object: which manager owns which of its fields.

A path is a sequence of steps, as the API server writes them: ``f:spec`` is a key, ``k:{"name":"web"}`` the item of a
list with these keys, ``v:"x"`` a value of a set, ``i:0`` an index in a list. So paths of several managers compare as
texts. Managers are classified as the Kubernetes provider does it: before an update it takes over what ``kubectl``
owns, and server-side apply then removes from that what the manifest lacks.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.errors.source import PathKey
from federation.plan.model.trees import mapping, mappings
from federation.plan.objects.manifests import FIELD_MANAGER

__all__ = [
    "ABSENT",
    "Owner",
    "Ownership",
    "Path",
    "has",
    "is_ours",
    "owner",
    "ownership",
    "place",
    "shown",
    "text",
    "value_at",
]

Path = tuple[str, ...]

ABSENT: Final = object()
"""The value at a path that does not exist."""

LONGEST: Final = 60  # characters of a value that is shown

_OUR_FORMER_MANAGERS: Final = frozenset({"pulumi-kubernetes", "pulumi-kubernetes.exe", "pulumi-resource-kubernetes"})
"""The provider's managers of a plain create (``adoptResources: Disabled``), until the object's first update."""

_TAKEN_OVER: Final = ("before-first-apply", "pulumi-kubernetes", "pulumi-resource-kubernetes")
"""Prefixes of the managers whose updates the provider takes over, in addition to all of ``kubectl``."""

_FREE_KEYS: Final = frozenset(
    {"annotations", "binaryData", "data", "labels", "matchLabels", "nodeSelector", "stringData"}
)
"""Maps whose keys users choose: these keys are written in brackets."""


class Owner(Enum):
    """The owner of an entry's fields: us, a manager whose fields an update takes over and removes, or others."""

    OURS = auto()
    TAKEN_OVER = auto()
    OTHERS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """The fields of one live object by owner; ``taken_over`` maps each field to one of its managers."""

    ours: frozenset[Path]
    taken_over: Mapping[Path, str]
    others: frozenset[Path]


def owner(entry: Tree) -> Owner:
    """The owner of one entry of ``managedFields``, by the provider's own rule (fluxcd's PatchReplaceFieldsManagers)."""
    manager, operation = str(entry.get("manager", "")), entry.get("operation")
    if is_ours(manager, operation):
        return Owner.OURS
    if entry.get("subresource"):
        return Owner.OTHERS
    if manager.startswith("kubectl") or (operation == "Update" and manager.startswith(_TAKEN_OVER)):
        return Owner.TAKEN_OVER
    return Owner.OTHERS


def is_ours(manager: str, operation: object = "Update") -> bool:
    """Whether a manager is the federation's own."""
    return manager == FIELD_MANAGER or (operation == "Update" and manager in _OUR_FORMER_MANAGERS)


def ownership(live: Tree, *, subresources: bool = True) -> Ownership:
    """The owners of the fields of ``live``; without ``subresources``, entries of subresources are skipped."""
    found: dict[Owner, dict[Path, str]] = {each: {} for each in Owner}
    for entry in mappings(mapping(live.get("metadata")).get("managedFields")):
        if subresources or not entry.get("subresource"):
            manager = str(entry.get("manager", ""))
            found[owner(entry)].update(dict.fromkeys(_leaves(mapping(entry.get("fieldsV1"))), manager))
    return Ownership(
        ours=frozenset(found[Owner.OURS]),
        taken_over=found[Owner.TAKEN_OVER],
        others=frozenset(found[Owner.OTHERS]),
    )


def _leaves(fields: Tree, at: Path = ()) -> Iterator[Path]:
    """The paths of fields that hold a value. ``.`` means the map or item itself, not a field."""
    for step, below in fields.items():
        if step == ".":
            continue
        inner = mapping(below)
        if set(inner) <= {"."}:
            yield (*at, step)
        else:
            yield from _leaves(inner, (*at, step))


def value_at(tree: Any, path: Path) -> Any:
    """The value at ``path`` of ``tree``, ``ABSENT`` where there is none."""
    for step in path:
        tree = _enter(tree, step)
    return tree


def place(tree: Any, path: Path) -> PathKey | None:
    """``path`` in keys and indexes of ``tree``. Keys may be absent in ``tree``; an absent list item gives ``None``."""
    found: list[str | int] = []
    for step in path:
        kind, key = _parsed(step)
        inner = _enter(tree, step)
        if kind == "f":
            found.append(key)
        elif inner is ABSENT:
            return None
        else:
            found.append(next(at for at, item in enumerate(tree) if item is inner or item == inner))
        tree = inner
    return tuple(found)


def has(manifest: Any, path: Path) -> bool:
    """Whether a manifest sets the field at ``path``, or sets one of its parents to a single value."""
    for step in path:
        if not isinstance(manifest, Mapping | list | tuple):
            return True
        manifest = _enter(manifest, step)
        if manifest is ABSENT:
            return False
    return True


def _enter(node: Any, step: str) -> Any:
    kind, key = _parsed(step)
    if kind == "f":
        return node.get(key, ABSENT) if isinstance(node, Mapping) else ABSENT
    if not isinstance(node, list | tuple):
        return ABSENT
    if kind == "k":
        return next((item for item in node if _is_named(item, key)), ABSENT)
    if kind == "v":
        return key if key in node else ABSENT
    return node[key] if isinstance(key, int) and key < len(node) else ABSENT


def _is_named(item: Any, keys: Mapping[str, Any]) -> bool:
    """Whether an item has the keys; a key that it lacks matches, since defaults fill it in (``protocol: TCP``)."""
    if not isinstance(item, Mapping) or not any(key in item for key in keys):
        return False
    return all(item.get(key, value) == value for key, value in keys.items())


def text(path: Path) -> str:
    """A readable path: ``spec.template.spec.containers[name="web"].image``, ``metadata.labels["app"]``."""
    result, parent = "", ""
    for step in path:
        kind, key = _parsed(step)
        if kind == "f":
            is_plain = key.replace("_", "").isalnum() and parent not in _FREE_KEYS
            result += f"[{json.dumps(key)}]" if not is_plain else f".{key}" if result else key
        elif kind == "k":
            result += "[" + ",".join(f"{name}={json.dumps(value)}" for name, value in key.items()) + "]"
        else:
            result += f"[={json.dumps(key)}]" if kind == "v" else f"[{key}]"
        parent = key if kind == "f" else ""
    return result


def shown(value: Any) -> str:
    """A short scalar as text, "" for all other values. The engine keeps every number as a float."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str | int | float | bool) and len(str(value)) <= LONGEST:
        return str(value)
    return ""


@lru_cache(maxsize=4096)
def _parsed(step: str) -> tuple[str, Any]:
    """The kind of a step and its key. A step of an unknown form becomes a key that no object has."""
    kind, _, rest = step.partition(":")
    if kind == "f":
        return "f", rest
    try:
        key = json.loads(rest)
    except ValueError:
        return "f", step
    return kind, key
