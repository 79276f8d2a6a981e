"""``fed diff``: show the differences between two plans."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from fed.terminal import options
from fed.terminal.options import HERE, Folder, Output, StackName
from fed.terminal.output import OutputFormat, print_document, reporting, say, table
from federation.operations.project import observed_state, settings, sides
from federation.plan.model.observed import Observed
from federation.plan.views import compare
from federation.plan.views.compare import ABSENT, Comparison, PlanDifference

__all__ = ["command"]

LONGEST = 60  # characters of a value

WHAT = "a plan file (fed plan --output json), a folder that fed render made, a project's folder, or a git revision"


def command(
    a: Annotated[str, typer.Argument(metavar="A", help=f"The plan before: {WHAT}.", show_default=False)] = "",
    b: Annotated[str, typer.Argument(metavar="B", help="The plan after: any of these.", show_default=False)] = "",
    stack: StackName = "dev",
    output: Output = OutputFormat.TABLE,
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Compare the plan with the live objects of the members, in place of A and B.")
    ] = False,
    cwd: Folder = HERE,
) -> None:
    """Show the differences between two plans: objects, fields, replicas, record sets. Secret values are never shown.

    `fed diff HEAD .` shows what the edits since the last commit change; `fed diff --live` shows what differs in the
    members. Exit codes: 0 no difference; 1 a difference; 2 the command line is wrong, or one of the two cannot be read
    or planned, or a member does not answer.
    """
    if live is bool(a or b) or (a and not b):
        raise typer.BadParameter("give two plans, A and B, or --live alone")
    if live:
        # Imported here because clients take half a second to load, and comparing files needs none.
        from fed.commands import live_diff

        if code := live_diff.show(options.read_stack(stack, cwd), output):
            raise typer.Exit(code)
        return
    start = cwd.resolve()
    observed = _read_observed_state(stack, start)
    with reporting(output):
        comparison = compare.compare(
            sides.read_side(a, stack, start, observed), sides.read_side(b, stack, start, observed)
        )
    if output is OutputFormat.TABLE:
        _print(comparison)
    else:
        print_document("Diff", compare.to_tree(comparison), output)
    for line in comparison.uncompared:
        say(line)
    if not comparison.same:
        raise typer.Exit(1)


def _read_observed_state(stack: str, start: Path) -> Observed:
    """The observed state of the project around ``start``, announced if there is one. Both sides are planned with it."""
    try:
        recorded = observed_state.read_observed_state(settings.find_project(start), stack)
    except settings.StackNotFoundError:
        return Observed()
    line, _ = observed_state.describe_age(recorded, observed_state.now(), timedelta.max)
    if line:
        say(line)
    return observed_state.add_to(Observed(), recorded)


def _print(comparison: Comparison) -> None:
    if comparison.objects:
        table("Objects", ("OBJECT", "CHANGE", "FIELD", "BEFORE", "AFTER"), [_row(each) for each in comparison.objects])
    moved = [each for each in comparison.objects if each.replicas[0] != each.replicas[1]]
    if moved:
        rows = [(each.name, f"{_count(each.replicas[0])} -> {_count(each.replicas[1])}") for each in moved]
        table("Replicas", ("OBJECT", "REPLICAS"), rows)
    if comparison.records:
        table("DNS", ("RECORD SET", "CHANGE", "FIELD", "BEFORE", "AFTER"), [_row(each) for each in comparison.records])
    if comparison.same:
        say("no difference")


def _row(each: PlanDifference) -> tuple[str, ...]:
    columns = [
        "\n".join(cells)
        for cells in zip(
            *((field.path, _value(field.before), _value(field.after)) for field in each.fields), strict=True
        )
    ]
    return (each.name, each.change, *(columns or ("", "", "")))


def _value(value: Any) -> str:
    if value is ABSENT:
        return "-"
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _count(replicas: int | None) -> str:
    return "-" if replicas is None else str(replicas)
