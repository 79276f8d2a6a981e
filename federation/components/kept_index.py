"""Write the index of registered objects for the next update, after all operations are done.

A failed object keeps its old entry, with a mark: the next plan must know that it is still to be done. Objects that a
member keeps because the members that take over are not ready are in the index too.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pulumi

from federation.components.fields import observe
from federation.components.fields.observe import ObservedMembers
from federation.components.kubernetes import takers
from federation.components.kubernetes.objects import KubernetesObject
from federation.components.kubernetes.takers import Takers
from federation.components.last_update import LastUpdate
from federation.plan.changes import replacements
from federation.plan.model import object_index
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import Plan

__all__ = ["texts"]


def texts(
    plan: Plan,
    objects: Mapping[str, KubernetesObject],
    last: LastUpdate,
    members: ObservedMembers,
    taking: Takers | None = None,
) -> Mapping[str, pulumi.Input[str]]:
    """The index by member, as text for the state; a member that does not answer keeps its old one.

    With ``taking``, an object that takes replicas over counts as done only when the member shows them ready. So other
    cells can trust the index.
    """
    index = observe.next_index(plan, last.index, members)
    if pulumi.runtime.is_dry_run():
        return {name: object_index.to_text(entries) for name, entries in index.items()}
    before = {each.logical_name: each for some in last.index.values() for each in some}
    return {
        name: pulumi.Output.from_input(
            _text(name, entries, plan, objects, before, taking, was_quarantined=name in last.quarantined)
        )
        for name, entries in index.items()
    }


async def _text(
    member: str,
    entries: Sequence[IndexEntry],
    plan: Plan,
    objects: Mapping[str, KubernetesObject],
    before: Mapping[str, IndexEntry],
    taking: Takers | None,
    *,
    was_quarantined: bool,
) -> str:
    done = await asyncio.gather(*(_is_done(each.logical_name, objects, taking) for each in entries))
    written = [
        entry if ok else _failed(entry, before.get(entry.logical_name), was_quarantined=was_quarantined)
        for entry, ok in zip(entries, done, strict=True)
    ]
    # In a cell, the plan itself keeps what must not leave yet.
    kept = await _kept(member, plan, objects) if taking is None else []
    return object_index.to_text([*written, *(before[name] for name in kept if name in before)])


def _failed(entry: IndexEntry, before: IndexEntry | None, *, was_quarantined: bool) -> IndexEntry:
    """The entry of an object that is not done. In a member that is back, none of its replicas is known to be ready."""
    written = replacements.failed(entry, before)
    return replace(written, replicas=-1) if was_quarantined else written


async def _is_done(name: str, objects: Mapping[str, KubernetesObject], taking: Takers | None) -> bool:
    if name in objects and not await objects[name].succeeded():
        return False
    return taking is None or await taking.is_ready(name)


async def _kept(member: str, plan: Plan, objects: Mapping[str, KubernetesObject]) -> list[str]:
    """The objects that stay in a member although planned to leave, since the members that take over are not ready."""
    moves = [move for move in plan.moves if member in move.leavers]
    return [f"{member}/{move.document}" for move in moves if await takers.unready(move, objects)]
