"""``fed plan``: the plan, printed."""

from fed.output import OutputFormat, print_tree, say, table, warn
from federation.plan import held, planner, serialise
from federation.plan.elsewhere import elsewhere
from federation.plan.result import AliasTarget, Plan, PlannedObject, RecordSet
from stacks import outputs
from stacks.settings import Stack

__all__ = ["make", "show"]


def make(stack: Stack) -> Plan:
    """The plan of a stack from what is written; ``FaultsFoundError`` with every fault."""
    return planner.plan(stack.federation, stack.documents, outputs.observed(stack.root, stack.federation))


def show(stack: Stack, output: OutputFormat) -> None:
    """Print the plan of ``stack``: members, objects with replicas and reasons, record sets, warnings."""
    plan = make(stack)
    if output is not OutputFormat.TABLE:
        print_tree(serialise.to_tree(plan), output)
        return
    table("Members", MEMBER_COLUMNS, [_member_row(stack, plan, member.name) for member in plan.members])
    table(
        "Objects",
        ("MEMBER", "OBJECT", "REPLICAS", "WHY"),
        [_object_row(each) for member in plan.members for each in member.objects],
    )
    table("DNS", ("NAME", "SET", "WEIGHT", "TARGET"), [_record_row(record) for record in plan.records])
    for member in plan.members:
        if not member.available:
            say(held.described(member))
    for line in elsewhere(plan):
        say(line)
    warn(plan.warnings)


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


def _object_row(each: PlannedObject) -> tuple[str, ...]:
    where = f"{each.namespace}/" if each.namespace else ""
    return (
        each.member,
        f"{each.kind} {where}{each.name}",
        "" if each.replicas is None else str(each.replicas),
        "\n".join(each.reasons),
    )


def _record_row(record: RecordSet) -> tuple[str, ...]:
    routing = record.routing
    target = (
        f"-> {record.target.name}"
        if isinstance(record.target, AliasTarget)
        else f"load balancer of {record.target.namespace}/{record.target.service} in {record.target.member}"
    )
    weight = "" if routing is None or routing.weight is None else str(routing.weight)
    return (record.name, routing.identifier if routing else "", weight, target)
