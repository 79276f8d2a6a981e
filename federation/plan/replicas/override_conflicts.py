"""Decide between an override and a preference that set the same number in a member.

The preference wins, as in KubeFed: it writes its number into the overrides itself, in place of the first one on that
path, or else at the end. The object does not show this to the author of that override, so the reasons say it.

But overrides apply in list order. A later override around that path, such as one of the whole spec, has the last word.
What it leaves there then counts, with a warning, since it is hardly ever intended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from federation.api.model.federated import FederatedObject, OverrideOperation
from federation.api.model.members import Member
from federation.api.model.scheduling import ReplicaSchedulingPreference
from federation.errors.source import PathKey
from federation.plan.model.findings import Findings
from federation.plan.model.plan import Distribution
from federation.plan.model.trees import mapping
from federation.plan.overrides.operations import Entries

__all__ = ["decided"]

_API_DEFAULT = 1
"""The API server's default, of replicas and of a Job's parallelism alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Undoing:
    """An override that undoes the preference's number in one member: its place, its path and the number it leaves."""

    at: PathKey
    around: str
    left: int


def decided(
    document: FederatedObject,
    preference: ReplicaSchedulingPreference,
    distribution: Distribution,
    path: str,
    members: Sequence[Member],
    findings: Findings,
) -> Distribution:
    """``distribution`` at ``path`` in ``members`` after the overrides of ``document``, with the reasons."""
    if all(written.path != path for entry in document.overrides for written in entry.operations):
        return distribution  # then the preference's number comes last of all
    entries = Entries(document.overrides)
    assigned, reasons = distribution.assigned, dict(distribution.reasons)
    undone: dict[str, _Undoing] = {}
    for member in members:
        name, operations = member.name, list(entries.operations(member))
        places = [document.source.place(*at) for at, written in operations if written.path == path]
        # Two overrides may stand on one line.
        lines = [
            f"the preference's {assigned[name]} takes the place of the override of {path} ({place})"
            for place in dict.fromkeys(places)
        ]
        last = _last_undoing(operations, path)
        if last is not None:
            undone[name] = last
            place = document.source.place(*last.at)
            lines.append(f"the override of {last.around} ({place}) comes after that and undoes it -> {last.left}")
        reasons[name] = (*reasons[name], *lines)
    _report(document, preference, path, undone, assigned, findings)
    return _as_left(replace(distribution, reasons=reasons), undone)


def _last_undoing(operations: Sequence[tuple[PathKey, OverrideOperation]], path: str) -> _Undoing | None:
    """The last of ``operations`` around ``path`` that comes after the first one on ``path`` itself."""
    found, is_set = None, False
    for at, written in operations:
        if written.path == path:
            is_set = True
        elif is_set and path.startswith(f"{written.path}/"):
            value = None if written.op == "remove" else written.value
            count = mapping(value).get(path.removeprefix(f"{written.path}/"))
            found = _Undoing(at=at, around=written.path, left=count if type(count) is int else _API_DEFAULT)
    return found


def _as_left(distribution: Distribution, undone: Mapping[str, _Undoing]) -> Distribution:
    counts = {**distribution.replicas, **{name: each.left for name, each in undone.items()}}
    more = sum(counts.values()) - sum(distribution.replicas.values())
    return replace(
        distribution,
        replicas=counts,
        overflow={name: count for name, count in distribution.overflow.items() if name not in undone},
        unplaced=max(0, distribution.unplaced - more),
    )


def _report(
    document: FederatedObject,
    preference: ReplicaSchedulingPreference,
    path: str,
    undone: Mapping[str, _Undoing],
    assigned: Mapping[str, int],
    findings: Findings,
) -> None:
    """Warn once for each override, with all members that it applies to."""
    by_override: dict[tuple[PathKey, str], list[str]] = {}
    for name, each in undone.items():
        by_override.setdefault((each.at, each.around), []).append(name)
    shown = f"ReplicaSchedulingPreference {document.key} ({preference.source.place('spec')})"
    for (at, around), names in by_override.items():
        message = (
            f"this override of {around} undoes what {shown} sets at {path}: {document.target.kind} {document.key} "
            f"gets {sum(undone[name].left for name in names)} in place of {sum(assigned[name] for name in names)}"
        )
        remedy = f"put it before the override of {path}, or drop that one: the preference then comes after it"
        for name in names:
            findings.in_member(name).warning(document.source, (*at, "path"), message, remedy)
