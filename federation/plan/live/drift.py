"""Compare a planned object with the live one, by the fields that the federation sends.

Fields that others set, and retained fields, are never compared. The object's ``managedFields`` show how the API server
merges a list: items by key, values of a set, or one value as a whole. A server may write the same value in another
form: a quantity, an omitted empty value, a default in a list. Such a difference is uncertain here; a dry run of
server-side apply decides it. Values of Secrets are compared as they are stored, and never shown.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.api.model.secrets import HIDDEN
from federation.errors.source import PathKey
from federation.plan.live import managed_fields, sent_manifests
from federation.plan.live.managed_fields import ABSENT, Path
from federation.plan.model.plan import PlannedObject
from federation.plan.model.trees import mapping, mappings
from federation.plan.objects.manifests import FIELD_MANAGER

__all__ = ["FieldDrift", "certain", "confirmed", "find_drift"]

_OURS_ALONE: Final = frozenset({"apiVersion", "kind", "status"})
_QUANTITY: Final = re.compile(r"([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|)")
_UNITS: Final[Mapping[str, Decimal]] = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate(("k", "M", "G", "T", "P", "E"), 1)},
    **{unit: Decimal(1024) ** power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDrift:
    """One field whose live value is not the planned one; ``ABSENT`` means no value.

    ``path`` is written as in ``managedFields``. ``place`` is the same in keys and indexes of the manifest, empty if
    the manifest has no such item. ``is_certain`` is false if both values may mean the same to the API server.
    """

    path: Path
    planned: Any
    live: Any
    place: PathKey = ()
    is_certain: bool = True


def find_drift(planned: PlannedObject, live: Tree, secrets: Mapping[str, str]) -> tuple[FieldDrift, ...]:
    """The fields of ``live`` that differ from the plan, by path; ``secrets`` as in `sent_manifests.as_sent`."""
    manifest = sent_manifests.as_sent(planned, live, secrets)
    walk = _Walk(live)
    sent = {key: value for key, value in manifest.items() if key not in _OURS_ALONE}
    differences = [*walk.fields(sent, live, ()), *_no_longer_planned(manifest, live)]
    placed = [replace(each, place=managed_fields.place(manifest, each.path) or ()) for each in differences]
    if planned.kind == "Secret":
        placed = [replace(each, planned=_hidden(each.planned), live=_hidden(each.live)) for each in placed]
    return tuple(sorted(placed, key=lambda each: each.path))


def confirmed(differences: Iterable[FieldDrift], applied: Tree, live: Tree) -> tuple[FieldDrift, ...]:
    """The ``differences`` that ``applied``, the result of a dry run, changes in ``live``."""
    return tuple(
        each
        for each in differences
        if managed_fields.value_at(applied, each.path) != managed_fields.value_at(live, each.path)
    )


def certain(differences: Iterable[FieldDrift]) -> tuple[FieldDrift, ...]:
    """The ``differences`` that no API server treats as equal."""
    return tuple(each for each in differences if each.is_certain)


class _Walk:
    """Compares a manifest with one live object, field by field."""

    def __init__(self, live: Tree) -> None:
        # The steps to items of lists, by the list's path.
        self._items: dict[Path, dict[str, None]] = {}
        self._leaves: set[Path] = set()
        for entry in mappings(mapping(live.get("metadata")).get("managedFields")):
            self._note(mapping(entry.get("fieldsV1")), ())

    def _note(self, fields: Tree, at: Path) -> None:
        if not set(fields) - {"."}:
            self._leaves.add(at)
        for step, below in fields.items():
            if step.startswith(("k:", "v:")):
                self._items.setdefault(at, {})[step] = None
            if step != ".":
                self._note(mapping(below), (*at, step))

    def fields(self, planned: Any, live: Any, at: Path, *, whole: bool = False) -> Iterator[FieldDrift]:
        """The fields below ``at`` that differ. ``whole``: the parent is one value that the federation owns entirely."""
        if isinstance(planned, Mapping) and isinstance(live, Mapping):
            whole = whole or at in self._leaves
            for key, value in planned.items():
                if value is not None:
                    yield from self.fields(value, live.get(key, ABSENT), (*at, f"f:{key}"), whole=whole)
            if whole:
                for key in sorted(set(live) - set(planned)):
                    yield FieldDrift(path=(*at, f"f:{key}"), planned=ABSENT, live=live[key], is_certain=False)
        elif isinstance(planned, list | tuple) and isinstance(live, list | tuple):
            yield from self._list(planned, live, at, whole=whole)
        elif not _equal(planned, live):
            yield FieldDrift(path=at, planned=planned, live=live, is_certain=not _may_be_same(planned, live))

    def _list(self, planned: Sequence[Any], live: Sequence[Any], at: Path, *, whole: bool) -> Iterator[FieldDrift]:
        steps = () if whole else tuple(self._items.get(at, ()))
        if any(step.startswith("k:") for step in steps) and all(isinstance(item, Mapping) for item in planned):
            for item in planned:
                step = _step(item, steps)
                yield from self.fields(item, managed_fields.value_at(live, (step,)), (*at, step))
        elif steps:
            for item in planned:
                if item not in live:
                    yield FieldDrift(path=(*at, f"v:{json.dumps(item)}"), planned=item, live=ABSENT)
        elif len(planned) == len(live) and any(isinstance(item, Mapping | list | tuple) for item in planned):
            for index, (item, live_item) in enumerate(zip(planned, live, strict=True)):
                yield from self.fields(item, live_item, (*at, f"i:{index}"), whole=True)
        elif list(planned) != list(live):
            yield FieldDrift(path=at, planned=planned, live=live)


def _step(item: Tree, steps: Sequence[str]) -> str:
    """The step to an item of a keyed list: the one of ``steps`` that leads to it, else a new one of the same keys."""
    for step in steps:
        if step.startswith("k:") and managed_fields.value_at([item], (step,)) is not ABSENT:
            return step
    keys = json.loads(next(step for step in steps if step.startswith("k:"))[2:])
    return "k:" + json.dumps({key: item[key] for key in sorted(keys) if key in item}, separators=(",", ":"))


def _no_longer_planned(manifest: Tree, live: Tree) -> Iterator[FieldDrift]:
    """The fields that the federation applied earlier and no longer plans."""
    entries = mappings(mapping(live.get("metadata")).get("managedFields"))
    ours = [each for each in entries if each.get("manager") == FIELD_MANAGER and each.get("operation") == "Apply"]
    owned = managed_fields.ownership({"metadata": {"managedFields": ours}}).ours
    gone = {_item(path, manifest) for path in owned if not managed_fields.has(manifest, path)}
    for path in sorted(gone):
        value = managed_fields.value_at(live, path)
        if value is not ABSENT and not path[-1].startswith(f"f:{sent_manifests.FOR_PULUMI}"):
            yield FieldDrift(path=path, planned=ABSENT, live=value)


def _item(path: Path, manifest: Tree) -> Path:
    """The item of a keyed list that is no longer planned, if ``path`` is inside one; else ``path``."""
    ends = (end for end, step in enumerate(path, 1) if step.startswith("k:"))
    return next((path[:end] for end in ends if not managed_fields.has(manifest, path[:end])), path)


def _equal(planned: Any, live: Any) -> bool:
    return bool(planned == live) and isinstance(planned, bool) is isinstance(live, bool)


def _may_be_same(planned: Any, live: Any) -> bool:
    """Whether both may mean the same to the API server: an omitted empty value, or equal quantities."""
    if live is ABSENT:
        return _is_empty(planned)
    amount = _amount(planned)
    return amount is not None and amount == _amount(live)


def _is_empty(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_empty(item) for item in value.values())
    return not value


def _amount(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    match = _QUANTITY.fullmatch(str(value))
    try:
        return Decimal(match[1]) * _UNITS[match[2]] if match else None
    except InvalidOperation:
        return None


def _hidden(value: Any) -> Any:
    return ABSENT if value is ABSENT else HIDDEN
