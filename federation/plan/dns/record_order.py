"""Order record sets: each waits for the workloads behind it, and for other record sets.

Because it waits for them, a set is also deleted before them. A name whose workloads move waits for all members that
gain replicas, unless a member has just been lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from federation.plan.changes.make_before_break import Order
from federation.plan.dns.service_endpoints import Endpoint
from federation.plan.model import names
from federation.plan.model.plan import AliasTarget, RecordSet

__all__ = ["needed", "ordered"]


def ordered(sets: Sequence[RecordSet], endpoints: Sequence[Endpoint], order: Order) -> list[RecordSet]:
    """The ``sets`` of one name, each with the resources that it waits for; ``endpoints`` are all of that name."""
    gaining: set[str] = set()
    if not order.failing_over:
        for document in {names.in_member(each) for endpoint in endpoints for each in endpoint.behind}:
            move = order.moves.get(document)
            gaining.update(f"{name}/{document}" for name in move.takers) if move else None
    return [
        each
        if each.routing is None
        else replace(each, after=tuple(sorted({*gaining, *_behind(each, endpoints, order)})))
        for each in sets
    ]


def needed(record: RecordSet, records: Mapping[str, RecordSet]) -> tuple[str, ...]:
    """The record sets that must exist before ``record``.

    An alias needs only those of its sets that wait for nothing, if there are any: then it waits for no workloads.
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
