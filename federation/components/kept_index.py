"""Tell the next update what this one registered, object by object, once all are done.

What failed is in the index as it was, and marked: the next plan is to know that it is still to be done. What a member
keeps because those that take over are not ready is in it too.
"""

from collections.abc import Mapping, Sequence

import pulumi

from federation.components.fields import observe
from federation.components.fields.observe import ObservedMembers
from federation.components.kubernetes import takers
from federation.components.kubernetes.objects import KubernetesObject
from federation.components.last_update import LastUpdate
from federation.plan.changes import replacements
from federation.plan.model import object_index
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import Plan

__all__ = ["texts"]


def texts(
    plan: Plan, objects: Mapping[str, KubernetesObject], last: LastUpdate, seen: ObservedMembers
) -> Mapping[str, pulumi.Input[str]]:
    """The index by member, as ``held_index`` reads it; nothing new of a member that does not answer."""
    index = observe.index(plan, last.index, seen)
    if pulumi.runtime.is_dry_run():
        return {name: object_index.to_text(entries) for name, entries in index.items()}
    before = {each.logical_name: each for some in last.index.values() for each in some}
    return {
        name: pulumi.Output.from_input(_text(name, entries, plan, objects, before)) for name, entries in index.items()
    }


async def _text(
    member: str,
    entries: Sequence[IndexEntry],
    plan: Plan,
    objects: Mapping[str, KubernetesObject],
    before: Mapping[str, IndexEntry],
) -> str:
    done = [name not in objects or await objects[name].succeeded() for name in (each.logical_name for each in entries)]
    found = [
        entry if well else replacements.failed(entry, before.get(entry.logical_name))
        for entry, well in zip(entries, done, strict=True)
    ]
    kept = await _kept(member, plan, objects)
    return object_index.to_text([*found, *(before[name] for name in kept if name in before)])


async def _kept(member: str, plan: Plan, objects: Mapping[str, KubernetesObject]) -> list[str]:
    """What stays in a member that it was to leave, since those that take over are not ready."""
    moves = [move for move in plan.moves if member in move.leavers]
    return [f"{member}/{move.document}" for move in moves if await takers.unready(move, objects)]
