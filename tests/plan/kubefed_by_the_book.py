"""KubeFed's division once more, as plain as it can be written down: round by round, nothing skipped, no reasons.

It shares no code with the planner, its hash included, and is what the planner is held against.
"""

from collections.abc import Mapping

from federation.api.scheduling import ClusterPreference


def hash_of(text: str) -> int:
    """FNV-1, 32 bit."""
    value = 2166136261
    for byte in text.encode("utf-8"):
        value = value * 16777619 % 2**32
        value ^= byte
    return value


def divide(  # noqa: C901  # one long run on purpose: to be read beside the rules, not to be maintained
    total: int,
    clusters: Mapping[str, ClusterPreference],
    members: list[str],
    *,
    current: Mapping[str, int],
    capacity: Mapping[str, int],
    rebalance: bool,
    key: str,
) -> tuple[dict[str, int], dict[str, int]]:
    """Replicas and overflow by member."""
    clusters = clusters or {"*": ClusterPreference(weight=1)}
    plan = dict.fromkeys(members, 0)
    rows = [(name, clusters.get(name, clusters.get("*"))) for name in members]
    live = [(name, entry) for name, entry in rows if entry is not None]
    live.sort(key=lambda row: (-row[1].weight, hash_of(row[0] + key), row[0]))
    left = total
    for name, entry in live:
        least = min(entry.min_replicas, left)
        if name in capacity:
            least = min(least, capacity[name])
        plan[name] = least
        left -= least
    held = dict.fromkeys(members, 0)
    if not rebalance:
        for name, entry in live:
            if name in current and current[name] > plan[name]:
                target = current[name]
                if entry.max_replicas is not None:
                    target = min(target, entry.max_replicas)
                if name in capacity:
                    target = min(target, capacity[name])
                held[name] = max(0, min(target - plan[name], left))
                left -= held[name]
                plan[name] += held[name]
    overflow: dict[str, int] = {}
    changed = True
    while changed and left > 0:
        changed = False
        weights = sum(entry.weight for _, entry in live)
        if weights == 0:
            break
        staying = []
        share = left
        for name, entry in live:
            extra = min((share * entry.weight + weights - 1) // weights, left)
            used = min(extra, held[name])
            held[name] -= used
            changed = changed or used > 0
            count = plan[name] + extra - used
            full = False
            if entry.max_replicas is not None and count > entry.max_replicas:
                count, full = entry.max_replicas, True
            if name in capacity and count > capacity[name]:
                overflow[name] = count - capacity[name]
                count, full = capacity[name], True
            changed = changed or count > plan[name]
            left -= count - plan[name]
            plan[name] = count
            if not full:
                staying.append((name, entry))
        live = staying
    if not rebalance:
        overflow = {name: min(count, left) for name, count in overflow.items() if min(count, left) > 0}
    return plan, overflow
