"""``fed explain``: show each step by which placement and replicas of one object were decided."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from fed.commands import plan as plan_command
from fed.terminal import completion, options
from fed.terminal.options import HERE, Folder, MemberName, Output, StackName
from fed.terminal.output import OutputFormat, print_document, reporting, warn
from federation.errors import suggestions
from federation.plan.model import serialise
from federation.plan.model.plan import Operation
from federation.plan.views import explain, query
from federation.plan.views.dns_paths import Lead
from federation.plan.views.explain import Explanation, MemberExplanation

__all__ = ["command", "lines"]

_LONGEST = 100  # characters of a value on a line; --output json has them whole

What = Annotated[
    str,
    typer.Argument(
        metavar="[NAMESPACE/]KIND/NAME",
        help="The object: deployment/web, deploy/web, shop/Service/web.",
        autocompletion=completion.objects,
    ),
]


def command(
    what: What,
    stack: StackName = "dev",
    member: MemberName = "",
    namespace: Annotated[
        str, typer.Option("--namespace", "-n", metavar="NAMESPACE", help="The object's namespace.", show_default=False)
    ] = "",
    output: Output = OutputFormat.TABLE,
    cwd: Folder = HERE,
) -> None:
    """Explain why each member gets an object or not, and how many replicas: every step, with file and line.

    Exit codes: 0 explained; 1 a fault in config or documents; 2 no such object or member (near names are listed).
    """
    with reporting(output):
        wanted = query.parse_query(what, namespace)
        plan = plan_command.make_plan(options.read_stack(stack, cwd, defers_errors=True))
        if member:
            options.check_member(member, plan)
        explanation = explain.explain(plan, query.find_workload(plan, wanted), member)
    if output is OutputFormat.TABLE:
        sys.stdout.write("".join(f"{line}\n" for line in lines(explanation)))
    else:
        print_document("Explanation", _tree(explanation), output)
    place = explanation.written.rpartition(":")[0]
    warn(each for each in plan.warnings if each.place.file == place and explanation.name in str(each))


def _tree(explanation: Explanation) -> dict[str, Any]:
    tree = dict(serialise.plain(explanation))
    return {"object": {key: tree.pop(key) for key in ("kind", "namespace", "name")}, **tree}


def lines(explanation: Explanation) -> Iterator[str]:
    """The explanation as lines of text."""
    key = f"{explanation.namespace}/{explanation.name}" if explanation.namespace else explanation.name
    yield f"{explanation.kind} {key} ({explanation.written})"
    if explanation.total is not None:
        shares = ", ".join(f"{name} {count}" for name, count in explanation.replicas.items())
        yield f"{suggestions.counted(explanation.total, 'replica')} in all: {shares}"
        if explanation.unplaced > 0:
            yield f"{explanation.unplaced} of them are not placed"
        yield (
            f"members take their turns in this order: {', '.join(explanation.order)} (the larger weight first; among "
            "equals KubeFed's hash of member and key decides, or the name with strategy monotone)"
        )
    for name in explanation.other_stacks:
        yield f"{name} is named in the document, but is not in this stack"
    if explanation.selects:
        yield f"its selector matches {suggestions.listed(explanation.selects)}, but no member of this stack"
    for member in explanation.members:
        yield ""
        yield from _member(member)
    if len(explanation.members) == 1 and explanation.division:
        yield ""
        yield from _others(explanation)


def _member(member: MemberExplanation) -> Iterator[str]:
    given = "gets nothing" if not member.placed else "gets it"
    if member.replicas is not None and member.placed:
        given = suggestions.counted(member.replicas, "replica")
        given += f" ({member.overflow} of them overflow: they wait for capacity)" if member.overflow else ""
    wave = f", in wave {member.wave}" if member.wave else ""
    yield f"{member.member}: {given}{wave}"
    for line in (*member.placement, *member.division, *member.notes):
        yield f"  {line}"
    if member.quarantined:
        yield f"  quarantined: {member.quarantined}"
    if member.move:
        yield f"  {member.move}"
    for override in member.overrides:
        yield f"  {_override(override)}"
    if member.waits_for:
        yield f"  waits for {', '.join(member.waits_for)}"
    if member.awaited_by:
        yield f"  awaited by {', '.join(member.awaited_by)}"
    if member.retained:
        yield f"  left to other owners: {', '.join(member.retained)}"
    for lead in member.leads:
        yield f"  {_lead(lead)}"


def _others(explanation: Explanation) -> Iterator[str]:
    own = explanation.members[0].member
    yield "the shares of the other members"
    for name in explanation.order:
        if name != own:
            for line in explanation.division[name]:
                yield f"  {name}: {line}"


def _override(override: Operation) -> str:
    change = {"remove": f"{_shown(override.was)} is removed"}.get(
        override.op, f"{_shown(override.was)} -> {_shown(override.value)}"
    )
    return f"override {override.op} {override.path} ({override.written}): {change}"


def _shown(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(serialise.plain(value), ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _lead(lead: Lead) -> str:
    text = f"DNS {lead.name}"
    if lead.weight is not None:
        text += f" [{lead.identifier}, weight {lead.weight}]"
    elif lead.identifier:
        text += f" [{lead.identifier}, by {lead.policy}]"
    reasons = f" ({'; '.join(lead.reasons)})" if lead.reasons else ""
    return f"{text} -> {lead.to}{reasons}"
