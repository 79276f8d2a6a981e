"""``fed status``: compare the live objects of each member and DNS with the plan."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fed.commands import status_tree
from fed.commands.plan import make_plan
from fed.terminal.output import OutputFormat, print_document, say, table
from federation.errors.fault import FederationError
from federation.operations.engine import outputs
from federation.operations.members import status
from federation.operations.members.live_records import DnsStatus
from federation.operations.members.status import MemberStatus, ObjectStatus, Status
from federation.operations.project.settings import Stack
from federation.plan.live import managed_fields
from federation.plan.live.drift import FieldDrift
from federation.plan.live.managed_fields import ABSENT
from federation.plan.live.unplanned import Unplanned
from federation.plan.model.plan import Plan

__all__ = ["print_tables", "read_status", "show", "watch"]

INTERVAL: Final = 5.0  # seconds from one look to the next
SHOWN: Final = 50  # rows of differences, unless all objects are listed
NONE: Final = "-"


def read_status(stack: Stack) -> tuple[Plan, Status]:
    """The plan of ``stack``, and what its members and DNS hold of it."""
    left = outputs.read_outputs(stack.root, stack.name)
    plan = make_plan(stack, left.observed)
    return plan, status.read_status(stack.federation, plan, left, status.config_secrets(stack.root, plan))


def show(stack: Stack, output: OutputFormat, *, every_object: bool = False) -> bool:
    """Print the status of ``stack``; true when everything is as planned. ``every_object`` lists all objects."""
    _, state = read_status(stack)
    _print(state, output, every_object=every_object)
    return state.as_planned


def watch(stack: Stack, output: OutputFormat, *, every_object: bool = False, interval: float = INTERVAL) -> bool:
    """Print the status whenever it changes, until all is as planned; false when that was interrupted.

    After one success, a failed look prints one line, and watching goes on.
    """
    before: Status | None = None
    try:
        while True:
            try:
                _, state = read_status(stack)
            except FederationError as error:
                if before is None:
                    raise
                say(str(error))
            else:
                if state != before:
                    _print(state, output, every_object=every_object)
                if state.as_planned:
                    return True
                before = state
            time.sleep(interval)
    except KeyboardInterrupt:
        return False


def _print(state: Status, output: OutputFormat, *, every_object: bool) -> None:
    if output is OutputFormat.TABLE:
        print_tables(state, every_object=every_object)
    else:
        print_document("Status", status_tree.to_tree(state), output)


def print_tables(state: Status, *, every_object: bool = False) -> None:
    """Print members, DNS and differences, in the order of ``state``."""
    table("Members", MEMBER_COLUMNS, [_member_row(member) for member in state.members])
    if state.dns:
        table(
            "DNS",
            ("NAME", "WEIGHTS", "NOT AS PLANNED"),
            [_dns_row(each) for each in sorted(state.dns, key=lambda each: (each.name.count("."), each.name))],
        )
    if every_object:
        rows = [(member.name, each.document, _state(each)) for member in state.members for each in member.objects]
        table("Objects", ("MEMBER", "OBJECT", "STATE"), rows)
    differing = list(_differences(state))
    if differing:
        shown = differing if every_object else differing[:SHOWN]
        table("Differences", ("MEMBER", "OBJECT", "FIELD", "PLANNED", "LIVE"), shown)
        if len(differing) > len(shown):
            say(f"and {len(differing) - len(shown)} more differences; --all shows them")
    if any(not (each.is_registered or each.is_going) for member in state.members for each in member.unplanned):
        say("objects that are not in the state may belong to another stack, or be left by a killed update")
    for line in state.uncompared:
        say(line)


MEMBER_COLUMNS = (
    "MEMBER",
    "REGION",
    "NODES READY",
    "PLANNED",
    "MISSING",
    "DIFFERENT",
    "REPLICAS READY/PLANNED",
    "OVERRIDE IN EFFECT",
    "LOAD BALANCER",
)


def _member_row(member: MemberStatus) -> tuple[str, ...]:
    if member.problem:
        return (member.name, member.region, *(NONE for _ in MEMBER_COLUMNS[3:]), member.problem)
    counted = [each for each in member.objects if each.planned is not None]
    overridden = [
        f"{each.kind}/{each.name} {path}" + ("" if effective else " (NOT in effect)")
        for each in member.objects
        for path, effective in (each.overrides or {}).items()
    ]
    balancers = [each.load_balancer or f"{each.name}: none yet" for each in member.objects if each.wants_load_balancer]
    return (
        member.name,
        member.region,
        f"{member.nodes_ready}/{member.nodes}",
        str(len(member.objects)),
        str(member.missing),
        str(member.different),
        "\n".join(f"{each.namespace}/{each.name} {each.ready}/{each.planned}{_whose(each)}" for each in counted)
        or NONE,
        "\n".join(overridden) or NONE,
        "\n".join(balancers) or NONE,
    )


def _whose(each: ObjectStatus) -> str:
    return f" (set by {each.replicas_owner}; plan and DNS use {each.weighs})" if each.replicas_owner else ""


def _dns_row(each: DnsStatus) -> tuple[str, ...]:
    differs = "" if each.weights == each.planned else f"planned: {_weights(each.planned)}"
    # The first label is the policy's own; users never look it up.
    return (each.name.partition(".")[2], _weights(each.weights) or NONE, differs)


def _weights(weights: Mapping[str, int]) -> str:
    return "  ".join(f"{name} {weight}" for name, weight in sorted(weights.items()))


def _state(each: ObjectStatus) -> str:
    if not each.found:
        return "missing"
    states = ["differs"] if each.differs else []
    if not each.is_ready:
        states.append(f"not ready: {_unready(each)}")
    return ", ".join(states) or "as planned"


def _unready(each: ObjectStatus) -> str:
    parts = [each.problem] if each.problem else []
    if each.planned != each.ready:
        parts.append(f"{each.ready}/{each.planned} replicas are ready")
    if each.wants_load_balancer and not each.load_balancer:
        parts.append("no load balancer yet")
    return "; ".join(parts)


def _differences(state: Status) -> Iterator[tuple[str, ...]]:
    """A row for each object that is missing, not ready or not planned, and for each field that is not as planned."""
    for member in state.members:
        for each in member.objects:
            if not each.found:
                yield (member.name, each.document, NONE, "present", "missing")
                continue
            for field in each.fields:
                yield (member.name, each.document, managed_fields.text(field.path), *_values(field))
            if not each.is_ready:
                yield (member.name, each.document, NONE, "ready", _unready(each))
        for more in member.unplanned:
            yield (member.name, more.document, NONE, "not planned", _until(more))


def _until(each: Unplanned) -> str:
    if each.is_going:
        return "is being deleted"
    return "present, until the next update" if each.is_registered else "present, and not in the state"


def _values(field: FieldDrift) -> tuple[str, str]:
    """The planned and the live value as shown; of two Secret values only that they differ."""
    planned, live = (_value(value) for value in (field.planned, field.live))
    return (planned, live if planned != live else f"{live} differs")


def _value(value: Any) -> str:
    if value is ABSENT:
        return NONE
    if isinstance(value, Mapping | list | tuple):
        return "{...}" if isinstance(value, Mapping) else "[...]"
    text = str(value).lower() if isinstance(value, bool) else managed_fields.shown(value)
    return text or (f"{str(value)[: managed_fields.LONGEST]}..." if value else '""')
