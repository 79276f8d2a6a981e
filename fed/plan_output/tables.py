"""Print ``fed plan`` as tables: changes by default, everything with ``--all``."""

from collections.abc import Iterator, Sequence

from fed.plan_output import infrastructure, matrix
from fed.plan_output.proposal import Proposal
from fed.terminal.output import say, table, warn
from federation.plan.changes import make_before_break, quarantine
from federation.plan.changes.diff import ObjectChange
from federation.plan.model.record_changes import RecordChange
from federation.plan.views.other_stacks import describe_other_stacks

__all__ = ["dns_rows", "print_tables"]

MEMBER_COLUMNS = ("MEMBER", "REGION", "NODES", "REPLICAS")


def print_tables(shown: Proposal, *, every: bool) -> None:
    """Print what changes, or ``every`` object and record set, and the messages below the tables."""
    plan = shown.plan
    if every or not shown.summary.nothing:
        names = [member.name for member in plan.members]
        table("Members", MEMBER_COLUMNS, [_member_row(shown, name) for name in names])
        unplaced = [each.document for each in plan.workloads if not each.members]
        matrix.print_matrix(shown.change, names, quarantine.names(shown.stack.federation), unplaced, every=every)
    infrastructure.show(shown.stack.federation, shown.known)
    if every:
        _print_in_effect(shown)
        columns = ("NAME", "SET", "CHANGE", "WEIGHT", "TARGET")
        table("DNS", columns, [_record_row(each) for each in shown.records])
    elif rows := dns_rows(shown.records):
        table("DNS", ("NAME", "CHANGE"), [(name, "\n".join(lines)) for name, lines in rows])
    _print_notes(shown)


def _print_notes(shown: Proposal) -> None:
    plan = shown.plan
    for move in plan.moves:
        say(make_before_break.described(move))
    for member in plan.members:
        if not member.available:
            say(quarantine.described(member), "yellow")
    for line in describe_other_stacks(plan):
        say(line)
    warn(plan.warnings)
    if shown.zone:
        say(f"REMOVE hosted zone {shown.zone}, with its name servers", "bold red")
    for name in shown.names:
        say(f"REMOVE DNS name {name}", "bold red")


def _print_in_effect(shown: Proposal) -> None:
    """Print the overrides in effect, and the objects that get a load balancer, by member."""
    objects = [(member.name, each) for member in shown.plan.members for each in member.objects]
    overrides = [
        (name, f"{each.kind}/{each.name} {override.path}") for name, each in objects for override in each.overrides
    ]
    balanced = [(name, f"{each.namespace}/{each.name}", each.load_balancer) for name, each in objects]
    if overrides:
        table("Overrides", ("MEMBER", "OVERRIDE IN EFFECT"), overrides)
    if balancers := [row for row in balanced if row[2]]:
        table("Load balancers", ("MEMBER", "SERVICE", "KIND"), balancers)


def _member_row(shown: Proposal, name: str) -> tuple[str, ...]:
    member, planned = shown.stack.federation.member(name), shown.plan.member(name)
    return (
        name if planned.available else f"{name} (quarantined)",
        planned.region,
        str(member.nodes.desired) if member.provider == "eks" else "-",
        _replicas(shown, name),
    )


def _replicas(shown: Proposal, member: str) -> str:
    """The replicas in a member, ``12 -> 9`` where they change."""
    own = [each for each in shown.change.changes if each.member == member]
    before, after = (sum(count or 0 for count in counts) for counts in zip(*_pairs(own), strict=True))
    is_new = not shown.change.known
    return str(after) if is_new or before == after else f"{before} -> {after}"


def _pairs(own: Sequence[ObjectChange]) -> Iterator[tuple[int | None, int | None]]:
    yield 0, 0
    for each in own:
        is_scaled = each.before is not None and each.after is None and not each.deleted
        yield each.before, each.before if is_scaled else each.after


def dns_rows(records: Sequence[RecordChange]) -> list[tuple[str, list[str]]]:
    """By public name, what changes in its record set and in those that it is an alias to; a line each."""
    names = {each.line.name for each in records}
    aliases = {each.line.target: each.line.name for each in records if not each.line.identifier}
    rows: dict[str, list[str]] = {}
    for each in records:
        if each.change != "same":
            public = aliases.get(each.line.name, each.line.name)
            rows.setdefault(public if public in names else each.line.name, []).append(_changed(each))
    return sorted((name, _distinct(lines)) for name, lines in rows.items())


def _distinct(lines: Sequence[str]) -> list[str]:
    """``lines`` in order, without those that are the beginning of another: a name is added with its sets."""
    return sorted(each for each in lines if not any(other.startswith(f"{each} ") for other in lines))


def _changed(each: RecordChange) -> str:
    """The change of one record set: ``us-east 6 -> 12``, ``add us-west 6``, ``remove``."""
    line = each.line
    weight = "" if line.weight is None else f" {line.weight}"
    if each.before is None or each.after is None:
        return f"{each.change} {line.identifier}{weight}".strip() if line.identifier else each.change
    parts = []
    if each.before.weight != each.after.weight:
        parts.append(f"{_weight(each.before.weight)} -> {_weight(each.after.weight)}")
    if each.before.target != each.after.target:
        parts.append(f"{each.before.target} -> {each.after.target}")
    return f"{line.identifier} {', '.join(parts) or 'change'}".strip()


def _weight(weight: int | None) -> str:
    return "-" if weight is None else str(weight)


def _record_row(each: RecordChange) -> tuple[str, ...]:
    line, before = each.line, each.before
    weight = "" if line.weight is None else str(line.weight)
    if before is not None and each.after is not None and before.weight != each.after.weight:
        weight = f"{_weight(before.weight)} -> {_weight(each.after.weight)}"
    target = f"{before.target} -> {line.target}" if before and before.target != line.target else line.target
    return (line.name, line.identifier, each.change, weight, target)
