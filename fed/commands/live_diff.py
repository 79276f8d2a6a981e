"""``fed diff --live``: compare planned with live objects, as a unified diff by file.

Files have the names that `fed render` gives them, so the order is the same every time. Only fields that the federation
sends are shown; fields that others have set, or the server has filled in, are on neither side.
"""

import difflib
import sys
from collections.abc import Iterator
from typing import Any, Final

from fed.commands.status import read_status
from fed.commands.status_tree import field_trees
from fed.terminal.output import OutputFormat, print_document, say
from federation.errors import suggestions
from federation.operations.members.status import MemberStatus, ObjectStatus, Status
from federation.operations.project.settings import Stack
from federation.plan.live import drift_sides
from federation.plan.model.plan import Plan, PlannedObject
from federation.plan.views import render
from federation.plan.views.yaml_writer import Writer

__all__ = ["show", "text"]

NOT_COMPARED: Final = 2
"""The exit code when a member that is not quarantined could not be compared."""


def show(stack: Stack, output: OutputFormat) -> int:
    """Print what differs between plan and members, and return the exit code."""
    plan, state = read_status(stack)
    unreachable = [each for each in state.members if each.problem and not each.quarantined]
    differing = {each.name: tuple(_differing(each)) for each in state.members}
    if output is OutputFormat.TABLE:
        sys.stdout.write(text(plan, state))
    else:
        print_document(
            "LiveDifferences", {"members": [_tree(each, differing[each.name]) for each in state.members]}, output
        )
    for each in state.members:
        if each.problem:
            say(f"{each.name} is not compared: {each.problem}")
        if each.unplanned:
            count = suggestions.counted(len(each.unplanned), "object")
            say(f"{each.name} has {count} that are not planned; `fed status` lists them")
    for line in state.uncompared:
        say(line)
    if unreachable:
        return NOT_COMPARED
    return int(any(differing.values()))


def text(plan: Plan, state: Status) -> str:
    """The whole unified diff, from live to planned, by member and file."""
    writer = Writer()
    parts: dict[str, str] = {}
    for member in state.members:
        planned = {each.logical_name: each for each in plan.member(member.name).objects}
        for each in _differing(member):
            object_ = planned[each.logical_name]
            parts[render.path(object_)] = "".join(_lines(object_, each, writer))
    return "".join(parts[path] for path in sorted(parts))


def _differing(member: MemberStatus) -> Iterator[ObjectStatus]:
    return (each for each in member.objects if not each.found or each.fields)


def _lines(planned: PlannedObject, each: ObjectStatus, writer: Writer) -> Iterator[str]:
    path = render.path(planned)
    before, after = (writer.text(side).splitlines(keepends=True) for side in drift_sides.sides(planned, each.fields))
    if each.found:
        return difflib.unified_diff(before, after, f"live/{path}", f"planned/{path}")
    return difflib.unified_diff([], after, "/dev/null", f"planned/{path}")


def _tree(member: MemberStatus, differing: tuple[ObjectStatus, ...]) -> dict[str, Any]:
    objects = [
        {
            "object": each.logical_name,
            "change": "changed" if each.found else "missing",
            "fields": field_trees(each.fields),
        }
        for each in differing
    ]
    return {"name": member.name, "quarantined": member.quarantined, "problem": member.problem, "objects": objects}
