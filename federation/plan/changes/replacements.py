"""Objects that an update replaces, and objects whose update the API server refuses, with the fields that cause it.

The last update is known by its index alone: of fields that cannot be changed in place it has short digests (see
`fingerprints`). Where it has none, because an earlier version wrote it, a change is only known to be a change. So it is
where an object has another apiVersion now: the same path may mean another field there.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from federation.errors.fault import Fault
from federation.errors.source import PathKey, Source
from federation.plan.changes.fingerprints import ABSENT, UNKNOWN
from federation.plan.changes.fixed_fields import FIELDS, Effect, FixedField, Step
from federation.plan.model import object_index
from federation.plan.model.findings import Findings
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import MemberPlan, Move, PlannedObject

__all__ = ["Change", "FixedChange", "between", "failed", "in_turn", "warnings"]

Change = Literal["replace", "immutable"]

_IMMUTABLE: Final = "immutable"
_INDEX: Final = re.compile(r"\[\d+\]")
_PODS_GO: Final = frozenset({"DaemonSet", "Deployment", "Pod", "StatefulSet"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedChange:
    """A change that is no update in place: it replaces the object, or fails, since ``fields`` are immutable.

    ``previews``: a preview of it passes."""

    change: Change
    fields: tuple[str, ...]
    previews: bool = False


def between(before: IndexEntry, after: IndexEntry) -> FixedChange | None:
    """What becomes of an object that changes from ``before`` to ``after``; ``None`` for an update in place, and where
    nobody knows."""
    fields = FIELDS.get((after.api_version, after.kind))
    if fields is None or before.fixed is None or before.token != after.token:
        return None
    changed = _changed(fields, dict(before.fixed), dict(after.fixed or ()))
    # What is replaced is made anew with all of its fields, so that there is no update to be refused.
    for effect, change in _CHANGES.items():
        if found := {path: field for path, field in changed if field.effect == effect}:
            # An orphan is not deleted to be made anew, and so meets itself.
            if before.orphan and not all(field.updatable for field in found.values()):
                change = "immutable"
            previews = change == "replace" and all(field.previews for field in found.values())
            return FixedChange(change=change, fields=tuple(found), previews=previews)
    return None


_CHANGES: Final[Mapping[Effect, Change]] = {"replace": "replace", "refuse": "immutable"}


def failed(entry: IndexEntry, before: IndexEntry | None) -> IndexEntry:
    """What the next update is to know of an object whose operation failed. Of a replacement, nobody knows how far it
    went."""
    if before is None:
        # None of its replicas is known to be ready, so that all of them are still to be gained.
        return object_index.failed(replace(entry, replicas=-1))
    found = between(before, entry)
    return object_index.failed(replace(before, fixed=None) if found and found.change == "replace" else before)


def _changed(
    fields: Mapping[str, FixedField], before: Mapping[str, str], after: Mapping[str, str]
) -> list[tuple[str, FixedField]]:
    found = []
    for path in sorted({*before, *after}):
        field = fields.get(_INDEX.sub("[*]", path))
        if field is None or _went_with_its_item(path, before, after):
            continue
        # The provider looks at the object that comes: one that becomes immutable is replaced for its data.
        if field.condition == "immutable" and _IMMUTABLE not in after:
            continue
        if _step(field, before.get(path), after.get(path)) in field.steps:
            found.append((path, field))
    return found


def _went_with_its_item(path: str, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether ``path`` is in an item that its list has no more; that is a change of the item's name alone."""
    item, bracket, _ = path.rpartition("].")
    name = f"{item}].name"
    return bool(bracket) and path != name and name in before and name not in after


def _step(field: FixedField, before: str | None, after: str | None) -> Step | None:
    is_bound = field.condition not in ("", "immutable")
    if UNKNOWN in (before, after) or (is_bound and None in (before, after)) or before == after:
        return None
    if before in (None, ABSENT):
        return "added"
    if after in (None, ABSENT):
        return "removed"
    return None if field.form == "size" and not _is_less(str(after), str(before)) else "changed"


def _is_less(size: str, other: str) -> bool:
    try:
        return Decimal(size) < Decimal(other)
    except InvalidOperation:
        return False


def in_turn(members: Sequence[MemberPlan], moves: Iterable[Move], observed: Observed) -> tuple[MemberPlan, ...]:
    """``members`` with an order among the objects of a document that are replaced: one member after the other.

    A document whose replicas move has an order of its own already.
    """
    before = {entry.logical_name: entry for some in (observed.registered or {}).values() for entry in some}
    if not before:
        return tuple(members)
    moving = {move.document for move in moves}
    last: dict[str, str] = {}
    after: dict[str, str] = {}
    for member in sorted(members, key=lambda each: (each.wave, each.name)):
        for entry in member.index or () if member.available else ():
            old = before.get(entry.logical_name)
            if old is None or entry.kind not in _PODS_GO or entry.document in moving:
                continue
            found = between(old, entry)
            is_replaced = found is not None and found.change == "replace"
            # One whose last update failed may be half replaced: the others wait for it as well.
            if is_replaced or not old.is_proven:
                if is_replaced and entry.document in last:
                    after[entry.logical_name] = last[entry.document]
                last[entry.document] = entry.logical_name
    return tuple(_waiting(member, after) for member in members)


def _waiting(member: MemberPlan, after: Mapping[str, str]) -> MemberPlan:
    if not any(each.logical_name in after for each in member.objects):
        return member
    objects = (
        replace(each, after=tuple(sorted({*each.after, after[each.logical_name]})))
        if each.logical_name in after
        else each
        for each in member.objects
    )
    return replace(member, objects=tuple(objects))


def warnings(members: Sequence[MemberPlan], observed: Observed) -> tuple[Fault, ...]:
    """A warning for each object that is replaced or cannot be updated, with its fields, its members and the way on."""
    before = {entry.logical_name: entry for entry in _known(observed)}
    findings = Findings()
    for member in members if before else ():
        after = {entry.logical_name: entry for entry in member.index or ()}
        for each in member.objects:
            old = before.get(each.logical_name)
            found = between(old, after[each.logical_name]) if old else None
            if found is not None:
                message, remedy = _replaced(each, found) if found.change == "replace" else _refused(each, found)
                findings.warning(each.source, _written(each.source, found), message, remedy, member=member.name)
    return findings.faults()


def _known(observed: Observed) -> Iterable[IndexEntry]:
    return (entry for some in (observed.registered or {}).values() for entry in some if entry.fixed is not None)


def _written(source: Source, found: FixedChange) -> PathKey:
    """Where the first of the fields stands in the document: in the template, if it has one."""
    path = tuple(found.fields[0].partition("[")[0].split("."))
    template = ("spec", "template")
    return (*template, *path) if template in source.lines else path


def _replaced(each: PlannedObject, found: FixedChange) -> tuple[str, str]:
    message = (
        f"{_object(each)} is replaced, since {_fields(found)} cannot be changed in place: it is deleted and made anew"
    )
    remedy = f"put {_them(found)} back to keep it, or give the changed object a new name and take this one out later"
    if each.kind == "Job":
        message += ", and its work begins anew"
        remedy = "let it finish first, or give the new work a Job of its own name"
    elif each.kind in _PODS_GO:
        message += ", and has no pods meanwhile"
    elif each.kind == "PersistentVolumeClaim":
        message += ", and what is stored in it goes, unless its volume is retained"
    if not found.previews:
        remedy += "; if it is meant, update with --skip-preview, as the API server refuses the preview of it"
    return message, remedy


def _refused(each: PlannedObject, found: FixedChange) -> tuple[str, str]:
    message = f"the update of {_object(each)} will fail: {_fields(found)} {_is(found)} immutable"
    return message, f"put {_them(found)} back, give the changed object a new name, or delete this one there first"


def _object(each: PlannedObject) -> str:
    return f"{each.kind} {each.namespace}/{each.name}" if each.namespace else f"{each.kind} {each.name}"


def _fields(found: FixedChange) -> str:
    *others, last = found.fields
    return f"{', '.join(others)} and {last}" if others else last


def _them(found: FixedChange) -> str:
    return "them" if len(found.fields) > 1 else "it"


def _is(found: FixedChange) -> str:
    return "are" if len(found.fields) > 1 else "is"
