"""Find objects that an update replaces or the API server refuses to update, and the fields that cause it.

The last update is known only by its index, which has short digests of the fields that cannot be changed in place (see
`fingerprints`). An index of an earlier version lacks them, so its changes count as plain changes. The same holds for an
object with a new apiVersion, where the same path may mean another field.
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
    """A change that cannot be made in place: it replaces the object, or fails because ``fields`` are immutable.

    ``previews``: a preview of it passes.
    """

    change: Change
    fields: tuple[str, ...]
    previews: bool = False


def between(before: IndexEntry, after: IndexEntry) -> FixedChange | None:
    """The effect of a change from ``before`` to ``after``; ``None`` for an update in place, and if it is unknown."""
    fields = FIELDS.get((after.api_version, after.kind))
    if fields is None or before.fixed is None or before.token != after.token:
        return None
    changed = _changed(fields, dict(before.fixed), dict(after.fixed or ()))
    # Replacement comes first: it makes the object anew with all its fields, so that no update can be refused.
    for effect, change in _CHANGES.items():
        if matching := {path: field for path, field in changed if field.effect == effect}:
            # An orphan is not deleted before it is made anew, so it would conflict with itself.
            if before.orphan and not all(field.updatable for field in matching.values()):
                change = "immutable"
            previews = change == "replace" and all(field.previews for field in matching.values())
            return FixedChange(change=change, fields=tuple(matching), previews=previews)
    return None


_CHANGES: Final[Mapping[Effect, Change]] = {"replace": "replace", "refuse": "immutable"}


def failed(entry: IndexEntry, before: IndexEntry | None) -> IndexEntry:
    """The index entry of an object whose operation failed. How far a failed replacement got is unknown."""
    if before is None:
        # None of its replicas is known to be ready, so all of them still have to be gained.
        return object_index.failed(replace(entry, replicas=-1))
    fixed = between(before, entry)
    return object_index.failed(replace(before, fixed=None) if fixed and fixed.change == "replace" else before)


def _changed(
    fields: Mapping[str, FixedField], before: Mapping[str, str], after: Mapping[str, str]
) -> list[tuple[str, FixedField]]:
    changed = []
    for path in sorted({*before, *after}):
        field = fields.get(_INDEX.sub("[*]", path))
        if field is None or _went_with_its_item(path, before, after):
            continue
        # The provider checks the new object: one that becomes immutable is replaced if its data changes.
        if field.condition == "immutable" and _IMMUTABLE not in after:
            continue
        if _step(field, before.get(path), after.get(path)) in field.steps:
            changed.append((path, field))
    return changed


def _went_with_its_item(path: str, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether ``path`` is in a list item that was removed; only the item's name counts as a change then."""
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
    """``members``, with the replaced objects of a document in order: one member after the other.

    A document whose replicas move already has an order.
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
            fixed = between(old, entry)
            is_replaced = fixed is not None and fixed.change == "replace"
            # An object whose last update failed may be half replaced: the others wait for it as well.
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
    """A warning for each object that is replaced or cannot be updated, with its fields, members and remedy."""
    before = {entry.logical_name: entry for entry in _known(observed)}
    findings = Findings()
    for member in members if before else ():
        after = {entry.logical_name: entry for entry in member.index or ()}
        for each in member.objects:
            old = before.get(each.logical_name)
            fixed = between(old, after[each.logical_name]) if old else None
            if fixed is not None:
                message, remedy = _replaced(each, fixed) if fixed.change == "replace" else _refused(each, fixed)
                findings.in_member(member.name).warning(each.source, _field_path(each.source, fixed), message, remedy)
    return findings.faults()


def _known(observed: Observed) -> Iterable[IndexEntry]:
    return (entry for some in (observed.registered or {}).values() for entry in some if entry.fixed is not None)


def _field_path(source: Source, fixed: FixedChange) -> PathKey:
    """The path of the first field in the document: below the template, if there is one."""
    path = tuple(fixed.fields[0].partition("[")[0].split("."))
    template = ("spec", "template")
    return (*template, *path) if template in source.lines else path


def _replaced(each: PlannedObject, fixed: FixedChange) -> tuple[str, str]:
    why = f"{_fields(fixed)} cannot be changed in place"
    message = f"{_object(each)} is replaced, since {why}: it is deleted and created again"
    remedy = f"put {_them(fixed)} back to keep it, or give the changed object a new name and take this one out later"
    if each.kind == "Job":
        message += ", and its work begins again"
        remedy = "let it finish first, or give the new work a Job of its own name"
    elif each.kind in _PODS_GO:
        message += ", and has no pods meanwhile"
    elif each.kind == "PersistentVolumeClaim":
        message += ", and what is stored in it goes, unless its volume is retained"
    if not fixed.previews:
        remedy += "; if it is meant, update with --skip-preview, as the API server refuses the preview of it"
    return message, remedy


def _refused(each: PlannedObject, fixed: FixedChange) -> tuple[str, str]:
    message = f"the update of {_object(each)} will fail: {_fields(fixed)} {_is(fixed)} immutable"
    return message, f"put {_them(fixed)} back, give the changed object a new name, or delete this one there first"


def _object(each: PlannedObject) -> str:
    return f"{each.kind} {each.namespace}/{each.name}" if each.namespace else f"{each.kind} {each.name}"


def _fields(fixed: FixedChange) -> str:
    *others, last = fixed.fields
    return f"{', '.join(others)} and {last}" if others else last


def _them(fixed: FixedChange) -> str:
    return "them" if len(fixed.fields) > 1 else "it"


def _is(fixed: FixedChange) -> str:
    return "are" if len(fixed.fields) > 1 else "is"
