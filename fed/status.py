"""``fed status``: what stands in each member and in DNS, beside what is planned."""

from collections.abc import Mapping
from dataclasses import asdict

from fed.output import OutputFormat, print_tree, table
from fed.plan import make
from stacks import outputs, status
from stacks.settings import Stack

__all__ = ["print_tables", "show"]


def show(stack: Stack, output: OutputFormat) -> bool:
    """Print the status of ``stack``; true when everything stands as planned."""
    left = outputs.read(stack.root, stack.name)
    found = status.gather(stack.federation, make(stack, left.observed), left)
    if output is OutputFormat.TABLE:
        print_tables(found)
    else:
        print_tree({"asPlanned": found.as_planned, **asdict(found)}, output)
    return found.as_planned


def print_tables(found: status.Status) -> None:
    """Print members and DNS as they were found."""
    table(
        "Members",
        ("MEMBER", "REGION", "NODES READY", "REPLICAS PLANNED/READY", "OVERRIDE IN EFFECT", "LOAD BALANCER"),
        [_member_row(member) for member in found.members],
    )
    table(
        "DNS",
        ("NAME", "WEIGHTS", "NOT AS PLANNED"),
        [_dns_row(each) for each in sorted(found.dns, key=lambda each: (each.name.count("."), each.name))],
    )


def _dns_row(each: status.DnsStatus) -> tuple[str, ...]:
    differs = "" if each.weights == each.planned else f"planned: {_weights(each.planned)}"
    # The policy's own label is of no use to whoever looks a name up.
    return (each.name.partition(".")[2], _weights(each.weights) or "-", differs)


def _member_row(member: status.MemberStatus) -> tuple[str, ...]:
    if member.problem:
        return (member.name, member.region, "-", "-", "-", member.problem)
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
        ", ".join(f"{each.namespace}/{each.name} {each.planned}/{each.ready}" for each in counted) or "-",
        "\n".join(overridden) or "-",
        "\n".join(balancers) or "-",
    )


def _weights(weights: Mapping[str, int]) -> str:
    return "  ".join(f"{name} {weight}" for name, weight in sorted(weights.items()))
