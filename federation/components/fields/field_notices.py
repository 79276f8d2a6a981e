"""Name the fields of live objects that an update takes back from others, and those that it removes.

The program of a stack logs these lines in preview and update, and ``fed plan`` prints them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from federation.components.fields.field_conflicts import FieldConflict
from federation.components.fields.observe import ObservedMembers, Updates

__all__ = ["REFRESH", "SHOWN", "Line", "lines"]

SHOWN = 20  # lines of one kind
REFRESH = "to take it back, run `fed up --refresh`: without a refresh this update sees no change there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line to show; it ``warns`` when a user should act first, or when a field is removed."""

    text: str
    warns: bool = False


def lines(members: ObservedMembers, updates: Updates, remedy: str = REFRESH) -> list[Line]:
    """A line for each field, and a count of what is not shown. ``remedy`` is for fields that the update leaves."""
    return [*_conflicts(members.conflicts, updates, remedy), *_removed(members, updates)]


def _conflicts(conflicts: Sequence[FieldConflict], updates: Updates, remedy: str) -> list[Line]:
    made = [
        Line(text=f"{each}; {remedy}", warns=True)
        if each in updates.unnoticed
        else Line(text=f"{each}; this update takes it back")
        for each in conflicts
    ]
    return _limited(made, "fields that are not ours any more")


def _removed(members: ObservedMembers, updates: Updates) -> list[Line]:
    """The fields that this update removes, one by one; those that go at a later update of their object, by count."""
    going = [each for each in members.removed if each.logical_name in updates.names]
    made = _limited([Line(text=str(each), warns=True) for each in going], "fields set with kubectl that go")
    if staying := len(members.removed) - len(going):
        fields = f"{staying} field{'s' if staying > 1 else ''} set with kubectl"
        made.append(Line(text=f"{fields} in objects that this update does not change: gone at their next update"))
    return made


def _limited(made: list[Line], what: str) -> list[Line]:
    if len(made) <= SHOWN:
        return made
    hidden = made[SHOWN:]
    return [*made[:SHOWN], Line(text=f"and {len(hidden)} more {what}", warns=any(each.warns for each in hidden))]
