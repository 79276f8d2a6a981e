"""Compare what ``fed plan`` announced with what the engine did, object by object.

Three named rules explain a difference. A difference that no rule explains is a fault of the plan:

- *values*: the values of a Secret are not compared, so a Secret that is announced as unchanged may be updated.
- *drift*: a plan reads the last update and not the members. So a change or deletion by hand is repaired without being
  announced, and what was repaired by hand before is not changed again.
- *waits*: an object that was to give replicas away, or to go, stays as it is until the members that take over are
  ready.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from federation.operations.engine.engine_events import Changes
from federation.plan.model.trees import mapping, mappings, texts

__all__ = ["AnnouncedDifference", "Announcement", "compare_with_announced", "counts", "drifted", "read_announcement"]

Rule = Literal["", "values", "drift", "waits"]

_WORDS: Final[Mapping[str, str]] = {
    "create": "created",
    "change": "updated",
    "replace": "replaced",
    "remove": "deleted",
}
_RECORD_WORDS: Final[Mapping[str, str]] = {"add": "created", "change": "updated", "remove": "deleted"}
_SAME: Final = "unchanged"
_REPORTED: Final = ("metadata", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What a plan announces: by logical name, the operation on an object or a record set (``created`` ...).

    ``values`` are objects whose values are not compared, ``waiting`` those that may have to wait for others.
    """

    operations: Mapping[str, str]
    values: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedDifference:
    """An object with the operation that was ``announced`` and the one that was ``done`` (``unchanged`` for none).
    ``rule`` explains the difference, "" for none."""

    name: str
    announced: str
    done: str
    rule: Rule = ""

    def __str__(self) -> str:
        why = f" ({self.rule})" if self.rule else ""
        return f"{self.name}: announced {self.announced}, {self.done}{why}"


def read_announcement(tree: Mapping[str, Any]) -> Announcement:
    """The announcement in the JSON of ``fed plan --output json``."""
    members = mapping(mapping(tree.get("transition")).get("members"))
    operations: dict[str, str] = {}
    values: set[str] = set()
    for listed in map(mapping, members.values()):
        for change, word in _WORDS.items():
            operations |= dict.fromkeys(texts(listed.get(change)), word)
        values.update(texts(listed.get("sealed")))
    for each in mappings(tree.get("recordChanges")):
        operations[str(each.get("logicalName"))] = _RECORD_WORDS[str(each.get("change"))]
    return Announcement(operations=operations, values=frozenset(values), waiting=frozenset(_waiting(tree)))


def counts(operations: Mapping[str, str]) -> Mapping[str, Mapping[str, int]]:
    """By member (``dns`` for record sets) and word, how many objects ``operations`` change."""
    found: dict[str, Counter[str]] = {}
    for name, word in sorted(operations.items()):
        found.setdefault(name.partition("/")[0], Counter())[word] += 1
    return found


def drifted(events: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The logical names of resources that a refresh found changed or deleted."""
    found = set()
    for event in events:
        match event:
            case {"resOutputsEvent": {"metadata": {"op": "refresh", "urn": str(urn)} as metadata}}:
                if metadata.get("new") is None or _differs(metadata):
                    found.add(urn.rpartition("::")[2])
    return frozenset(found)


def compare_with_announced(
    announcement: Announcement, done: Iterable[Changes], drift: Collection[str] = ()
) -> tuple[AnnouncedDifference, ...]:
    """The differences between what was announced and what was ``done``, by name."""
    operations = {name: word for each in done for name, word in each.operations.items()}
    return tuple(
        _explained(name, announcement, operations.get(name, _SAME), drift)
        for name in sorted({*operations, *announcement.operations})
        if operations.get(name) != announcement.operations.get(name)
    )


def _explained(name: str, announcement: Announcement, done: str, drift: Collection[str]) -> AnnouncedDifference:
    announced = announcement.operations.get(name, _SAME)
    rule: Rule = ""
    if name in drift:
        rule = "drift"
    elif name in announcement.values and (announced, done) == (_SAME, "updated"):
        rule = "values"
    elif name in announcement.waiting and done == _SAME:
        rule = "waits"
    return AnnouncedDifference(name=name, announced=announced, done=done, rule=rule)


def _waiting(tree: Mapping[str, Any]) -> Iterator[str]:
    for move in mappings(tree.get("moves")):
        for member in (*texts(move.get("givers")), *texts(move.get("leavers"))):
            yield f"{member}/{move.get('document')}"


def _differs(metadata: Mapping[Any, Any]) -> bool:
    """Whether a refresh found an object that differs from the state; fields that controllers report do not count."""
    old, new = (_own(mapping(mapping(metadata.get(side)).get("outputs"))) for side in ("old", "new"))
    return old != new


def _own(outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = {key: value for key, value in outputs.items() if key not in _REPORTED and not key.startswith("__")}
    return {**kept, "labels": mapping(outputs.get("metadata")).get("labels")}
