"""What does a plan change, set against what stands: which objects come, change and go, and how do replicas move?

What stands is known by the index of the last update. Where nobody has looked, everything counts as new and no number of
replicas before is known: that is said, not guessed. A held member loses nothing; what waits for it is *pending*, what
no document asks for any more is *kept*.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from federation.plan.changes import quarantine, replacements
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import MemberPlan, Plan

__all__ = ["Change", "ObjectChange", "Transition", "of", "to_tree"]

Change = Literal["create", "change", "replace", "immutable", "remove", "same", "pending", "kept"]
"""``replace``: deleted and made anew. ``immutable``: an update that the API server refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """What becomes of one object in one member.

    ``before`` and ``after`` are its replicas: ``None`` where it does not stand, is of a kind without, or nobody knows.
    ``fields`` are those that cause a replacement, or a refusal. ``sealed``: it holds secret values, of which no plan
    tells whether they have changed.
    """

    entry: IndexEntry
    change: Change
    before: int | None = None
    after: int | None = None
    fields: tuple[str, ...] = ()
    sealed: bool = False

    @property
    def member(self) -> str:
        """The member that it stands in."""
        return self.entry.member

    @property
    def document(self) -> str:
        """The document behind it: ``demo/Deployment/web``, ``Namespace/demo``."""
        return self.entry.document

    @property
    def deleted(self) -> bool:
        """Whether it goes; an orphan is only let go of, and stays as it is."""
        return self.change == "remove" and not self.entry.orphan


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """``changes`` of all objects, by member and logical name in order. ``known``: somebody has looked what stands."""

    known: bool
    changes: tuple[ObjectChange, ...]

    def counts(self) -> Mapping[str, Mapping[Change, int]]:
        """By member, how many objects come, change, go and so on."""
        found: dict[str, Counter[Change]] = {}
        for each in self.changes:
            found.setdefault(each.member, Counter())[each.change] += 1
        return found


def of(plan: Plan, registered: Mapping[str, Iterable[IndexEntry]] | None) -> Transition:
    """The transition from what is ``registered`` (``None``: nobody has looked) to ``plan``."""
    standing = registered or {}
    members = {member.name: member for member in plan.members}
    changes: list[ObjectChange] = []
    for name in sorted({*members, *standing}):
        before = {each.logical_name: each for each in standing.get(name, ())}
        found = _changes(members.get(name), before)
        changes += sorted(found, key=lambda each: each.entry.logical_name)
    return Transition(known=registered is not None, changes=tuple(changes))


def to_tree(transition: Transition) -> dict[str, Any]:
    """``transition`` as plain data: objects by member and change (those that stay are counted, and listed as
    ``sealed`` where only their secret values may change), replicas by document and member where they are of a kind that
    has any, and by logical name the fields that replace or refuse."""
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
        return _held(member)
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
    found = replacements.between(old, entry) if action else None
    change: Change = found.change if found else "change" if action else "same"
    fields = found.fields if found else ()
    return ObjectChange(
        entry=entry, change=change, before=_replicas(old), after=_replicas(entry), fields=fields, sealed=sealed
    )


def _held(member: MemberPlan) -> list[ObjectChange]:
    """What stands in a held member stays; what is to be created in it stands in no index, and is known by name only."""
    standing = {each.logical_name: each for each in member.index or ()}
    found = []
    for name, entry in standing.items():
        change: Change = "pending" if name in member.pending else "kept" if name in member.kept else "same"
        count = _replicas(entry)
        found.append(ObjectChange(entry=entry, change=change, before=count, after=count))
    coming = (name for name in member.pending if name not in standing)
    return found + [ObjectChange(entry=IndexEntry(logical_name=name, token=""), change="pending") for name in coming]


def _without(before: Mapping[str, IndexEntry], after: Mapping[str, IndexEntry]) -> list[IndexEntry]:
    return [entry for name, entry in before.items() if name not in after]


def _replicas(entry: IndexEntry) -> int | None:
    return entry.replicas if entry.replicas >= 0 else None
