"""Decide between an override and a preference that set the same number in a member.

The preference wins, as in KubeFed: it writes its number into the overrides itself, in place of the first one on that
path, or else at the end. The object does not show this to the author of that override, so the reasons say it.

But overrides apply in list order. A later override around that path, such as one of the whole spec, has the last word.
What it leaves there then counts, with a warning, since it is hardly ever intended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from federation.errors.source import PathKey
from federation.plan.model.context import Context
from federation.plan.model.plan import Distribution, Operation
from federation.plan.model.trees import mapping
from federation.plan.replicas.prepared import DividedDocument

__all__ = ["Undoing", "resolve", "undoing"]

_API_DEFAULT = 1
"""The API server's default, of replicas and of a Job's parallelism alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """The override that undoes the preference's number in one member, and the number that it leaves."""

    operation: Operation
    left: int


def undoing(operations: Sequence[Operation], path: str) -> Undoing | None:
    """The last of ``operations`` around ``path`` that comes after the first one on ``path`` itself."""
    found, is_set = None, False
    for each in operations:
        if each.path == path:
            is_set = True
        elif is_set and path.startswith(f"{each.path}/"):
            value = None if each.op == "remove" else each.value
            count = mapping(value).get(path.removeprefix(f"{each.path}/"))
            found = Undoing(operation=each, left=count if type(count) is int else _API_DEFAULT)
    return found


def resolve(divided: DividedDocument, context: Context) -> DividedDocument:
    """``divided`` as the document's overrides leave it in members that get it, with the reasons."""
    document, path, distribution = divided.prepared.document, divided.path, divided.distribution
    if distribution is None or all(each.path != path for entry in document.overrides for each in entry.operations):
        return divided  # then the preference's number comes last of all
    assigned, reasons = distribution.assigned, dict(distribution.reasons)
    undone: dict[str, Undoing] = {}
    for name in divided.members:
        operations = divided.prepared.overrides.derived(context.members.by_name[name], path).operations
        # Two overrides may stand on one line.
        lines = [
            f"the preference's {assigned[name]} takes the place of the override of {path} ({place})"
            for place in dict.fromkeys(each.written for each in operations if each.path == path)
        ]
        last = undoing(operations, path)
        if last is not None:
            undone[name] = last
            shown = f"{last.operation.path} ({last.operation.written})"
            lines.append(f"the override of {shown} comes after that and undoes it -> {last.left}")
        reasons[name] = (*reasons[name], *lines)
    _report(divided, undone, assigned, context)
    return replace(divided, distribution=_as_left(replace(distribution, reasons=reasons), undone))


def _as_left(distribution: Distribution, undone: Mapping[str, Undoing]) -> Distribution:
    counts = {**distribution.replicas, **{name: each.left for name, each in undone.items()}}
    more = sum(counts.values()) - sum(distribution.replicas.values())
    return replace(
        distribution,
        replicas=counts,
        overflow={name: count for name, count in distribution.overflow.items() if name not in undone},
        unplaced=max(0, distribution.unplaced - more),
    )


def _report(
    divided: DividedDocument, undone: Mapping[str, Undoing], assigned: Mapping[str, int], context: Context
) -> None:
    """Warn once for each override, with all members that it applies to."""
    document, preference, path = divided.prepared.document, divided.prepared.preference, divided.path
    if preference is None:
        return
    by_override: dict[tuple[PathKey, str], list[str]] = {}
    for name, each in undone.items():
        by_override.setdefault((each.operation.at, each.operation.path), []).append(name)
    shown = f"ReplicaSchedulingPreference {document.key} ({preference.source.place('spec')})"
    for (at, around), names in by_override.items():
        message = (
            f"this override of {around} undoes what {shown} sets at {path}: {document.target.kind} {document.key} "
            f"gets {sum(undone[name].left for name in names)} in place of {sum(assigned[name] for name in names)}"
        )
        remedy = f"put it before the override of {path}, or drop that one: the preference then comes after it"
        for name in names:
            context.findings.in_member(name).warning(document.source, (*at, "path"), message, remedy)
