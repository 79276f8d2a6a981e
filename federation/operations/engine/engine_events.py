"""Tally what an update did to each member, from the engine's own events.

The engine writes an event for each of its actions. A resource belongs to the member that its logical name begins with
(``plan/model/names.py`` makes the names so), even if the member has left. A resource of no member, such as DNS, belongs
to the federation.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

__all__ = ["FEDERATION", "Changes", "by_member", "events", "has_begun", "owner"]

FEDERATION: Final = "(federation)"
"""The owner of resources of no single member: zone, records, providers of regions."""
DONE: Final[Mapping[str, str]] = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
    "import": "imported",
}
OWN: Final = ("pulumi:", "eks-federation:", "eks:index:")
"""Packages of types that exist in the state only."""
PLANNED: Final = ("kubernetes:", "aws:route53/record:")
"""Packages of types that a plan lists one by one."""
UNREACHABLE: Final = "unreachable"
_NONE: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What was done to one member: counts by word (``created`` ...), names of failed resources, messages of errors.

    ``finished`` are the names of all resources that the engine has finished, changed or not; it writes no event for
    those that it skips after a failure. ``operations`` has by name the word of each object and record set that was
    changed. ``waiting`` are the names of changes that have begun and not ended, each with the second of its start (Unix
    time). ``is_unreachable`` is set when the member's API server did not answer.
    """

    member: str
    done: Mapping[str, int]
    failed: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    is_unreachable: bool = False
    finished: frozenset[str] = frozenset()
    waiting: Mapping[str, int] = field(default_factory=dict)
    operations: Mapping[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """``2 created, 1 updated``, or ``unchanged``; a change that has begun and not ended may have taken effect."""
        counts = ", ".join(f"{count} {word}" for word, count in sorted(self.done.items()))
        return counts or ("nothing finished" if self.failed or self.waiting else "unchanged")


def events(path: Path) -> Iterator[Mapping[str, Any]]:
    """The events in a log of the engine; the last line of a killed engine's log may be corrupt and is left out."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as file:  # the last line may end within a character
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)


def has_begun(found: Iterable[Mapping[str, Any]]) -> bool:
    """Whether an update, and not only its preview, has reached a first resource."""
    return any("resourcePreEvent" in event and not event["resourcePreEvent"].get("planning") for event in found)


def by_member(
    found: Iterable[Mapping[str, Any]], members: Sequence[str], former: Mapping[str, str] = _NONE
) -> tuple[Changes, ...]:
    """Sort events by member: one value for each of ``members``, and one for the federation when it has anything.

    ``former`` has the present name of a member by its former ones.
    """
    made = {name: _Tally() for name in (*members, FEDERATION)}
    for event in found:
        match event:
            case {"resOutputsEvent": {"planning": True}}:
                continue  # an event of the preview before an update, which writes to the same log
            case {"resourcePreEvent": {"metadata": {"op": str(op), "type": str(token), "urn": str(urn)}, **rest}}:
                if op != "same" and not token.startswith(OWN) and not rest.get("planning"):
                    tally = made.setdefault(owner(urn, members, former), _Tally())
                    tally.waiting[_name(urn)] = int(event.get("timestamp", 0))
            case {"resOutputsEvent": {"metadata": {"op": str(op), "type": str(token), "urn": str(urn)}}}:
                tally = made.setdefault(owner(urn, members, former), _Tally())
                tally.finished.add(_name(urn))
                tally.waiting.pop(_name(urn), None)
                if op in DONE and not token.startswith(OWN):
                    tally.done[DONE[op]] += 1
                    if token.startswith(PLANNED):
                        tally.operations[_name(urn)] = DONE[op]
            case {"resOpFailedEvent": {"metadata": {"urn": str(urn)}}}:
                tally = made.setdefault(owner(urn, members, former), _Tally())
                tally.failed[_name(urn)] = None
                tally.waiting.pop(_name(urn), None)
            case {"diagnosticEvent": {"severity": ("error" | "warning") as severity, "message": str(message), **rest}}:
                made.setdefault(owner(str(rest.get("urn", "")), members, former), _Tally()).note(severity, message)
    return tuple(tally.changes(name) for name, tally in made.items() if name != FEDERATION or tally.is_anything)


@dataclass(slots=True)
class _Tally:
    """The counts of one member so far; dicts keep the order and drop duplicates."""

    done: Counter[str] = field(default_factory=Counter)
    failed: dict[str, None] = field(default_factory=dict)
    messages: dict[str, None] = field(default_factory=dict)
    is_unreachable: bool = False
    finished: set[str] = field(default_factory=set)
    waiting: dict[str, int] = field(default_factory=dict)
    operations: dict[str, str] = field(default_factory=dict)

    @property
    def is_anything(self) -> bool:
        return bool(self.done or self.failed or self.messages or self.waiting)

    def note(self, severity: str, message: str) -> None:
        self.is_unreachable |= UNREACHABLE in message
        if severity == "error":
            self.messages[" ".join(message.split())] = None

    def changes(self, member: str) -> Changes:
        return Changes(
            member=member,
            done=dict(self.done),
            failed=tuple(self.failed),
            messages=tuple(self.messages),
            is_unreachable=self.is_unreachable and member != FEDERATION,
            finished=frozenset(self.finished),
            waiting=dict(self.waiting),
            operations=dict(self.operations),
        )


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def owner(urn: str, members: Sequence[str], former: Mapping[str, str] = _NONE) -> str:
    """The member that a URN's name begins with; the longest, where one member's name begins with another's."""
    name = _name(urn)
    if (":kubernetes:" in urn or "$kubernetes:" in urn) and "/" in name:
        found = name.partition("/")[0]
    else:
        known = (*members, *former)
        owners = [member for member in known if name == member or name.startswith((f"{member}/", f"{member}-"))]
        found = max(owners, key=len, default=FEDERATION)
    return former.get(found, found)
