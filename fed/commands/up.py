"""``fed up``: bring a stack up, and close with one line on each member.

What a killed run has left is repaired first; then Pulumi's own ``up`` runs.
"""

import os
import signal
import sys
from collections.abc import Sequence

from fed.commands import cells_up
from fed.commands import status as status_command
from fed.commands.plan import make_plan
from fed.terminal.output import say, table
from federation.components.aws import account
from federation.errors.fault import FederationError, raise_if_errors
from federation.operations import refreshing
from federation.operations.engine import command_line, guarding, outputs
from federation.operations.engine.engine_events import Changes
from federation.operations.engine.progress import listed
from federation.operations.members import status
from federation.operations.project.settings import Stack
from federation.operations.recovery import recovery
from federation.operations.update import UpdateResult, update
from federation.plan.changes import make_before_break
from federation.plan.model.plan import Plan

__all__ = ["bring_up", "check_confirmed", "preview", "without_guard"]


class UpdateNotConfirmedError(FederationError):
    """There is no terminal on which to confirm the update after the preview."""

    exit_code = 2


REMEDY = "`fed up --refresh` repairs changes and deletions made by hand"
SHOWN = 3  # messages of a member in the closing table; all of them are above it


def without_guard() -> None:
    """Have the guard pass everything in this run, and in the `pulumi` that it starts."""
    os.environ[guarding.VARIABLE] = guarding.OFF


def check_confirmed(options: Sequence[str]) -> None:
    """``UpdateNotConfirmedError`` without a terminal, and without an option that confirms."""
    if not options and not sys.stdin.isatty():
        raise UpdateNotConfirmedError(
            "nothing was updated: without a terminal, confirm with --yes, or look with --preview"
        )


def bring_up(stack: Stack, options: Sequence[str], *, create: bool = False, refresh: bool = False) -> int:
    """Bring ``stack`` up and return the exit code: Pulumi's, or 1 when a member that answers is not as planned.

    ``options`` are passed to `pulumi up`. A stack that does not exist is made with ``create`` only. With ``refresh``,
    the state is refreshed first.
    """
    if stack.federation.layout == "cells":
        return _bring_cells_up(stack, options, create=create, refresh=refresh)
    left = outputs.observe_stack(stack.root, stack.federation)
    plan = make_plan(stack, left)
    # A refresh with another account's credentials would find nothing, and drop every resource from the state.
    raise_if_errors(account.faults(stack.federation, left, by_state=refresh))
    recovery.recover_stack(stack, plan, say, create=create)
    if not refresh:
        say(f"stack {stack.name}: drift is not checked; {REMEDY}")
    elif code := refreshing.refresh(stack.root, plan, say):
        say(f"stack {stack.name}: the state is not refreshed, so nothing was updated; --no-refresh skips the refresh")
        return _exit_code(code)
    done = update(stack.root, stack.name, plan, options, say)
    if not done.has_begun:
        say(f"stack {stack.name}: pulumi ended before the update began, exit code {done.code}; see its output above")
        return _exit_code(done.code)
    _print(plan, done)
    if done.code < 0:
        name = signal.Signals(-done.code).name
        say(f"stack {stack.name}: pulumi was ended by {name}; run `fed up --stack {stack.name}` again")
        return _exit_code(done.code)
    return _closing(stack, plan, done.code, "" if refresh else REMEDY)


def preview(stack: Stack, *, refresh: bool = False) -> int:
    """Show what an update of ``stack`` would do, and what a killed run has left, and return Pulumi's exit code.

    ``refresh`` shows what an update with a refresh would do; the state stays as it is.
    """
    if stack.federation.layout == "cells":
        return cells_up.preview(stack, cells_up.Options(preview=True, refresh=refresh))
    left = outputs.observe_stack(stack.root, stack.federation)
    plan = make_plan(stack, left)
    if refresh:
        # With another account's credentials, every AWS resource would be shown as gone.
        raise_if_errors(account.faults(stack.federation, left, by_state=True))
        recovery.recover_stack(stack, plan, say, change=False)
        code = refreshing.preview(stack.root, plan, say)
    else:
        say(f"stack {stack.name}: drift is not checked; --refresh previews it too, and `fed diff --live` shows it")
        recovery.recover_stack(stack, plan, say, change=False)
        code = command_line.run(["pulumi", "preview", "--stack", stack.name], stack.root, os.environ)
    return _exit_code(code) if code else 0


def _bring_cells_up(stack: Stack, options: Sequence[str], *, create: bool, refresh: bool) -> int:
    chosen = cells_up.Options(create=create, refresh=refresh)
    done = cells_up.bring_up(stack, chosen, confirmed=bool(options))
    if done.code:
        say(f"stack {stack.name}: not all cells are up; run `fed up --stack {stack.name}` again")
    return _closing(stack, done.plan, _exit_code(done.code) if done.code else 0, "" if refresh else REMEDY)


def _closing(stack: Stack, plan: Plan, code: int, remedy: str) -> int:
    """Print the status beside ``plan``. A member that does not answer fails the update only if it had changes."""
    try:
        left, secrets = outputs.read_outputs(stack.root, stack.name), status.config_secrets(stack.root, plan)
        state = status.read_status(stack.federation, plan, left, secrets)
    except outputs.OutputsUnavailableError as error:
        say(str(error))
        return code or 1
    status_command.print_tables(state)
    if code:
        return code
    wrong = [each.name for each in state.members if not each.problem and not each.as_planned]
    wrong += [each.name for each in state.dns if each.weights != each.planned]
    if wrong:
        say(f"stack {stack.name}: not as planned: {', '.join(wrong)}" + (f"; {remedy}" if remedy else ""))
    return 1 if wrong else 0


def _print(plan: Plan, done: UpdateResult) -> None:
    finished = {name for each in done.changes for name in each.finished}
    waiting = make_before_break.unfinished(plan.moves, finished)
    rows = [
        (each.member, each.summary, str(len(each.failed) or ""), _note(each, waiting.get(each.member, ())))
        for each in done.changes
    ]
    table("Update", ("MEMBER", "CHANGED", "FAILED", "WHY"), rows)


def _note(changed: Changes, waiting: Sequence[str] = ()) -> str:
    messages = list(changed.messages[:SHOWN])
    if changed.is_unreachable and not messages:
        messages.append("unreachable; nothing in it was changed")
    if len(changed.messages) > SHOWN:
        messages.append(f"and {len(changed.messages) - SHOWN} more, above")
    if changed.waiting:
        messages.append(f"not finished when pulumi ended: {listed(changed.member, list(changed.waiting))}")
    messages += waiting[:SHOWN]
    if len(waiting) > SHOWN:
        messages.append(f"and {len(waiting) - SHOWN} more that wait")
    return "\n".join(messages)


def _exit_code(code: int) -> int:
    """The exit code in the shell's form, from one that may be a negative signal number; never 0."""
    return 128 - code if code < 0 else code or 1
