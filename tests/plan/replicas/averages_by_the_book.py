"""A plain division by highest averages, replica by replica, that the monotone strategy is compared with."""

from collections.abc import Mapping

from federation.api.model.scheduling import ClusterPreference


def divide(
    total: int, clusters: Mapping[str, ClusterPreference], members: list[str], capacity: Mapping[str, int]
) -> dict[str, int]:
    """Replicas by member."""
    clusters = clusters or {"*": ClusterPreference(weight=1)}
    rows = {name: entry for name in sorted(members) if (entry := clusters.get(name, clusters.get("*"))) is not None}
    caps = {name: _cap(entry, capacity.get(name)) for name, entry in rows.items()}
    plan = dict.fromkeys(members, 0)
    left = total
    for name in sorted(rows, key=lambda name: -rows[name].weight):
        plan[name] = int(min(rows[name].min_replicas, caps[name], left))
        left -= plan[name]
    for _ in range(left):
        open_ones = [name for name, entry in rows.items() if entry.weight and plan[name] < caps[name]]
        if not open_ones:
            break
        # Of the names, which stand in order, max takes the first one among equals. No fraction of these sizes is
        # rounded to the same float as another one.
        plan[max(open_ones, key=lambda name: rows[name].weight / (2 * plan[name] + 1))] += 1
    return plan


def _cap(entry: ClusterPreference, capacity: int | None) -> float:
    return min(limit for limit in (entry.max_replicas, capacity, float("inf")) if limit is not None)
