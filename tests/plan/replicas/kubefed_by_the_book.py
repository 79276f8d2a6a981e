"""A plain version of KubeFed's division, round by round, without reasons, that the planner is compared with.

It shares no code with the planner, not even the hash.
"""

from collections.abc import Mapping

from federation.api.model.scheduling import ClusterPreference

Facts = Mapping[str, int]


def hash_of(text: str) -> int:
    """FNV-1, 32 bit."""
    value = 2166136261
    for byte in text.encode("utf-8"):
        value = value * 16777619 % 2**32
        value ^= byte
    return value


def divide(
    total: int,
    clusters: Mapping[str, ClusterPreference],
    members: list[str],
    *,
    current: Facts,
    capacity: Facts,
    rebalance: bool,
    key: str,
) -> tuple[dict[str, int], dict[str, int]]:
    """Replicas and overflow by member."""
    clusters = clusters or {"*": ClusterPreference(weight=1)}
    table = Table(total, members, capacity)
    rows = [(name, clusters.get(name, clusters.get("*"))) for name in members]
    live = [(name, entry) for name, entry in rows if entry is not None]
    live.sort(key=lambda row: (-row[1].weight, hash_of(row[0] + key), row[0]))
    table.minimums(live)
    if not rebalance:
        table.keep(live, current)
    table.rounds(live)
    if rebalance:
        return table.plan, table.overflow
    left = table.left
    return table.plan, {name: min(count, left) for name, count in table.overflow.items() if min(count, left) > 0}


class Table:
    """Who has what by now, and how many are left."""

    def __init__(self, total: int, members: list[str], capacity: Facts) -> None:
        self.left = total
        self.capacity = capacity
        self.plan = dict.fromkeys(members, 0)
        self.held = dict.fromkeys(members, 0)
        self.overflow: dict[str, int] = {}

    def minimums(self, live: list[tuple[str, ClusterPreference]]) -> None:
        for name, entry in live:
            least = min(entry.min_replicas, self.left)
            if name in self.capacity:
                least = min(least, self.capacity[name])
            self.plan[name] = least
            self.left -= least

    def keep(self, live: list[tuple[str, ClusterPreference]], current: Facts) -> None:
        for name, entry in live:
            if current.get(name, 0) > self.plan[name]:
                target = current[name]
                if entry.max_replicas is not None:
                    target = min(target, entry.max_replicas)
                if name in self.capacity:
                    target = min(target, self.capacity[name])
                self.held[name] = max(0, min(target - self.plan[name], self.left))
                self.left -= self.held[name]
                self.plan[name] += self.held[name]

    def rounds(self, live: list[tuple[str, ClusterPreference]]) -> None:
        changed = True
        while changed and self.left > 0:
            changed = False
            weights = sum(entry.weight for _, entry in live)
            if weights == 0:
                return
            staying = []
            share = self.left
            for name, entry in live:
                moved, full = self.turn(name, entry, (share * entry.weight + weights - 1) // weights)
                changed = changed or moved
                if not full:
                    staying.append((name, entry))
            live = staying

    def turn(self, name: str, entry: ClusterPreference, extra: int) -> tuple[bool, bool]:
        """One member's turn in a round: whether something changed, and whether the member is full."""
        extra = min(extra, self.left)
        used = min(extra, self.held[name])
        self.held[name] -= used
        count = self.plan[name] + extra - used
        full = False
        if entry.max_replicas is not None and count > entry.max_replicas:
            count, full = entry.max_replicas, True
        if name in self.capacity and count > self.capacity[name]:
            self.overflow[name] = count - self.capacity[name]
            count, full = self.capacity[name], True
        moved = used > 0 or count > self.plan[name]
        self.left -= count - self.plan[name]
        self.plan[name] = count
        return moved, full
