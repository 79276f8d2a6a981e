"""``fed plan``: print the plan beside the deployed state."""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from fed.plan_output import markdown, tables, unread_state
from fed.plan_output.proposal import closing_line, is_refused, propose
from fed.terminal.output import OutputFormat, PlanFormat, print_document, say, say_result, warn
from federation.operations.engine import outputs
from federation.operations.project import observed_state
from federation.operations.project.settings import Stack
from federation.plan import planner
from federation.plan.changes import cluster_identity, renamed_documents, renames
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan

if TYPE_CHECKING:
    from fed.plan_output.field_conflicts import LiveFields

__all__ = ["make_plan", "observe_stack", "show"]


def make_plan(stack: Stack, left: Observed | None = None) -> Plan:
    """The plan of a stack; ``FaultsFoundError`` with every fault. ``left`` as in `observe_stack`."""
    return planner.plan(stack.federation, stack.documents, observe_stack(stack, left))


def observe_stack(stack: Stack, left: Observed | None = None) -> Observed:
    """The observed state for a plan of ``stack``: the last update, and the file of ``fed observe`` (announced) if there
    is one.

    ``left`` is the observed state of the last update, if the caller has it already.
    """
    recorded = observed_state.read_observed_state(stack.root, stack.name)
    line, _ = observed_state.describe_age(
        recorded, observed_state.now(), timedelta(minutes=stack.federation.plan.facts_max_age_minutes)
    )
    if line:
        say(line)
    state = observed_state.add_to(
        outputs.observe_stack(stack.root, stack.federation) if left is None else left, recorded
    )
    return renames.Renames.from_config(stack.federation).observed(state)


def show(
    stack: Stack, output: PlanFormat, *, live: bool = True, every: bool = False, require_state: bool = False
) -> bool:
    """Print the plan of ``stack`` beside the deployed state, and the findings of the guard.

    False when it refuses, when members are not clusters of their own, or when the state cannot be read and
    ``require_state`` is set. ``live``: read members that have objects. ``every``: print also what does not change.
    """
    state = observe_stack(stack)
    shown = propose(stack, state)
    fields = _live_fields(stack, shown.plan, state) if live and state.registered else None
    faults = (*shown.found, *(fields.faults if fields else ()))
    match output:
        case PlanFormat.TABLE:
            tables.print_tables(shown, every=every)
        case PlanFormat.MARKDOWN:
            sys.stdout.write(markdown.text(shown, faults))
        case _:
            print_document("Plan", {**shown.to_tree(), **(fields.to_tree() if fields else {})}, OutputFormat(output))
    if fields:
        fields.print()
    for line in renamed_documents.lines(shown.change.changes):
        say(line)
    for line in (*renames.lines(state), *map(str, cluster_identity.accepted(stack.federation, state))):
        say(line)
    if line := unread_state.described(stack.name, state):
        say(line)
    warn(faults)
    if output is PlanFormat.TABLE:
        say_result(closing_line(shown, faults))
    return not is_refused(faults) and not (require_state and unread_state.is_unread(state))


def _live_fields(stack: Stack, plan: Plan, state: Observed) -> "LiveFields":
    # Imported here because clients take half a second to load, and a stack without objects needs none.
    from fed.plan_output import field_conflicts

    return field_conflicts.read_live_fields(stack, plan, state)
