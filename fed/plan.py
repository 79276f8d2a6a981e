"""``fed plan``: the plan, printed beside what stands."""

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from fed import infrastructure as infrastructure_table
from fed import matrix
from fed.output import OutputFormat, print_tree, say, table, warn
from federation.components import sharing
from federation.errors import Severity
from federation.plan import held, identities, planner, serialise, transition
from federation.plan.changes import infrastructure, losses, make_before_break
from federation.plan.elsewhere import elsewhere
from federation.plan.observed import Observed
from federation.plan.result import AliasTarget, Plan, PlannedObject, RecordSet
from federation.plan.transition import Transition
from stacks import facts, guarding, outputs
from stacks.settings import Stack

if TYPE_CHECKING:
    from fed.field_conflicts import LiveFields

__all__ = ["make", "observed", "show"]


def make(stack: Stack, left: Observed | None = None) -> Plan:
    """The plan of a stack from what is written; ``FaultsFoundError`` with every fault. ``left`` as in `observed`."""
    return planner.plan(stack.federation, stack.documents, observed(stack, left))


def observed(stack: Stack, left: Observed | None = None) -> Observed:
    """What a plan of ``stack`` goes by beside what is written: the last update, and facts (told of) if there are.

    ``left`` is what the last update left behind, if it has been asked for already.
    """
    seen = facts.read(stack.root, stack.name)
    line, _ = facts.told(seen, facts.now(), timedelta(minutes=stack.federation.plan.facts_max_age_minutes))
    if line:
        say(line)
    return facts.applied(outputs.observed(stack.root, stack.federation) if left is None else left, seen)


def show(stack: Stack, output: OutputFormat, *, live: bool = True) -> bool:
    """Print the plan of ``stack`` beside what stands, and what the guard has against it; false when it refuses, or
    when members are not clusters of their own. ``live``: look at members that hold something."""
    known = observed(stack)
    plan = planner.plan(stack.federation, stack.documents, known)
    change = transition.of(plan, known.registered)
    guarded = guarding.findings(stack.federation, plan, known, os.environ)
    found = guarded + sharing.faults(stack.federation, stack.root)
    zone, names = losses.lost_zone(stack.federation, plan, known), losses.lost_names(plan, known)
    fields = _live_fields(stack, plan, known) if live and known.registered else None
    if output is OutputFormat.TABLE:
        _print(stack, plan, change)
        _print_lost(zone, names)
        infrastructure_table.show(stack.federation, known)
    else:
        tree = {**serialise.to_tree(plan), "transition": transition.to_tree(change), "guard": guarding.to_tree(guarded)}
        tree["infrastructure"] = infrastructure.to_tree(stack.federation, known)
        tree["removedNames"] = {"zone": zone, "names": list(names)}
        print_tree({**tree, **(fields.to_tree() if fields else {})}, output)
    if fields:
        found += tuple(fields.faults)
        fields.print()
    for each in identities.accepted(stack.federation, known):
        say(str(each))
    warn(found)
    return not any(each.severity is Severity.ERROR for each in found)


def _live_fields(stack: Stack, plan: Plan, known: Observed) -> "LiveFields":
    # Here and not above: clients take half a second to load, and files alone need none.
    from fed import field_conflicts

    return field_conflicts.look(stack, plan, known)


def _print(stack: Stack, plan: Plan, change: Transition) -> None:
    table("Members", MEMBER_COLUMNS, [_member_row(stack, plan, member.name) for member in plan.members])
    nowhere = [each.document for each in plan.workloads if not each.members]
    matrix.print_matrix(change, [member.name for member in plan.members], held.names(stack.federation), nowhere)
    table("DNS", ("NAME", "SET", "WEIGHT", "TARGET"), [_record_row(record) for record in plan.records])
    if not change.known:
        say(f"what stands in stack {plan.stack} is not known here (`pulumi` does not tell): everything counts as new")
    say("fed explain KIND/NAME tells the reasons")
    for move in plan.moves:
        say(make_before_break.described(move))
    for member in plan.members:
        if not member.available:
            say(held.described(member))
    for line in elsewhere(plan):
        say(line)
    warn(plan.warnings)


def _print_lost(zone: str, names: Sequence[str]) -> None:
    """Tell which names of the last update go."""
    if zone:
        say(f"REMOVE hosted zone {zone}, with its name servers")
    for name in names:
        say(f"REMOVE DNS name {name}")


MEMBER_COLUMNS = ("MEMBER", "REGION", "NODES", "REPLICAS", "OVERRIDE IN EFFECT", "LOAD BALANCER")


def _member_row(stack: Stack, plan: Plan, name: str) -> tuple[str, ...]:
    member, planned = stack.federation.member(name), plan.member(name)
    replicas = sum(each.replicas for each in planned.objects if each.replicas is not None)
    return (
        name if planned.available else f"{name} (held)",
        planned.region,
        str(member.nodes.desired) if member.provider == "eks" else "-",
        str(replicas),
        overrides_in_effect(planned.objects) or "-",
        ", ".join(f"{each.namespace}/{each.name} ({each.load_balancer})" for each in balanced(planned.objects)) or "-",
    )


def balanced(objects: tuple[PlannedObject, ...]) -> list[PlannedObject]:
    """The objects that get a load balancer."""
    return [each for each in objects if each.load_balancer]


def overrides_in_effect(objects: tuple[PlannedObject, ...]) -> str:
    """``Kind/name path`` of every override in effect, a line each."""
    return "\n".join(f"{each.kind}/{each.name} {override.path}" for each in objects for override in each.overrides)


def _record_row(record: RecordSet) -> tuple[str, ...]:
    routing = record.routing
    target = (
        f"-> {record.target.name}"
        if isinstance(record.target, AliasTarget)
        else f"load balancer of {record.target.shown} in {record.target.member}"
    )
    weight = "" if routing is None or routing.weight is None else str(routing.weight)
    return (record.name, routing.identifier if routing else "", weight, target)
