"""Divide replicas as KubeFed did.

Each step follows KubeFed's planner, including the rounding up in each round and the hash ties, because people expect
the same numbers from their manifests. All numbers are whole. KubeFed's are 64 bit; no sum here wraps around.
"""

from dataclasses import dataclass, field

from federation.plan.replicas.division import Division, DivisionRequest, Share
from federation.plan.replicas.hashing import fnv1

__all__ = ["KubefedStrategy"]


@dataclass(frozen=True, slots=True)
class KubefedStrategy:
    """KubeFed's planner: minimums, then what runs already, then rounds by weight, each rounded up."""

    def divide(self, request: DivisionRequest) -> Division:
        """Divide as KubeFed does; see ``Strategy``."""
        order = sorted(request.shares, key=lambda share: (-share.weight, fnv1(share.turn, request.key), share.turn))
        state = _DivisionState(remaining=request.total, reasons={share.member: [] for share in order})
        state.grant_minimums(order, request.total)
        if not request.rebalance:
            state.keep_current(order)
        state.divide_the_rest(order)
        overflow = state.overflow
        if not request.rebalance:
            overflow = _trimmed(overflow, state.remaining)
        return Division(replicas=state.plan, overflow=overflow, reasons=state.reasons)


def _trimmed(overflow: dict[str, int], remaining: int) -> dict[str, int]:
    # Each is cut to the same number, as in KubeFed, so that their sum may exceed it.
    return {member: min(count, remaining) for member, count in overflow.items() if min(count, remaining) > 0}


@dataclass(slots=True, kw_only=True)
class _Round:
    """The figures at the start of one round, and whether the round changed anything."""

    label: str
    pool: int
    weights: int
    changed: bool = False


@dataclass(slots=True, kw_only=True)
class _DivisionState:
    """The state of one division."""

    remaining: int
    reasons: dict[str, list[str]]
    plan: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    overflow: dict[str, int] = field(default_factory=dict)

    def grant_minimums(self, order: list[Share], total: int) -> None:
        for share in order:
            granted = min(share.minimum, self.remaining)
            if share.capacity is not None:
                granted = min(granted, share.capacity)
            self.plan[share.member] = granted
            self.remaining -= granted
            if share.minimum:
                short = "" if granted == share.minimum else f", cut to {granted}"
                self.reasons[share.member].append(f"minimum {share.minimum} of {total}{short} -> {granted}")

    def keep_current(self, order: list[Share]) -> None:
        for share in order:
            plan = self.plan[share.member]
            if share.current is None or share.current <= plan:
                continue
            target = share.current
            if share.maximum is not None:
                target = min(target, share.maximum)
            if share.capacity is not None:
                target = min(target, share.capacity)
            extra = max(0, min(target - plan, self.remaining))
            self.remaining -= extra
            self.plan[share.member] = plan + extra
            self.kept[share.member] = extra
            self.reasons[share.member].append(f"runs {share.current} already, keeps {extra} more -> {plan + extra}")

    def divide_the_rest(self, order: list[Share]) -> None:
        live, number = order, 1
        while self.remaining > 0:
            weights = sum(share.weight for share in live)
            if weights <= 0:
                break
            repeats = self._repeats(live, weights)
            label = f"rounds {number} to {number + repeats - 1}" if repeats > 1 else f"round {number}"
            this = _Round(label=label, pool=self.remaining, weights=weights)
            live = [share for share in live if not self._turn(share, this, repeats)]
            number += repeats
            if not this.changed:
                break

    def _repeats(self, live: list[Share], weights: int) -> int:
        """How many of the next rounds only use up kept replicas: these rounds are equal, and done at once."""
        repeats = None
        for share in live:
            part = self._part(share, self.remaining, weights)
            maximum, capacity = share.maximum, share.capacity
            plan = self.plan[share.member]
            over = (maximum is not None and plan > maximum) or (capacity is not None and plan > capacity)
            times = self.kept.get(share.member, 0) // part if part else None
            if over or times == 0:
                return 1
            if times is not None:
                repeats = times if repeats is None else min(repeats, times)
        return repeats or 1

    def _part(self, share: Share, pool: int, weights: int) -> int:
        return min((pool * share.weight + weights - 1) // weights, self.remaining)

    def _turn(self, share: Share, this: _Round, repeats: int) -> bool:
        """One member's turn; true when it is full and takes no part in later rounds."""
        name, start = share.member, self.plan[share.member]
        part = self._part(share, this.pool, this.weights)
        used = min(part * repeats, self.kept.get(name, 0))
        if used:
            self.kept[name] -= used
            this.changed = True
        total = start + part * repeats - used
        notes = [f"{used} of it kept already"] if used else []
        total, full = self._limited(share, total, notes)
        self.remaining -= total - start
        self.plan[name] = total
        this.changed = this.changed or total > start
        if share.weight or total != start:
            self._explain(share, this, part, notes)
        elif this.label == "round 1":
            self.reasons[name].append("weight 0: nothing beyond the minimum")
        return full

    def _limited(self, share: Share, total: int, notes: list[str]) -> tuple[int, bool]:
        full = False
        if share.maximum is not None and total > share.maximum:
            notes.append(f"{total} is over the maximum {share.maximum}")
            total, full = share.maximum, True
        if share.capacity is not None and total > share.capacity:
            notes.append(f"{total} is over the capacity {share.capacity}, {total - share.capacity} overflow")
            self.overflow[share.member] = total - share.capacity
            total, full = share.capacity, True
        return total, full

    def _explain(self, share: Share, this: _Round, part: int, notes: list[str]) -> None:
        whole = -(-this.pool * share.weight // this.weights)
        if part < whole:
            notes.insert(0, f"{part} left")
        notes_text = "".join(f", {note}" for note in notes)
        line = (
            f"{this.label}: weight {share.weight} of {this.weights} -> ceil({this.pool}*{share.weight}/{this.weights})"
        )
        self.reasons[share.member].append(f"{line} = {whole}{notes_text} -> {self.plan[share.member]}")
