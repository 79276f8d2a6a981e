"""``fed plan --output markdown``: write a plan as a pull request comment of bounded length."""

from collections.abc import Iterator, Sequence

from fed.plan_output import tables
from fed.plan_output.matrix import COUNTED, cell, described
from fed.plan_output.proposal import Proposal, closing_line
from fed.terminal.markdown_text import bullets, inline, table
from federation.errors.fault import Fault, Severity
from federation.plan.changes import infrastructure, make_before_break, quarantine

__all__ = ["text"]

LONGEST = 60_000  # characters; GitHub takes 65,536 in a comment


def text(shown: Proposal, faults: Sequence[Fault]) -> str:
    """``shown`` in markdown: the sum, members, refusals, names that go, objects that change, record sets."""
    parts = [f"### {inline(closing_line(shown, faults))}", *_parts(shown, faults)]
    made = "\n\n".join(parts) + "\n"
    if len(made) <= LONGEST:
        return made
    cut = made[:LONGEST].rpartition("\n")[0]
    return f"{cut}\n\nThe rest is left out here: `fed plan --stack {shown.plan.stack}` shows all of it.\n"


def _parts(shown: Proposal, faults: Sequence[Fault]) -> Iterator[str]:
    errors = [str(each) for each in faults if each.severity is Severity.ERROR]
    others = [str(each) for each in (*shown.plan.warnings, *faults) if each.severity is not Severity.ERROR]
    if errors:
        yield bullets("Refused", errors)
    if shown.zone or shown.names:
        zone = [f"hosted zone {shown.zone}, with its name servers"] if shown.zone else []
        yield bullets("Names removed", [*zone, *shown.names])
    if not shown.summary.nothing:
        yield _members(shown)
        if rows := list(_objects(shown)):
            yield "\n".join(["**Objects**", "", *table(("object", "member", "change"), rows)])
    changed = infrastructure.changes(shown.stack.federation, shown.known)
    if rows := [(each.member, each.action, "; ".join(each.lines)) for each in changed if each.action != "same"]:
        yield "\n".join(["**Infrastructure**", "", *table(("member", "change", "what"), rows)])
    if names := [(name, ", ".join(lines)) for name, lines in tables.dns_rows(shown.records)]:
        yield "\n".join(["**DNS**", "", *table(("name", "change"), names)])
    if shown.plan.moves:
        yield bullets("Order", [make_before_break.described(move) for move in shown.plan.moves])
    if others:
        yield bullets("Warnings", others)


def _members(shown: Proposal) -> str:
    counts = shown.change.counts()
    names = sorted({*(member.name for member in shown.plan.members), *counts})
    counted = [each for each in COUNTED if any(counts.get(name, {}).get(each) for name in names)]
    rows = [(name, *(str(counts.get(name, {}).get(each, 0)) for each in counted)) for name in names]
    return "\n".join(["**Members**", "", *table(("member", *counted), rows)])


def _objects(shown: Proposal) -> Iterator[tuple[str, str, str]]:
    kept = frozenset(quarantine.names(shown.stack.federation))
    # Removals come first, so that a cut drops the rest.
    order = {"remove": 0, "replace": 1, "immutable": 2}
    moved = [each for each in shown.change.changes if each.change != "same"]
    for each in sorted(moved, key=lambda each: (order.get(each.change, 3), each.document, each.member)):
        yield described(each.document), each.member, cell(each, shown.change, kept)
