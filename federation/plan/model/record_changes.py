"""Compare record sets with those of the last update: what is added, changed and removed.

The last update wrote one line for each of its record sets: name, weight, target, and a digest of the other fields. A
weight that is scaled again shows as a changed weight. A Service with another load balancer shows as a changed target.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

from federation.plan.model import serialise
from federation.plan.model.plan import AliasTarget, RecordSet

__all__ = ["RecordChange", "RecordLine", "changes", "from_output", "to_text", "to_tree"]

_FORMAT: Final = "records/1 "
_LENGTH: Final = 8  # hexadecimal digits: enough to tell two forms of one record set apart
_APART: Final = ("reasons", "after", "weighs", "target", "name", "logicalName")
"""Fields of a record set that its digest leaves out: each is compared on its own, or changes nothing on AWS."""

Change = Literal["add", "change", "remove", "same"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine:
    """One record set as the last update made it. ``identifier`` is "" without a routing policy."""

    name: str
    identifier: str
    weight: int | None
    target: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """The change of one record set: its line ``before`` and ``after``, ``None`` where it does not exist."""

    logical_name: str
    change: Change
    before: RecordLine | None = None
    after: RecordLine | None = None

    @property
    def line(self) -> RecordLine:
        """The line that names it."""
        found = self.after or self.before
        if found is None:
            raise ValueError(self.logical_name)
        return found


def changes(records: Iterable[RecordSet], before: Mapping[str, RecordLine] | None) -> tuple[RecordChange, ...]:
    """The change of each record set, in the order of the plan, then the removed ones by name.

    ``before`` is ``None`` where the present sets are not known: then each counts as added.
    """
    known = before or {}
    after = {each.logical_name: _line(each) for each in records}
    found = [_change(name, known.get(name), line) for name, line in after.items()]
    gone = sorted(set(known) - set(after))
    return (*found, *(RecordChange(logical_name=name, change="remove", before=known[name]) for name in gone))


def _change(name: str, before: RecordLine | None, after: RecordLine) -> RecordChange:
    change: Change = "add" if before is None else "same" if before == after else "change"
    return RecordChange(logical_name=name, change=change, before=before, after=after)


def to_text(records: Iterable[RecordSet]) -> str:
    """The lines of ``records`` as one text, for the outputs of a stack."""
    lines = {each.logical_name: _line(each) for each in records}
    tree = {name: [each.name, each.identifier, each.weight, each.target, each.digest] for name, each in lines.items()}
    return _FORMAT + json.dumps(tree, sort_keys=True, separators=(",", ":"))


def from_output(output: object) -> Mapping[str, RecordLine] | None:
    """The lines that ``to_text`` wrote; ``None`` without such an output, or for one of another program."""
    if not isinstance(output, str) or not output.startswith(_FORMAT):
        return None
    with suppress(ValueError, TypeError, AttributeError):
        tree = json.loads(output.removeprefix(_FORMAT))
        return {name: _read(fields) for name, fields in tree.items()}
    return None


def to_tree(found: Iterable[RecordChange]) -> list[dict[str, Any]]:
    """The changes as plain data; unchanged record sets are left out."""
    return [
        {
            "logicalName": each.logical_name,
            "name": each.line.name,
            "identifier": each.line.identifier,
            "change": each.change,
            "before": _side(each.before),
            "after": _side(each.after),
        }
        for each in found
        if each.change != "same"
    ]


def _side(line: RecordLine | None) -> dict[str, Any] | None:
    return None if line is None else {"weight": line.weight, "target": line.target}


def _read(fields: list[Any]) -> RecordLine:
    name, identifier, weight, target, digest = fields
    return RecordLine(name=name, identifier=identifier, weight=weight, target=target, digest=digest)


def _line(record: RecordSet) -> RecordLine:
    routing = record.routing
    rest = {key: value for key, value in serialise.plain(record).items() if key not in _APART}
    if routing is not None:
        rest["routing"] = {key: value for key, value in rest["routing"].items() if key != "weight"}
    return RecordLine(
        name=record.name,
        identifier=routing.identifier if routing else "",
        weight=routing.weight if routing else None,
        target=_target(record),
        digest=hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:_LENGTH],
    )


def _target(record: RecordSet) -> str:
    target = record.target
    if isinstance(target, AliasTarget):
        return target.name
    return f"load balancer of {target.shown} in {target.member}"
