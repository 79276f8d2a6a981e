"""The workloads and record sets that each record set waits for.

A set waits for the workloads behind it, and so it goes before them. A name whose workloads move waits for all members
that gain, unless a member has just been lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from federation.plan.changes.make_before_break import Order
from federation.plan.dns.service_endpoints import Endpoint
from federation.plan.model import names
from federation.plan.model.plan import AliasTarget, RecordSet

__all__ = ["needed", "ordered"]


def ordered(sets: Sequence[RecordSet], endpoints: Sequence[Endpoint], order: Order) -> list[RecordSet]:
    """The ``sets`` of one name with what each waits for; ``endpoints`` are all that the name is made of."""
    takers: set[str] = set()
    if not order.failing_over:
        for document in {names.in_member(each) for endpoint in endpoints for each in endpoint.behind}:
            move = order.moves.get(document)
            takers.update(f"{taker}/{document}" for taker in move.takers) if move else None
    return [
        each
        if each.routing is None
        else replace(each, after=tuple(sorted({*takers, *_behind(each, endpoints, order)})))
        for each in sets
    ]


def needed(record: RecordSet, records: Mapping[str, RecordSet]) -> tuple[str, ...]:
    """The record sets that must exist before ``record``.

    One behind its alias is enough, so that an alias does not wait for workloads where a set behind it does not.
    """
    if not isinstance(record.target, AliasTarget):
        return ()
    free = tuple(name for name in record.target.records if not records[name].after)
    return free or record.target.records


def _behind(record: RecordSet, endpoints: Sequence[Endpoint], order: Order) -> Iterable[str]:
    """The workloads behind the members that ``record`` leads to."""
    for endpoint in endpoints:
        if _leads_to(record, endpoint):
            for each in endpoint.behind:
                if each in order.planned and (each in order.new or not order.failing_over):
                    yield each


def _leads_to(record: RecordSet, endpoint: Endpoint) -> bool:
    if isinstance(record.target, AliasTarget):
        return record.routing is not None and record.routing.identifier == endpoint.member.region
    return record.target.member == endpoint.member.name
