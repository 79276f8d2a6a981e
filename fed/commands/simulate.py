"""``fed simulate``: show what is left if a member, or a region, is lost; a gate for CI."""

import gc
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import typer

from fed.commands import plan as plan_command
from fed.terminal import completion, options
from fed.terminal.options import HERE, Folder, Output, StackName
from fed.terminal.output import OutputFormat, print_document, reporting, say, table
from federation.api.model.members import FederationSettings
from federation.errors import suggestions
from federation.errors.fault import FederationError
from federation.plan.model import serialise
from federation.plan.objects import pods
from federation.plan.views import simulate
from federation.plan.views.simulate import LossScenario, Outcome, RemainingWorkload, Simulation

__all__ = ["NoSuchLossError", "command"]

EVERY = 10.0  # seconds between two lines of progress
MOST = 200  # rows; of more, only those that say that something is lost

Lost = Annotated[
    list[str],
    typer.Option(
        "--lose",
        "-l",
        metavar="NAME",
        help="What is lost: a member, a region, or `each` of them in turn. Repeated: all of them together.",
        autocompletion=completion.losses,
    ),
]


class NoSuchLossError(FederationError):
    """The command line names neither a member nor a region of the stack, or ``each`` beside one."""

    exit_code = 2


def command(lose: Lost, stack: StackName = "dev", output: Output = OutputFormat.TABLE, cwd: Folder = HERE) -> None:
    """Show what is left if members or regions are lost: replicas, replicas without a place, DNS names with answers.

    Exit code 1 when a workload would not survive a loss, or when there are faults; 2 when the stack has no such member
    or region. A region with one member is lost with that member. DNS names of a lost region or zone go with it, and are
    not counted.
    """
    with reporting(output):
        read = options.read_stack(stack, cwd, defers_errors=True)
        losses = _losses(read.federation, lose)
        made = Simulation(read.federation, read.documents, plan_command.observe_stack(read))
    gc.freeze()  # the documents and today's plan live to the end: collecting them again and again is slow
    outcomes = list(_say_counts(losses, made))
    if output is OutputFormat.TABLE:
        _print(read.federation, outcomes)
    else:
        print_document("Simulation", {"stack": stack, "losses": [_tree(each) for each in outcomes]}, output)
    for each in outcomes:
        for left in each.dead:
            say(f"{_name(left)} would not survive the loss of {each.loss.name}: it would run in no member")
    if any(each.dead for each in outcomes):
        raise typer.Exit(1)


def _losses(federation: FederationSettings, names: Sequence[str]) -> Sequence[LossScenario]:
    first, *others = sorted(set(names))
    if not others:
        return _found(federation, first)
    if "each" in names:
        msg = "--lose each simulates every loss on its own, and excludes other --lose options; run it separately"
        raise NoSuchLossError(msg)
    return (simulate.together(loss for name in (first, *others) for loss in _found(federation, name)),)


def _found(federation: FederationSettings, name: str) -> Sequence[LossScenario]:
    losses = simulate.losses_of(federation, name)
    if losses or name == "each":
        return losses
    names = {member.name for member in federation.members} | {member.region for member in federation.members} | {"each"}
    remedy = suggestions.remedy(name, sorted(names - {""}))
    msg = f"stack {federation.stack} has no member or region {name!r} that could be lost; {remedy}"
    raise NoSuchLossError(msg)


def _say_counts(losses: Sequence[LossScenario], made: Simulation) -> Iterator[Outcome]:
    """The outcomes one by one; a long run prints its progress now and then."""
    printed = time.monotonic()
    for number, loss in enumerate(losses, start=1):
        yield made.lose(loss)
        if time.monotonic() - printed > EVERY:
            printed = time.monotonic()
            say(f"{number} of {len(losses)} losses simulated")


def _print(federation: FederationSettings, outcomes: Sequence[Outcome]) -> None:
    rows = [(_loss(federation, each.loss), *_row(left)) for each in outcomes for left in each.workloads]
    if len(rows) > MOST:
        say(f"{len(rows)} rows; shown are those with unplaced replicas, or without any replica left")
        rows = [
            (_loss(federation, each.loss), *_row(left))
            for each in outcomes
            for left in each.workloads
            if left.unplaced or not left.survives
        ]
    table("Workloads", ("LOST", "WORKLOAD", "LEFT", "BY MEMBER", "NO PLACE FOR"), rows)
    table("DNS", ("LOST", "NAMES LEFT", "WITHOUT AN ANSWER"), [_names(federation, each) for each in outcomes])


def _loss(federation: FederationSettings, loss: LossScenario) -> str:
    """``us-east (us-east-1)``: a member with its region if that is lost too, or a loss with its members."""
    regions = {member.name: member.region for member in federation.members}
    members = ", ".join(loss.members)
    if loss.name not in regions:
        return loss.name if loss.name == members else f"{loss.name} ({members})"
    region = regions[loss.name]
    alone = region and [member.name for member in federation.members if member.region == region] == [loss.name]
    return f"{loss.name} ({region})" if alone else loss.name


def _row(left: RemainingWorkload) -> tuple[str, ...]:
    if not left.survives:
        return (_name(left), "NOTHING", "-", _shown(left.unplaced))
    if left.kind in pods.SCALED_KINDS:
        by_member = "  ".join(f"{name} {count}" for name, count in left.replicas.items()) or "-"
        return (_name(left), str(sum(left.replicas.values())), by_member, _shown(left.unplaced))
    return (_name(left), f"in {len(left.members)}", "  ".join(left.members) or "-", _shown(left.unplaced))


def _names(federation: FederationSettings, each: Outcome) -> tuple[str, ...]:
    names = len(each.answered) + len(each.silent)
    return (_loss(federation, each.loss), f"{len(each.answered)} of {names}", "\n".join(each.silent) or "-")


def _name(left: RemainingWorkload) -> str:
    return f"{left.kind} {left.namespace}/{left.name}"


def _shown(count: int) -> str:
    return str(count) if count > 0 else "-"


def _tree(each: Outcome) -> dict[str, object]:
    return {
        "lost": each.loss.name,
        "members": list(each.loss.members),
        "workloads": serialise.plain(each.workloads),
        "dns": {"answered": list(each.answered), "silent": list(each.silent)},
        "dead": _dead(each.dead),
    }


def _dead(dead: Iterable[RemainingWorkload]) -> list[str]:
    return [_name(left) for left in dead]
