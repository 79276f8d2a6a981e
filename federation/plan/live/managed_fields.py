"""Read ``metadata.managedFields`` of a live object: which manager owns which of its fields.

A path is the sequence of steps in which the API server writes it: ``f:spec`` is a key, ``k:{"name":"web"}`` the item of
a list with these keys, ``v:"x"`` a value of a set, ``i:0`` a place in a list. So paths of several managers compare as
texts. Whose a manager is follows the Kubernetes provider: before an update it takes over what ``kubectl`` owns, and
server-side apply then removes what the manifest lacks.
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
"""What stands at a path where nothing stands."""

LONGEST: Final = 60  # characters of a value that is shown

_OUR_FORMER_MANAGERS: Final = frozenset({"pulumi-kubernetes", "pulumi-kubernetes.exe", "pulumi-resource-kubernetes"})
"""The provider's managers of a plain create (``adoptResources: Disabled``), until the object's first update."""

_TAKEN_OVER: Final = ("before-first-apply", "pulumi-kubernetes", "pulumi-resource-kubernetes")
"""How the names of managers begin whose updates the provider takes over, beside all of ``kubectl``."""

_FREE_KEYS: Final = frozenset(
    {"annotations", "binaryData", "data", "labels", "matchLabels", "nodeSelector", "stringData"}
)
"""Maps whose keys people choose: these are written in brackets."""


class Owner(Enum):
    """Whose fields an entry lists: ours, those that an update takes over and removes, or others' that stay."""

    OURS = auto()
    TAKEN_OVER = auto()
    OTHERS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """The fields of one live object by owner; ``taken_over`` has the name of one manager of each."""

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
    """Who owns the fields of ``live``; without ``subresources``, entries written through one are passed over."""
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
    """The fields that hold a value of their own. ``.`` stands for the map or item itself and is no field."""
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
    """``path`` in keys and places of ``tree``, also where its last keys are not there; ``None`` where an item is
    not."""
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
    """Whether a manifest says something of the field at ``path``: its value, or a value of what is around it."""
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
    """Whether an item has the keys; one that it lacks counts as given, since defaults fill it (``protocol: TCP``)."""
    if not isinstance(item, Mapping) or not any(key in item for key in keys):
        return False
    return all(item.get(key, value) == value for key, value in keys.items())


def text(path: Path) -> str:
    """A path as people read it: ``spec.template.spec.containers[name="web"].image``, ``metadata.labels["app"]``."""
    written, around = "", ""
    for step in path:
        kind, key = _parsed(step)
        if kind == "f":
            is_plain = key.replace("_", "").isalnum() and around not in _FREE_KEYS
            written += f"[{json.dumps(key)}]" if not is_plain else f".{key}" if written else key
        elif kind == "k":
            written += "[" + ",".join(f"{name}={json.dumps(value)}" for name, value in key.items()) + "]"
        else:
            written += f"[={json.dumps(key)}]" if kind == "v" else f"[{key}]"
        around = key if kind == "f" else ""
    return written


def shown(value: Any) -> str:
    """A short scalar as it is shown, "" for all else. The engine keeps every number as a float."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str | int | float | bool) and len(str(value)) <= LONGEST:
        return str(value)
    return ""


@lru_cache(maxsize=4096)
def _parsed(step: str) -> tuple[str, Any]:
    """The kind of a step and what follows it. A step of another form is a key that no object has."""
    kind, _, rest = step.partition(":")
    if kind == "f":
        return "f", rest
    try:
        key = json.loads(rest)
    except ValueError:
        return "f", step
    return kind, key
