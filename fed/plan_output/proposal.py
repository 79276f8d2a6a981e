"""Collect what ``fed plan`` shows: the plan, its changes, and the faults found in it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fed.plan_output import unread_state
from federation.components.clusters import sharing
from federation.errors.fault import Fault, Severity
from federation.operations.engine import guarding, secret_keys
from federation.operations.project.settings import Stack
from federation.plan import planner
from federation.plan.changes import diff, infrastructure, losses, summary
from federation.plan.changes.diff import Transition
from federation.plan.changes.summary import Summary
from federation.plan.model import record_changes, serialise
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.model.record_changes import RecordChange

__all__ = ["Proposal", "closing_line", "is_refused", "propose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A plan and its changes. ``guarded`` are the guard's faults, ``found`` those and all others.

    ``records`` are all record sets, ``zone`` ("" for none) and ``names`` those of the last update that go.
    """

    stack: Stack
    known: Observed
    plan: Plan
    change: Transition
    records: tuple[RecordChange, ...]
    summary: Summary
    guarded: tuple[Fault, ...]
    found: tuple[Fault, ...]
    zone: str
    names: tuple[str, ...]

    def to_tree(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            **serialise.to_tree(self.plan),
            "transition": diff.to_tree(self.change),
            "state": unread_state.to_tree(self.known),
            "guard": guarding.to_tree(self.guarded),
            "removedNames": {"zone": self.zone, "names": list(self.names)},
            "infrastructure": infrastructure.to_tree(self.stack.federation, self.known),
            "renamed": dict(self.known.renamed),
            "recordChanges": record_changes.to_tree(self.records),
            "summary": summary.to_tree(self.summary),
        }


def propose(stack: Stack, known: Observed) -> Proposal:
    """Plan ``stack`` and compare the plan with the ``known`` state; ``FaultsFoundError`` with every fault."""
    plan = planner.plan(stack.federation, stack.documents, known)
    change = diff.find_changes(plan, known.registered)
    guarded = guarding.findings(stack.federation, plan, known, os.environ)
    # An earlier version's update stored names, but no record sets.
    unrecorded = known.registered is not None and known.records_before is None and bool(known.names_before)
    records = () if unrecorded else record_changes.changes(plan.records, known.records_before)
    zone, names = losses.lost_zone(stack.federation, known), losses.lost_names(plan, known)
    return Proposal(
        stack=stack,
        known=known,
        plan=plan,
        change=change,
        records=records,
        summary=summary.summarise(
            plan,
            summary.PlannedChanges(
                objects=change,
                records=None if unrecorded else records,
                names_before=known.names_before,
                zone_lost=bool(zone),
                clusters=infrastructure.changes(stack.federation, known),
            ),
        ),
        guarded=guarded,
        found=(*guarded, *sharing.faults(stack.federation, stack.root), *secret_keys.missing(stack, plan)),
        zone=zone,
        names=names,
    )


def is_refused(faults: Sequence[Fault]) -> bool:
    """Whether an update would be refused for one of ``faults``."""
    return any(each.severity is Severity.ERROR for each in faults)


def closing_line(shown: Proposal, faults: Sequence[Fault]) -> str:
    """The line that sums up a plan."""
    refused = f"; refused: {_reasons(faults)}" if is_refused(faults) else ""
    return f"stack {shown.plan.stack}: {summary.line(shown.summary)}{refused}"


def _reasons(faults: Sequence[Fault]) -> str:
    count = sum(1 for each in faults if each.severity is Severity.ERROR)
    return "1 reason above" if count == 1 else f"{count} reasons above"
