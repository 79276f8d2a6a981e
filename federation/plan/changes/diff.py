"""Compare a plan with the last update: objects that come, change and go, and replicas that move.

The index of the last update lists the objects that stand. Without it everything counts as new, and the numbers of
replicas before are reported as unknown. A quarantined member loses nothing: changes that wait for it are *pending*,
objects that no document declares are *kept*.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from federation.plan.changes import quarantine, replacements
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import MemberPlan, Plan

__all__ = ["Change", "ObjectChange", "Transition", "find_changes", "to_tree"]

Change = Literal["create", "change", "replace", "immutable", "remove", "same", "pending", "kept"]
"""``replace``: deleted and created again. ``immutable``: an update that the API server refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """The change of one object in one member.

    ``before`` and ``after`` are its replicas: ``None`` if it does not exist, if its kind has none, or if they are
    unknown. ``fields`` are those that cause a replacement or a refusal. ``sealed``: it holds secret values, which are
    not compared.
    """

    entry: IndexEntry
    change: Change
    before: int | None = None
    after: int | None = None
    fields: tuple[str, ...] = ()
    sealed: bool = False

    @property
    def member(self) -> str:
        """The member that has the object."""
        return self.entry.member

    @property
    def document(self) -> str:
        """The document behind it: ``demo/Deployment/web``, ``Namespace/demo``."""
        return self.entry.document

    @property
    def deleted(self) -> bool:
        """Whether the object is deleted; an orphan is only released, and stays as it is."""
        return self.change == "remove" and not self.entry.orphan


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The ``changes`` of all objects, sorted by member and logical name. ``known``: the last update is known."""

    known: bool
    changes: tuple[ObjectChange, ...]

    def counts(self) -> Mapping[str, Mapping[Change, int]]:
        """The number of objects by member and kind of change."""
        counts: dict[str, Counter[Change]] = {}
        for each in self.changes:
            counts.setdefault(each.member, Counter())[each.change] += 1
        return counts


def find_changes(plan: Plan, registered: Mapping[str, Iterable[IndexEntry]] | None) -> Transition:
    """The transition from the ``registered`` objects (``None``: not known) to ``plan``."""
    standing = registered or {}
    members = {member.name: member for member in plan.members}
    changes: list[ObjectChange] = []
    for name in sorted({*members, *standing}):
        before = {each.logical_name: each for each in standing.get(name, ())}
        of_member = _changes(members.get(name), before)
        changes += sorted(of_member, key=lambda each: each.entry.logical_name)
    return Transition(known=registered is not None, changes=tuple(changes))


def to_tree(transition: Transition) -> dict[str, Any]:
    """``transition`` as plain data.

    ``members`` lists objects by member and change. Unchanged objects are counted, and listed as ``sealed`` if only
    their secret values may change. ``replicas`` are by document and member, for kinds that have any. ``fields`` are, by
    logical name, those that cause a replacement or a refusal.
    """
    members: dict[str, dict[str, Any]] = {}
    replicas: dict[str, dict[str, Any]] = {}
    for each in transition.changes:
        listed = members.setdefault(each.member, {"same": 0})
        if each.change == "same":
            listed["same"] += 1
            if each.sealed:
                listed.setdefault("sealed", []).append(each.entry.logical_name)
        else:
            listed.setdefault(each.change, []).append(each.entry.logical_name)
        if each.before is not None or each.after is not None:
            replicas.setdefault(each.document, {})[each.member] = {"before": each.before, "after": each.after}
    fields = {each.entry.logical_name: list(each.fields) for each in transition.changes if each.fields}
    return {"known": transition.known, "members": members, "replicas": replicas, "fields": fields}


def _changes(member: MemberPlan | None, before: Mapping[str, IndexEntry]) -> list[ObjectChange]:
    if member is not None and not member.available:
        return _quarantined(member)
    after = {each.logical_name: each for each in member.index or ()} if member is not None else {}
    pending = quarantine.pending(before.values(), after.values())
    sealed = frozenset(member.sealed if member is not None else ())
    gone = [ObjectChange(entry=each, change="remove", before=_replicas(each)) for each in _without(before, after)]
    return gone + [
        _changed(entry, before.get(name), pending.get(name), sealed=name in sealed) for name, entry in after.items()
    ]


def _changed(entry: IndexEntry, old: IndexEntry | None, action: str | None, *, sealed: bool) -> ObjectChange:
    if old is None:
        return ObjectChange(entry=entry, change="create", after=_replicas(entry), sealed=sealed)
    fixed_change = replacements.between(old, entry) if action else None
    change: Change = fixed_change.change if fixed_change else "change" if action else "same"
    fields = fixed_change.fields if fixed_change else ()
    return ObjectChange(
        entry=entry, change=change, before=_replicas(old), after=_replicas(entry), fields=fields, sealed=sealed
    )


def _quarantined(member: MemberPlan) -> list[ObjectChange]:
    """The changes of a quarantined member: its objects stay. Objects to be created there are known by name only."""
    standing = {each.logical_name: each for each in member.index or ()}
    changes = []
    for name, entry in standing.items():
        change: Change = "pending" if name in member.pending else "kept" if name in member.kept else "same"
        count = _replicas(entry)
        changes.append(ObjectChange(entry=entry, change=change, before=count, after=count))
    coming = (name for name in member.pending if name not in standing)
    return changes + [ObjectChange(entry=IndexEntry(logical_name=name, token=""), change="pending") for name in coming]


def _without(before: Mapping[str, IndexEntry], after: Mapping[str, IndexEntry]) -> list[IndexEntry]:
    return [entry for name, entry in before.items() if name not in after]


def _replicas(entry: IndexEntry) -> int | None:
    return entry.replicas if entry.replicas >= 0 else None
