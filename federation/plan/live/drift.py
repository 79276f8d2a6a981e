"""Compare a planned object with the live one, by the fields that the federation sends.

Fields that others set are never compared, nor those that are retained. How the API server merges a list is read from
the object's ``managedFields``: items by key, values of a set, or one value as a whole. What a server only spells in
another way (a quantity, an empty value that it leaves out, a default in a list) is uncertain here: the answer to a dry
run of server-side apply settles it. Values of Secrets are compared as they are stored, and never shown.
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

__all__ = ["FieldDrift", "certain", "confirmed", "find"]

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
    """One field whose live value is not the planned one; ``ABSENT`` stands for none.

    ``path`` is written as in ``managedFields``; ``place`` holds keys and indexes of the manifest, as far as it has
    them. ``is_certain`` is false where both values may mean the same to the API server.
    """

    path: Path
    planned: Any
    live: Any
    place: PathKey = ()
    is_certain: bool = True


def find(planned: PlannedObject, live: Tree, secrets: Mapping[str, str]) -> tuple[FieldDrift, ...]:
    """The fields of ``live`` that are not as planned, by path; ``secrets`` as in `sent_manifests.as_sent`."""
    manifest = sent_manifests.as_sent(planned, live, secrets)
    walk = _Walk(live)
    sent = {key: value for key, value in manifest.items() if key not in _OURS_ALONE}
    found = [*walk.fields(sent, live, ()), *_left_over(manifest, live)]
    placed = [replace(each, place=managed_fields.place(manifest, each.path) or ()) for each in found]
    if planned.kind == "Secret":
        placed = [replace(each, planned=_hidden(each.planned), live=_hidden(each.live)) for each in placed]
    return tuple(sorted(placed, key=lambda each: each.path))


def confirmed(found: Iterable[FieldDrift], applied: Tree, live: Tree) -> tuple[FieldDrift, ...]:
    """Those of ``found`` that ``applied``, the answer to a dry run, changes in ``live``."""
    return tuple(
        each
        for each in found
        if managed_fields.value_at(applied, each.path) != managed_fields.value_at(live, each.path)
    )


def certain(found: Iterable[FieldDrift]) -> tuple[FieldDrift, ...]:
    """Those of ``found`` that no API server takes for equal."""
    return tuple(each for each in found if each.is_certain)


class _Walk:
    """Goes through a manifest beside one live object. ``items`` are the steps to items of lists, by the list's path."""

    def __init__(self, live: Tree) -> None:
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
        """The fields below ``at`` that differ. ``whole``: what is around them is one value, all of it ours."""
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
            for index, (item, there) in enumerate(zip(planned, live, strict=True)):
                yield from self.fields(item, there, (*at, f"i:{index}"), whole=True)
        elif list(planned) != list(live):
            yield FieldDrift(path=at, planned=planned, live=live)


def _step(item: Tree, steps: Sequence[str]) -> str:
    """The step to an item of a keyed list: one of ``steps`` that leads to it, else one made of the same keys."""
    for step in steps:
        if step.startswith("k:") and managed_fields.value_at([item], (step,)) is not ABSENT:
            return step
    keys = json.loads(next(step for step in steps if step.startswith("k:"))[2:])
    return "k:" + json.dumps({key: item[key] for key in sorted(keys) if key in item}, separators=(",", ":"))


def _left_over(manifest: Tree, live: Tree) -> Iterator[FieldDrift]:
    """What was applied by the federation and is planned no more."""
    entries = mappings(mapping(live.get("metadata")).get("managedFields"))
    ours = [each for each in entries if each.get("manager") == FIELD_MANAGER and each.get("operation") == "Apply"]
    owned = managed_fields.ownership({"metadata": {"managedFields": ours}}).ours
    gone = {_item(path, manifest) for path in owned if not managed_fields.has(manifest, path)}
    for path in sorted(gone):
        value = managed_fields.value_at(live, path)
        if value is not ABSENT and not path[-1].startswith(f"f:{sent_manifests.FOR_PULUMI}"):
            yield FieldDrift(path=path, planned=ABSENT, live=value)


def _item(path: Path, manifest: Tree) -> Path:
    """The item of a keyed list that is gone with the field at ``path``, else ``path``."""
    ends = (end for end, step in enumerate(path, 1) if step.startswith("k:"))
    return next((path[:end] for end in ends if not managed_fields.has(manifest, path[:end])), path)


def _equal(planned: Any, live: Any) -> bool:
    return bool(planned == live) and isinstance(planned, bool) is isinstance(live, bool)


def _may_be_same(planned: Any, live: Any) -> bool:
    """Whether the API server may mean the same by both: an empty value that it leaves out, or one quantity."""
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
