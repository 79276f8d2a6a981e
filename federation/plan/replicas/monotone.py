"""Divide replicas so that a larger total never gives any member fewer.

The method is highest averages (Webster, Sainte-Lague). The next replica goes to the member with the largest
``weight / (2 * replicas + 1)``, the smaller name first among equals. Minimums are floors; maximums and capacity are
caps. A larger total continues the same sequence, so scaling up takes nothing from any member. Running replicas have no
influence: keeping them would break that promise. Nothing overflows: what a full member cannot take goes to the others.
"""

from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heappop, heapreplace

from federation.plan.replicas.division import Division, DivisionRequest, Share

__all__ = ["MonotoneStrategy"]


@dataclass(frozen=True, slots=True)
class MonotoneStrategy:
    """Highest averages, with minimums as floors and maximums as caps."""

    def divide(self, request: DivisionRequest) -> Division:
        """Divide by highest averages; see ``Strategy``. Takes time by members, not by replicas."""
        order = sorted(request.shares, key=lambda share: (-share.weight, share.turn))
        reasons: dict[str, list[str]] = {share.member: [] for share in order}
        plan, remaining = _floors(order, request.total, reasons)
        caps = {share.member: _cap(share, request.total) for share in order}
        live = [share for share in order if share.weight > 0 and plan[share.member] < caps[share.member]]
        before = dict(plan)
        if live and remaining > 0:
            remaining = _advance(live, plan, caps, remaining)
            _one_by_one(live, plan, caps, remaining)
        weights = sum(share.weight for share in order)
        for share in order:
            counts = (before[share.member], plan[share.member], caps[share.member])
            reasons[share.member].append(_explained(share, weights, counts))
        return Division(replicas=plan, overflow={}, reasons=reasons)


def _cap(share: Share, total: int) -> int:
    return min(limit for limit in (share.maximum, share.capacity, total) if limit is not None)


def _floors(order: list[Share], total: int, reasons: dict[str, list[str]]) -> tuple[dict[str, int], int]:
    plan, remaining = {}, total
    for share in order:
        granted = min(share.minimum, _cap(share, total), remaining)
        plan[share.member] = granted
        remaining -= granted
        if share.minimum:
            short = "" if granted == share.minimum else f", cut to {granted}"
            reasons[share.member].append(f"minimum {share.minimum} of {total}{short} -> {granted}")
    return plan, remaining


def _advance(live: list[Share], plan: dict[str, int], caps: dict[str, int], remaining: int) -> int:
    """Assign at once all but about one replica a member, and return how many are left.

    Replica number ``k`` of a member costs ``(2k - 1) / weight``. Every replica that costs ``x`` or less comes before
    all dearer ones. So a binary search finds the largest ``x`` that the total allows, and the heap does the rest.
    """
    if remaining <= 4 * len(live):
        return remaining
    weights = sum(share.weight for share in live)
    floors = [(share, plan[share.member], caps[share.member]) for share in live]
    budget = remaining + sum(floor for _, floor, _ in floors)

    def due(share: Share, floor: int, cap: int, price: int) -> int:
        return min(max((price * share.weight + weights) // (2 * weights), floor), cap)

    low, high = 0, (2 * budget + 1) * weights
    while low < high:
        middle = (low + high + 1) // 2
        if sum(due(share, floor, cap, middle) for share, floor, cap in floors) <= budget:
            low = middle
        else:
            high = middle - 1
    for share, floor, cap in floors:
        plan[share.member] = due(share, floor, cap, low)
    return budget - sum(plan[share.member] for share in live)


def _one_by_one(live: list[Share], plan: dict[str, int], caps: dict[str, int], remaining: int) -> None:
    def entry(share: Share) -> tuple[Fraction, str, Share]:
        return (Fraction(2 * plan[share.member] + 1, share.weight), share.turn, share)

    heap = [entry(share) for share in live if plan[share.member] < caps[share.member]]
    heapify(heap)
    while heap and remaining > 0:
        share = heap[0][2]
        plan[share.member] += 1
        remaining -= 1
        if plan[share.member] < caps[share.member]:
            heapreplace(heap, entry(share))
        else:
            heappop(heap)


def _explained(share: Share, weights: int, counts: tuple[int, int, int]) -> str:
    """The line for one member; ``counts`` are its replicas before, after, and at most."""
    before, count, cap = counts
    line = f"highest averages: weight {share.weight} of {weights}, {count - before} more -> {count}"
    if count and count == cap and (share.maximum == count or share.capacity == count):
        line += ", all that it may take"
    return line
