"""``fed up`` of an environment in cells: one engine run for each cell, several at a time."""

import os
import sys

import typer

from fed.commands.plan import make_plan
from fed.terminal.output import say, table
from federation.components.aws import account
from federation.errors.fault import Severity, raise_if_errors
from federation.operations.cells.running import CellRun
from federation.operations.cells.updating import CellsUpdated, Options, update_cells
from federation.operations.engine.automation import Engine
from federation.operations.project.settings import Stack
from federation.plan.changes import guarding
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan

__all__ = ["Options", "bring_up", "preview"]

SHOWN = 3  # messages of a cell in the table


def bring_up(stack: Stack, options: Options, *, confirmed: bool) -> CellsUpdated:
    """Bring all cells of ``stack`` up. Without ``confirmed``, the plan is shown first, and a terminal asks."""
    if not confirmed:
        _confirm(stack)
    engine = Engine()
    with engine.pass_signals_on():
        done = update_cells(stack, _Checked(stack, options).plan, engine, options, say)
    _print(done.runs)
    return done


def preview(stack: Stack, options: Options) -> int:
    """Preview all cells that would be run, and return the first exit code that is not 0."""
    return bring_up(stack, options, confirmed=True).code


def _confirm(stack: Stack) -> None:
    # Imported here: showing a plan needs the clients of clusters, which take long to load.
    from fed.commands import plan as plan_command
    from fed.terminal.output import PlanFormat

    if not plan_command.show(stack, PlanFormat.TABLE):
        raise typer.Exit(1)
    if not typer.confirm(f"Update {stack.name}?", err=True):
        raise typer.Exit(2)


class _Checked:
    """Plan an environment; the first plan is checked as the program checks it, before any cell is touched."""

    def __init__(self, stack: Stack, options: Options) -> None:
        self._stack = stack
        self._refreshes = options.refresh
        self._is_checked = False

    def plan(self, observed: Observed) -> Plan:
        """The plan for what was observed."""
        made = make_plan(self._stack, observed)
        if not self._is_checked:
            federation = self._stack.federation
            found = guarding.findings(federation, made, observed, os.environ)
            faults = [each for each in found if each.severity is Severity.ERROR]
            # A refresh with another account's credentials would drop every resource from the state.
            raise_if_errors([*faults, *account.faults(federation, observed, by_state=self._refreshes)])
            self._is_checked = True
        return made


def _print(runs: tuple[CellRun, ...]) -> None:
    rows = [(each.cell.stack, each.summary, _failed(each), "\n".join(each.messages[:SHOWN])) for each in runs]
    sys.stderr.flush()
    table("Update", ("CELL", "CHANGED", "FAILED", "WHY"), rows)


def _failed(run: CellRun) -> str:
    return str(sum(len(each.failed) for each in run.changes) or "")
