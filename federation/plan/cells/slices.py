"""Cut the part of one cell out of a whole plan.

Each cell plans the whole federation, and registers its own part. In a cell, objects that give replicas away stay as
they are while a member that takes over is not ready: another cell updates that member. Once its update has succeeded,
the plan no longer has such a move, and the next update of the giving cell carries it out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from federation.api.model.cells import Cell
from federation.api.model.members import FederationSettings
from federation.errors.fault import FederationError
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import MemberPlan, Move, Plan

__all__ = ["CellBlockedError", "deferred", "slice_of"]


class CellBlockedError(FederationError):
    """The objects of a cell would go before the members that take over are ready."""


def slice_of(plan: Plan, cell: Cell, federation: FederationSettings, observed: Observed) -> Plan:
    """The part of ``plan`` that ``cell`` registers. The moves stay whole, as a cell may wait for another one.

    The root has the record sets, and the cell with a member's objects has that member. A cell with a cluster has
    neither. Raises ``CellBlockedError`` where all objects of a cell would go before others are ready to take over.
    """
    if cell.part == "root":
        return replace(plan, members=())
    _check_not_blocked(plan, cell, federation)
    kept = replace(plan, records=(), health_checks=(), members=())
    if cell.part == "cluster":
        return kept
    names_of_cell = {member.name for member in federation.members if cell.is_of(member)}
    standing = observed.registered or {}
    members = [each for each in plan.members if each.name in names_of_cell]
    return replace(kept, members=tuple(_deferring(each, plan.moves, standing.get(each.name, ())) for each in members))


def deferred(plan: Plan, member: str) -> Mapping[str, tuple[str, ...]]:
    """By document, the members that ``member`` waits for before it gives replicas or an object away."""
    return {each.document: each.takers for each in plan.moves if member in (*each.givers, *each.leavers)}


def _check_not_blocked(plan: Plan, cell: Cell, federation: FederationSettings) -> None:
    """Refuse to empty the cell of a member that has left the config while others are not ready to take over."""
    if any(cell.is_of(member) for member in federation.members):
        return
    leaving = {name for move in plan.moves for name in move.leavers} - {member.name for member in federation.members}
    # A member that was renamed and then left has another name in the state than its cells have.
    names_of_cell = {cell.member} & leaving or leaving
    if names_of_cell:
        document, takers = next(iter(deferred(plan, min(names_of_cell)).items()))
        raise CellBlockedError(
            f"{cell.member} has left the config, and its objects go when others have taken over: {document} waits for "
            f"{', '.join(takers)}; update the cells of those members first"
        )


def _deferring(member: MemberPlan, moves: Sequence[Move], standing: Sequence[IndexEntry]) -> MemberPlan:
    """``member`` with its giving objects as they stand; no object waits for one of another cell."""
    if not member.available:
        return member
    waiting = {f"{member.name}/{move.document}" for move in moves if member.name in (*move.givers, *move.leavers)}
    kept = tuple(each for each in standing if each.logical_name in waiting)
    kept_names = {each.logical_name for each in kept}
    own = {each.logical_name for each in member.objects}
    objects = [
        replace(each, after=_only(each.after, own), depends_on=_only(each.depends_on, own - kept_names))
        for each in member.objects
        if each.logical_name not in kept_names
    ]
    index = [each for each in member.index or () if each.logical_name not in kept_names]
    return replace(member, objects=tuple(objects), paused=(*member.paused, *kept), index=tuple(sorted([*index, *kept])))


def _only(some: Sequence[str], present: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in some if name in present)
