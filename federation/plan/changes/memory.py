"""Keep what the next update has to know of this one in the outputs of the federation's own component.

Pulumi does not print a component's outputs, and every program that has a federation registers them. Stacks of earlier
versions have the same under the same names in the outputs of the stack: those count until a component has its own.

A stack may have several federations, each with members of its own. URNs do not tell which of them an object belongs to,
so a federation is told by its name, or by a member of its that another name had before.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from federation.plan.model import object_index, trees
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.trees import mapping

__all__ = ["COMPONENT", "Memory", "all_of", "federations", "foreign", "of", "outputs", "raw", "read"]

COMPONENT: Final = "eks-federation:index:Federation"
_INDEX: Final = "index"
_HELD: Final = "held"
_ZONE: Final = "zone"
_NAMES: Final = "dnsNames"
_RECORDS: Final = "records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What an update leaves behind: the ``index`` by member, the members that it ``held``, the hosted ``zone`` that it
    made ("" for none) and its public ``dns_names``."""

    index: Mapping[str, tuple[IndexEntry, ...]] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    zone: str = ""
    dns_names: tuple[str, ...] = ()


def read(outputs: Mapping[str, Any]) -> Memory:
    """What stands in ``outputs``; nothing of what a program of one's own has under these names."""
    return Memory(
        index=object_index.from_output(outputs.get(_INDEX)),
        held=tuple(sorted(mapping(outputs.get(_HELD)))),
        zone="".join(trees.texts([outputs.get(_ZONE)])),
        dns_names=trees.texts(outputs.get(_NAMES)),
    )


def outputs(
    index: Mapping[str, Any], held: Iterable[str], zone: str, dns_names: Iterable[str], records: str = ""
) -> dict[str, Any]:
    """What a component registers, so that ``read`` finds it; ``index`` has by member what ``to_text`` makes, and
    ``records`` is what ``record_changes.to_text`` makes."""
    return {
        _INDEX: dict(index),
        _HELD: dict.fromkeys(sorted(held), True),
        _ZONE: zone,
        _NAMES: sorted(set(dns_names)),
        _RECORDS: records,
    }


def raw(components: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the federations of a stack registered, as it stands in their outputs by URN; empty where none has any."""
    kept = [tree for _, tree in sorted(components.items()) if _INDEX in tree]
    if not kept:
        return {}
    return {
        _INDEX: {name: text for tree in kept for name, text in mapping(tree[_INDEX]).items()},
        _HELD: {name: each for tree in kept for name, each in mapping(tree.get(_HELD)).items()},
        _ZONE: next((zone for tree in kept for zone in trees.texts([tree.get(_ZONE)])), ""),
        _NAMES: [name for tree in kept for name in trees.texts(tree.get(_NAMES))],
        # Of several federations nobody compares the record sets: each has a text of its own.
        _RECORDS: kept[0].get(_RECORDS) if len(kept) == 1 else None,
    }


def federations(components: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Memory | None]:
    """By name, what each federation of a state left; ``None`` where none of its updates came to its end.

    ``components`` are outputs by URN. In a component package one federation stands within another of its name.
    """
    found: dict[str, Memory | None] = {}
    for urn, tree in sorted(components.items()):
        name = urn.rpartition("::")[2]
        found[name] = read(tree) if _INDEX in tree else found.get(name)
    return found


def of(
    name: str, members: Collection[str], known: Mapping[str, Memory | None], stack: Mapping[str, Any]
) -> tuple[Memory, Mapping[str, Memory | None]]:
    """What the federation ``name`` of these ``members`` left, and what the others in the stack did.

    One that has left nothing under its name had another one, if another has a member of its. One that has takes over
    from others nothing but what they left of its members. The outputs of the ``stack`` are those of an earlier version,
    and count where no component has any.
    """
    if left := known.get(name):
        others = {each: found for each, found in known.items() if each != name}
        taken = set(members) - left.index.keys()
        return combined([*(_only(found, taken) for _, found in sorted(others.items()) if found), left]), others
    own = {each for each, left in known.items() if each == name or (left and not left.index.keys().isdisjoint(members))}
    others = {each: left for each, left in known.items() if each not in own}
    if not any(known.values()):
        return read(stack), others
    return combined([left for each, left in sorted(known.items()) if each in own and left]), others


def _only(left: Memory, members: Collection[str]) -> Memory:
    """The part of what was ``left`` that is about ``members``."""
    return Memory(
        index={name: entries for name, entries in left.index.items() if name in members},
        held=tuple(name for name in left.held if name in members),
    )


def all_of(known: Mapping[str, Memory | None], stack: Mapping[str, Any]) -> Memory:
    """What all federations of a ``stack`` left together, as in ``of``."""
    return combined(left for _, left in sorted(known.items()) if left) if any(known.values()) else read(stack)


def combined(some: Iterable[Memory]) -> Memory:
    """``some`` as one: that of a federation whose name has changed, or that of a whole stack."""
    found = tuple(some)
    return Memory(
        index={member: entries for each in found for member, entries in each.index.items()},
        held=tuple(sorted({member for each in found for member in each.held})),
        zone=next((each.zone for each in found if each.zone), ""),
        dns_names=tuple(sorted({name for each in found for name in each.dns_names})),
    )


def foreign(
    left: Memory,
    members: Collection[str],
    others: Mapping[str, Memory | None],
    standing: Iterable[str],
    tagged: Iterable[str] = (),
) -> frozenset[str]:
    """The members in the state, ``standing`` there, that belong to ``others``.

    One that none knows belongs to a federation without any memory yet, should there be one. Clusters ``tagged`` with
    another federation's name are of ``others`` too: on AWS a renamed member keeps its first name, which no memory has.
    """
    theirs = frozenset(member for each in others.values() if each for member in each.index)
    own = left.index.keys() | set(members)
    unknown = frozenset(standing) - theirs if None in others.values() else frozenset()
    return (theirs | unknown | frozenset(tagged if others else ())) - own
