"""Keep what the next update needs from this one in the outputs of the federation's component.

Pulumi does not print a component's outputs, and every program with a federation registers them. Stacks of earlier
versions have the same names in the outputs of the stack; these count until a component has its own.

A stack may have several federations, each with its own members. URNs do not show which federation an object belongs
to. So a federation is recognised by its name or, after a rename, by a member that the former name had.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from federation.plan.model import object_index, trees
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.trees import mapping

__all__ = [
    "COMPONENT",
    "Memory",
    "combine_memories",
    "federations",
    "find_memory",
    "foreign",
    "join_outputs",
    "outputs",
    "read_memory",
]

COMPONENT: Final = "eks-federation:index:Federation"
_INDEX: Final = "index"
_HELD: Final = "held"
_ZONE: Final = "zone"
_NAMES: Final = "dnsNames"
_RECORDS: Final = "records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What an update leaves for the next one.

    This is the ``index`` by member, the ``quarantined`` members, the hosted ``zone`` that it made ("" for none) and its
    public ``dns_names``.
    """

    index: Mapping[str, tuple[IndexEntry, ...]] = field(default_factory=dict)
    quarantined: tuple[str, ...] = ()
    zone: str = ""
    dns_names: tuple[str, ...] = ()


def read_memory(outputs: Mapping[str, Any]) -> Memory:
    """The memory in ``outputs``; values of another form, which a user's own program wrote, are left out."""
    return Memory(
        index=object_index.from_output(outputs.get(_INDEX)),
        quarantined=tuple(sorted(mapping(outputs.get(_HELD)))),
        zone="".join(trees.texts([outputs.get(_ZONE)])),
        dns_names=trees.texts(outputs.get(_NAMES)),
    )


def outputs(index: Mapping[str, Any], memory: Memory, records: str = "") -> dict[str, Any]:
    """The outputs that a component registers, in the form that ``read_memory`` expects.

    ``index`` holds texts of ``object_index.to_text`` by member, which take the place of the index of ``memory``.
    ``records`` is a text of ``record_changes.to_text``.
    """
    return {
        _INDEX: dict(index),
        _HELD: dict.fromkeys(sorted(memory.quarantined), True),
        _ZONE: memory.zone,
        _NAMES: sorted(set(memory.dns_names)),
        _RECORDS: records,
    }


def join_outputs(components: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The joined outputs of a stack's federations, from outputs by URN; empty if none has registered any."""
    kept = [tree for _, tree in sorted(components.items()) if _INDEX in tree]
    if not kept:
        return {}
    return {
        _INDEX: {name: text for tree in kept for name, text in mapping(tree[_INDEX]).items()},
        _HELD: {name: each for tree in kept for name, each in mapping(tree.get(_HELD)).items()},
        _ZONE: next((zone for tree in kept for zone in trees.texts([tree.get(_ZONE)])), ""),
        _NAMES: [name for tree in kept for name in trees.texts(tree.get(_NAMES))],
        # With several federations the record sets are not compared: each has a text of its own.
        _RECORDS: kept[0].get(_RECORDS) if len(kept) == 1 else None,
    }


def federations(components: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Memory | None]:
    """The memory of each federation in a state, by name; ``None`` if no update of it has finished.

    ``components`` are outputs by URN. In a component package a federation contains another one of the same name. In
    the layout ``cells`` each cell has one of that name, with its part of the memory.
    """
    found: dict[str, list[Memory]] = {}
    for urn, tree in sorted(components.items()):
        found.setdefault(urn.rpartition("::")[2], []).extend([read_memory(tree)] if _INDEX in tree else [])
    return {name: combined(some) if some else None for name, some in found.items()}


def find_memory(
    name: str, members: Collection[str], known: Mapping[str, Memory | None], stack: Mapping[str, Any]
) -> tuple[Memory, Mapping[str, Memory | None]]:
    """The memory of the federation ``name`` with these ``members``, and the memories of the others in the stack.

    Without a memory under its name, it gets those of federations that have one of its members: it was renamed. With
    one, it takes over from the others only the parts about its members. The outputs of the ``stack`` are those of an
    earlier version, and count if no component has a memory.
    """
    if memory := known.get(name):
        others = {each: found for each, found in known.items() if each != name}
        taken = set(members) - memory.index.keys()
        return combined([*(_only(found, taken) for _, found in sorted(others.items()) if found), memory]), others
    own = {
        each
        for each, memory in known.items()
        if each == name or (memory and not memory.index.keys().isdisjoint(members))
    }
    others = {each: memory for each, memory in known.items() if each not in own}
    if not any(known.values()):
        return read_memory(stack), others
    return combined([memory for each, memory in sorted(known.items()) if each in own and memory]), others


def _only(memory: Memory, members: Collection[str]) -> Memory:
    """The part of ``memory`` that is about ``members``."""
    return Memory(
        index={name: entries for name, entries in memory.index.items() if name in members},
        quarantined=tuple(name for name in memory.quarantined if name in members),
    )


def combine_memories(known: Mapping[str, Memory | None], stack: Mapping[str, Any]) -> Memory:
    """The combined memory of all federations of a ``stack``, as in ``find_memory``."""
    return (
        combined(memory for _, memory in sorted(known.items()) if memory) if any(known.values()) else read_memory(stack)
    )


def combined(some: Iterable[Memory]) -> Memory:
    """``some`` memories as one: of a federation whose name has changed, or of a whole stack."""
    found = tuple(some)
    return Memory(
        index={member: entries for each in found for member, entries in each.index.items()},
        quarantined=tuple(sorted({member for each in found for member in each.quarantined})),
        zone=next((each.zone for each in found if each.zone), ""),
        dns_names=tuple(sorted({name for each in found for name in each.dns_names})),
    )


def foreign(
    own: Collection[str], others: Mapping[str, Memory | None], standing: Iterable[str], tagged: Iterable[str] = ()
) -> frozenset[str]:
    """The members ``standing`` in the state that belong to ``others``; ``own`` are those of the federation itself.

    A member that is in no memory belongs to a federation without a memory, if there is one. Clusters ``tagged`` with
    another federation's name belong to ``others`` too: on AWS a renamed member keeps its first name, which no memory
    has.
    """
    theirs = frozenset(member for each in others.values() if each for member in each.index)
    unknown = frozenset(standing) - theirs if None in others.values() else frozenset()
    return (theirs | unknown | frozenset(tagged if others else ())).difference(own)
