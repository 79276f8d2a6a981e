"""Summarise a plan: how many objects, record sets and names come, change and go."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from federation.plan.changes.diff import Transition
from federation.plan.changes.infrastructure import Action, MemberChange
from federation.plan.model.plan import AliasTarget, Plan
from federation.plan.model.record_changes import RecordChange

__all__ = ["PlannedChanges", "Summary", "line", "summarise", "to_tree"]

_VERBS: Final[Mapping[Action, str]] = {
    "create": "created",
    "change": "changed",
    "replace": "replaced",
    "remove": "removed",
    "same": "same",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectCounts:
    """The numbers of Kubernetes objects in all members.

    ``failing`` are updates that the API server refuses, ``released`` are orphans that stay, ``pending`` and ``kept``
    are objects of quarantined members. ``sealed`` objects stay the same except for secret values, which no plan
    compares.
    """

    created: int = 0
    changed: int = 0
    replaced: int = 0
    removed: int = 0
    failing: int = 0
    released: int = 0
    pending: int = 0
    kept: int = 0
    same: int = 0
    sealed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NameCounts:
    """The numbers of public DNS names, or of record sets; ``None`` if the state is unknown.

    A name counts as changed if its own record set changes, or one that it is an alias to.
    """

    added: int | None = 0
    changed: int | None = 0
    removed: int | None = 0
    same: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All counts.

    ``known``: the last update is known; otherwise everything counts as new. ``clusters`` counts, by verb, the ``eks``
    members whose infrastructure changes.
    """

    known: bool
    objects: ObjectCounts
    names: NameCounts
    records: NameCounts
    zones_removed: int = 0
    clusters: Mapping[str, int] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        """Whether nothing changes, as far as a plan can tell."""
        return self.known and not _parts(self, waiting=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChanges:
    """All changes of a plan: of objects, of record sets (``None``: those that stand are not known) and of clusters.

    ``names_before`` are the public names that the last update left.
    """

    objects: Transition
    records: Sequence[RecordChange] | None
    names_before: Iterable[str]
    zone_lost: bool = False
    clusters: Iterable[MemberChange] = ()


def summarise(plan: Plan, changes: PlannedChanges) -> Summary:
    """The summary of ``plan``, which makes these ``changes``."""
    transition, records = changes.objects, changes.records
    before = frozenset(changes.names_before)
    after = frozenset(record.name for record in plan.records if record.routing is None)
    counted = Counter(each.change for each in records or ())
    known = NameCounts(added=counted["add"], changed=counted["change"], removed=counted["remove"], same=counted["same"])
    moved = _moved_names(plan, records or ()) & after & before
    same = len(after & before) - len(moved)
    return Summary(
        known=transition.known,
        objects=_objects(transition),
        names=NameCounts(added=len(after - before), changed=len(moved), removed=len(before - after), same=same),
        records=NameCounts(added=None, changed=None, removed=None, same=None) if records is None else known,
        zones_removed=int(changes.zone_lost),
        clusters=dict(
            sorted(Counter(_VERBS[each.action] for each in changes.clusters if each.action != "same").items())
        ),
    )


def to_tree(summary: Summary) -> dict[str, Any]:
    """``summary`` as plain data."""
    return {
        "known": summary.known,
        "nothing": summary.nothing,
        "line": line(summary),
        "objects": asdict(summary.objects),
        "names": asdict(summary.names),
        "records": asdict(summary.records),
        "zonesRemoved": summary.zones_removed,
        "clusters": dict(summary.clusters),
    }


def line(summary: Summary) -> str:
    """The summary in one line."""
    parts = _parts(summary)
    if not parts and summary.known:
        objects, names = summary.objects, summary.names
        names_too = f", {_count(names.same, 'DNS name')}" if names.same else ""
        return f"nothing to change: {_count(objects.same, 'object')}{names_too} as they are{_sealed(objects)}"
    unknown = "" if summary.known else "; the state is not known"
    parts = parts or ["nothing planned"]
    return f"{'; '.join(parts)}{_sealed(summary.objects)}{unknown}"


def _moved_names(plan: Plan, records: Sequence[RecordChange]) -> frozenset[str]:
    """The public names whose own record set changes, or one that they are an alias to."""
    moved = {each.line.name for each in records if each.change != "same"}
    public = (record for record in plan.records if record.routing is None)
    return frozenset(
        record.name
        for record in public
        if record.name in moved or (isinstance(record.target, AliasTarget) and record.target.name in moved)
    )


def _parts(summary: Summary, *, waiting: bool = True) -> list[str]:
    objects = summary.objects
    counted = {
        "created": objects.created,
        "changed": objects.changed,
        "replaced": objects.replaced,
        "removed": objects.removed,
        "left standing": objects.released,
        "will fail": objects.failing,
        "pending": objects.pending if waiting else 0,
        "kept": objects.kept if waiting else 0,
    }
    parts = [_listed("objects", counted)]
    parts += [_listed("DNS names", _names(summary.names)), _listed("record sets", _names(summary.records))]
    parts.append("hosted zone removed" if summary.zones_removed else "")
    parts.append(_listed("EKS clusters", dict(summary.clusters)))
    return [part for part in parts if part]


def _names(names: NameCounts) -> dict[str, int]:
    return {"added": names.added or 0, "changed": names.changed or 0, "removed": names.removed or 0}


def _listed(what: str, counted: dict[str, int]) -> str:
    shown = ", ".join(f"{count} {verb}" for verb, count in counted.items() if count)
    return f"{what}: {shown}" if shown else ""


def _sealed(objects: ObjectCounts) -> str:
    return f"; secret values of {_count(objects.sealed, 'object')} are not compared" if objects.sealed else ""


def _count(count: int | None, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _objects(transition: Transition) -> ObjectCounts:
    counted = Counter(each.change for each in transition.changes)
    released = sum(1 for each in transition.changes if each.change == "remove" and not each.deleted)
    return ObjectCounts(
        created=counted["create"],
        changed=counted["change"],
        replaced=counted["replace"],
        removed=counted["remove"] - released,
        failing=counted["immutable"],
        released=released,
        pending=counted["pending"],
        kept=counted["kept"],
        same=counted["same"],
        sealed=sum(1 for each in transition.changes if each.change == "same" and each.sealed),
    )
