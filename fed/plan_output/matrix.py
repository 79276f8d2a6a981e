"""Print the matrix of ``fed plan``: a row per document, a column per member, an object's change in a cell.

Replicas are shown as ``before -> after``, one number where they stay. Past a handful of members a column each does not
fit any terminal: then every object has a row of its own.
"""

from collections.abc import Iterable, Mapping, Sequence

from fed.terminal.output import fits, table
from federation.plan.changes.diff import Change, ObjectChange, Transition

__all__ = ["COUNTED", "cell", "described", "print_matrix"]

WIDEST = 8  # members
COUNTED: Sequence[Change] = ("create", "change", "replace", "immutable", "remove", "same", "pending", "kept")
_SHOWN: Mapping[Change, str] = {"immutable": "will fail: immutable"}


def print_matrix(
    transition: Transition,
    members: Sequence[str],
    quarantined: Iterable[str],
    unplaced: Iterable[str] = (),
    *,
    every: bool = True,
) -> None:
    """Print what changes by document and member, and how many objects by member.

    ``unplaced`` are documents that no member gets; each has a row too. Without ``every``, documents that stay
    as they are in all members have none.
    """
    kept = frozenset(quarantined)
    shown = sorted({*members, *(each.member for each in transition.changes)})
    moved = {each.document for each in transition.changes if every or each.change != "same"}
    cells = {
        (each.document, each.member): cell(each, transition, kept)
        for each in transition.changes
        if each.document in moved
    }
    absent = {*unplaced} - {each.document for each in transition.changes}
    names = sorted({*absent, *moved}, key=_place)
    if names:
        _print_objects(names, shown, cells, absent)
    counts = transition.counts()
    counted = [each for each in COUNTED if every or any(counts.get(name, {}).get(each) for name in shown)]
    rows = [(name, *(str(counts.get(name, {}).get(change, 0)) for change in counted)) for name in shown]
    table("Changes", ("MEMBER", *(change.upper() for change in counted)), rows)


def _print_objects(
    names: Sequence[str], members: Sequence[str], cells: Mapping[tuple[str, str], str], absent: Iterable[str]
) -> None:
    """A column for each member where that fits, else a row for each object in each member."""
    columns = ("OBJECT", *members)
    rows = [(described(name), *(cells.get((name, member), "-") for member in members)) for name in names]
    if len(members) <= WIDEST and fits(columns, rows):
        table("Objects", columns, rows)
        return
    each = {**cells, **{(name, "-"): "-" for name in absent}}
    ordered = sorted(each.items(), key=lambda item: (_place(item[0][0]), item[0][1]))
    table("Objects", ("OBJECT", "MEMBER", "CHANGE"), [(described(name), at, what) for (name, at), what in ordered])


def cell(each: ObjectChange, transition: Transition, quarantined: frozenset[str]) -> str:
    """The change of one object: ``3 -> 6``, ``6 change``, ``6 replace``, ``create``."""
    if each.change == "remove" and not each.deleted:
        return "left in place"
    shown = _SHOWN.get(each.change, each.change)
    if each.before is None and each.after is None:
        return "values not compared" if each.sealed and each.change == "same" else shown
    if each.member in quarantined:
        return f"{each.before} {'quarantined' if each.change == 'same' else each.change}"
    if each.change == "remove":
        return f"{_count(each.before)} -> remove"
    before = "0" if each.change == "create" and transition.known else _count(each.before)
    if before != _count(each.after):
        moved = f"{before} -> {_count(each.after)}"
        return f"{moved}, {shown}" if each.fields else moved
    return before if each.change == "same" else f"{before} {shown}"


def _count(replicas: int | None) -> str:
    return "?" if replicas is None else str(replicas)


def _place(document: str) -> tuple[bool, list[str]]:
    """The sort key of a document: those without a namespace come first."""
    parts = document.split("/")
    return (len(parts) > 2, parts)


def described(document: str) -> str:
    """A document's name for people: ``Deployment demo/web``."""
    *namespace, kind, name = document.split("/")
    return f"{kind} {'/'.join([*namespace, name])}"
