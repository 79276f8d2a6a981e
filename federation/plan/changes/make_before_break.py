"""Order the moves of a document's replicas: members that lose replicas wait for those that gain.

The planned replicas are compared with those that the last update left. An object gains when it has more than before,
and loses when it has fewer. Losers wait for all gainers of their document. Waves come second: a gainer never waits for
a loser of any wave, because the two would wait for each other.

None of this is in a digest: it depends on the observed state, not on what the documents request.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from typing import Final, Literal

from federation.api.model.members import FederationSettings
from federation.plan.changes import cluster_identity
from federation.plan.model import names
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Move, PlannedObject
from federation.plan.objects.retention import REPLICAS_FIELD

__all__ = ["Order", "described", "in_turn", "order", "unfinished", "waiting"]

_Part = Literal["new", "gains", "loses", "stays"]
_TAKES: Final = frozenset({"new", "gains"})  # new: no replica of it was ready before


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The order of objects: ``moves`` by document, and ``after`` by object.

    ``after`` holds the objects that an object waits for: those of its document in other members, by logical name.
    ``planned`` are all objects. ``new`` are those that gain where no replica was ready before. ``failing_over``: a
    member has just been lost, so DNS does not wait for what the others gain.
    """

    moves: Mapping[str, Move] = field(default_factory=dict)
    after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    planned: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()
    failing_over: bool = False

    def objects(self, planned: Sequence[PlannedObject]) -> tuple[PlannedObject, ...]:
        """``planned``, each with the objects that it waits for."""
        if not self.after:
            return tuple(planned)
        waiting = self.after
        return tuple(
            replace(each, after=waiting[each.logical_name]) if each.logical_name in waiting else each
            for each in planned
        )


def order(federation: FederationSettings, objects: Mapping[str, Sequence[PlannedObject]], observed: Observed) -> Order:
    """The order for the planned ``objects`` by member, those of quarantined members left out."""
    standing = _Standing.from_observed(federation, observed)
    waves = {member.name: member.wave for member in federation.members}
    documents: dict[str, list[PlannedObject]] = {}
    for some in objects.values():
        for each in some:
            documents.setdefault(names.document(each), []).append(each)
    leaving = standing.leaving({each.logical_name for some in documents.values() for each in some})
    moves: dict[str, Move] = {}
    after: dict[str, tuple[str, ...]] = {}
    new: set[str] = set()
    # Without waves and without a last update, nothing waits: the usual case of a large plan made offline.
    for document, some in documents.items() if standing.entries or len(set(waves.values())) > 1 else ():
        parts = {each.logical_name: standing.part(each) for each in some}
        new.update(name for name, part in parts.items() if part == "new")
        move = _move(document, some, parts, leaving.get(document, ()))
        if move is not None:
            moves[document] = move
        after.update(_after(some, parts, waves))
    return Order(
        moves=moves,
        after=after,
        planned=frozenset(each.logical_name for some in documents.values() for each in some),
        new=frozenset(new),
        failing_over=standing.failing_over,
    )


def in_turn(objects: Iterable[PlannedObject]) -> list[PlannedObject]:
    """The objects of one document, each after those that it waits for."""
    by_name = {each.logical_name: each for each in objects}
    sorter = TopologicalSorter({name: by_name[name].after for name in sorted(by_name)})
    return [by_name[name] for name in sorter.static_order() if name in by_name]


def described(move: Move) -> str:
    """A move in one line: ``demo/Deployment/web: us-east, us-west shrink when eu-central is ready``."""
    parts = [f"{', '.join(move.givers)} {'shrinks' if len(move.givers) == 1 else 'shrink'}"] if move.givers else []
    parts += [f"{', '.join(move.leavers)} {'goes' if len(move.leavers) == 1 else 'go'}"] if move.leavers else []
    are = "is" if len(move.takers) == 1 else "are"
    return f"{move.document}: {' and '.join(parts)} when {', '.join(move.takers)} {are} ready"


def unfinished(moves: Iterable[Move], finished: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """By member that keeps replicas, one line per document whose takers are not among the ``finished`` objects."""
    found: dict[str, list[str]] = {}
    for move in moves:
        missing = [name for name in move.takers if f"{name}/{move.document}" not in finished]
        for name in (*move.givers, *move.leavers) if missing else ():
            found.setdefault(name, []).append(f"{move.document} keeps its replicas: waits for {', '.join(missing)}")
    return {name: tuple(lines) for name, lines in found.items()}


def waiting(move: Move, unready: Sequence[str]) -> str:
    """The outcome of a move whose takers ``unready`` have not become ready, in one line."""
    staying = ", ".join(sorted({*move.givers, *move.leavers}))
    keep, are = ("keeps" if "," not in staying else "keep"), ("is" if len(unready) == 1 else "are")
    return (
        f"{move.document}: {staying} {keep} all replicas, since {', '.join(unready)} {are} not ready to take over; "
        "update again"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """The objects that the last update left: ``entries`` by logical name.

    ``unproven`` members have returned, or lead to another cluster. ``lost`` members lose nothing.
    """

    entries: Mapping[str, IndexEntry]
    unproven: frozenset[str]
    lost: frozenset[str]
    failing_over: bool

    @classmethod
    def from_observed(cls, federation: FederationSettings, observed: Observed) -> "_Standing":
        available = frozenset(member.name for member in federation.members if member.available)
        quarantined = frozenset(member.name for member in federation.members) - available
        before = frozenset(observed.quarantined_before)
        return cls(
            entries={each.logical_name: each for some in (observed.registered or {}).values() for each in some},
            unproven=(before & available) | frozenset(cluster_identity.moved(observed)),
            lost=quarantined | (before - available),
            failing_over=bool(quarantined - before),
        )

    def part(self, planned: PlannedObject) -> _Part:
        """Whether ``planned`` gains or loses replicas, gains the first ones, or has no part in a move."""
        count = planned.replicas
        if count is None:
            return "stays"
        entry = self.entries.get(planned.logical_name)
        if entry is None or planned.member in self.unproven or _is_unproven(entry):
            return "new" if count else "stays"
        # Replicas that someone else sets, such as an autoscaler, move by themselves.
        if entry.replicas < 0 or REPLICAS_FIELD in planned.ignore_changes or count == entry.replicas:
            return "stays"
        if count < entry.replicas:
            return "loses"
        return "gains" if entry.replicas else "new"

    def leaving(self, planned: frozenset[str] | set[str]) -> Mapping[str, tuple[str, ...]]:
        """By document, the members whose object goes and may still run replicas."""
        found: dict[str, list[str]] = {}
        for name, entry in sorted(self.entries.items()):
            may_run = entry.replicas > 0 or _is_unproven(entry)
            if name not in planned and may_run and not entry.orphan and entry.member not in self.lost:
                found.setdefault(entry.document, []).append(entry.member)
        return {document: tuple(members) for document, members in found.items()}


def _is_unproven(entry: IndexEntry) -> bool:
    """Whether no update of the object has succeeded yet, so that its replicas are not known to be ready."""
    return entry.replicas < 0 and not entry.is_proven


def _move(
    document: str, objects: Sequence[PlannedObject], parts: Mapping[str, _Part], leaving: tuple[str, ...]
) -> Move | None:
    takers = tuple(sorted(each.member for each in objects if parts[each.logical_name] in _TAKES))
    givers = tuple(sorted(each.member for each in objects if parts[each.logical_name] == "loses"))
    if not takers or not (givers or leaving):
        return None
    return Move(document=document, takers=takers, givers=givers, leavers=leaving)


def _after(
    objects: Sequence[PlannedObject], parts: Mapping[str, _Part], waves: Mapping[str, int]
) -> Iterable[tuple[str, tuple[str, ...]]]:
    """The objects that each object of a document waits for; objects that wait for nothing are left out.

    Objects form two groups. The second holds the losers, and all that stay in a wave later than the first loser's. The
    first group holds all others. An object of the first group waits for earlier waves in that group. One of the second
    waits for all earlier waves, and a loser also for all gainers. So each waits only for smaller pairs of (group,
    wave), and there is no cycle.
    """
    wave_of = {each.logical_name: waves[each.member] for each in objects}
    gaining = {name for name in wave_of if parts[name] in _TAKES}
    losing = {name for name in wave_of if parts[name] == "loses"} if gaining else set()
    second = set(losing)
    if losing:
        first_loss = min(wave_of[name] for name in losing)
        second |= {name for name, wave in wave_of.items() if parts[name] == "stays" and wave > first_loss}
    elif len(set(wave_of.values())) == 1:
        return
    for name, wave in wave_of.items():
        found = {each for each, its in wave_of.items() if its < wave and (name in second or each not in second)}
        if name in losing:
            found |= gaining
        if found:
            yield name, tuple(sorted(found))
