"""Show drift: both sides of a planned object as trees, and whether an override touches a changed field."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from federation.api.model.federated import Tree
from federation.api.model.secrets import HIDDEN, SecretLiteral, SecretReference
from federation.errors.source import PathKey
from federation.plan.live import managed_fields, sent_manifests
from federation.plan.live.drift import FieldDrift
from federation.plan.live.managed_fields import ABSENT
from federation.plan.model.plan import PlannedObject
from federation.plan.model.trees import mapping

__all__ = ["sides", "touches"]


def sides(planned: PlannedObject, differences: Iterable[FieldDrift]) -> tuple[Tree, Tree]:
    """The planned fields with their live values, and with their planned values; a Secret's values are hidden."""
    after: dict[str, Any] = _shown(sent_manifests.stored(planned))
    before = _shown(after)
    for each in differences:
        _put(before, each, managed_fields.place(after, each.path[:-1]) or ())
    before = _without_absent(before)
    return before, after


def touches(differences: Iterable[FieldDrift], planned: PlannedObject, pointer: str) -> bool:
    """Whether one of ``differences`` is at the JSON ``pointer`` of an override, above it, or below it."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    if sent_manifests.is_secret(planned) and parts[:1] == ["stringData"]:
        parts[0] = "data"
    tree: Any = planned.manifest
    for at, part in enumerate(parts):
        if isinstance(tree, Sequence) and not isinstance(tree, str):
            index = len(tree) - 1 if part == "-" else int(part) if part.isdecimal() else 0
            parts[at], tree = str(index), tree[index] if 0 <= index < len(tree) else None
        else:
            tree = mapping(tree).get(part)
    target = tuple(parts)
    paths = [tuple(map(str, each.place)) for each in differences]
    return any(each[: len(target)] == target[: len(each)] for each in paths)


def _shown(value: Any) -> Any:
    """A copy in plain dicts and lists, secret values hidden."""
    match value:
        case Mapping():
            shown = {key: _shown(item) for key, item in value.items()}
            if value.get("kind") == "Secret" and isinstance(value.get("data"), Mapping):
                shown["data"] = dict.fromkeys(value["data"], HIDDEN)
            return shown
        case list() | tuple():
            return [_shown(item) for item in value]
        case SecretLiteral() | SecretReference():
            return HIDDEN
    return value


def _put(tree: Any, each: FieldDrift, around: PathKey) -> None:
    """Put the live value of a field into ``tree``; an item that the plan lacks goes to the end of its list."""
    for key in around:
        tree = tree.setdefault(key, {}) if isinstance(tree, dict) else tree[key]
    step = each.path[-1]
    live = f"{HIDDEN}, another one" if each.live == HIDDEN == each.planned else each.live
    if isinstance(tree, list) and each.planned is ABSENT and not step.startswith("i:"):
        tree.append(live)
    elif each.place:
        tree[each.place[-1]] = live


def _without_absent(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_absent(item) for key, item in value.items() if item is not ABSENT}
    if isinstance(value, list):
        return [_without_absent(item) for item in value if item is not ABSENT]
    return value
