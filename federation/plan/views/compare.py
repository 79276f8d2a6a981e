"""Compare two plans: their objects, fields, replicas and record sets.

Each side is plain data, because it may come from a new plan, an old plan file or a folder of rendered files. Parts that
only one of these forms has are left out on both sides: reasons, places, and annotations for Pulumi alone. Secret values
are not compared, so whether one has changed is not shown, as in every digest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from federation.api.model.secrets import HIDDEN
from federation.errors.source import PathKey, dotted
from federation.plan.changes.renames import Renames
from federation.plan.model import names
from federation.plan.model.trees import mapping
from federation.plan.objects import pods

__all__ = ["ABSENT", "FieldChange", "PlanDifference", "Side", "compare", "of_manifests", "of_plan", "to_tree"]

Tree = Mapping[str, Any]
_FOR_PULUMI: Final = "pulumi.com/"
_UNCOMPARED: Final = ("reasons", "after", "weighs")
_NO_RENAMES: Final = Renames()


class _Absent:
    """Marks a field that does not exist; ``null`` is a value."""

    def __repr__(self) -> str:
        return "-"


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One plan to compare: manifests and record sets by logical name (``records`` is ``None`` if they are not known).

    ``quarantined`` are members for which nothing is planned. ``partial``: Secrets may have been left out. ``only`` are
    the members that the side covers, ``None`` for all. ``renames`` are those that its config names.
    """

    objects: Mapping[str, Tree]
    records: Mapping[str, Tree] | None
    quarantined: frozenset[str] = frozenset()
    partial: bool = False
    only: frozenset[str] | None = None
    renames: Renames = _NO_RENAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field, as ``spec.template.spec.containers[0].image``, and its values (``ABSENT`` if it does not exist)."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDifference:
    """The difference of one object or record set: ``added``, ``removed``, or ``changed`` in ``fields``.

    ``replicas`` are the numbers before and after, for a kind that has replicas.
    """

    name: str
    change: str
    fields: tuple[FieldChange, ...] = ()
    replicas: tuple[int | None, int | None] = (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All differences, by name. ``uncompared`` has one line for each thing that could not be compared."""

    objects: tuple[PlanDifference, ...]
    records: tuple[PlanDifference, ...]
    uncompared: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether there is no difference."""
        return not self.objects and not self.records


def of_plan(tree: Tree) -> Side:
    """The side of a plan's tree (of ``serialise.to_tree``, or of ``fed plan --output json``).

    Raises ``LookupError``, ``TypeError`` or ``AttributeError`` when ``tree`` is not a plan.
    """
    objects = {each["logicalName"]: each["manifest"] for member in tree["members"] for each in member["objects"]}
    return Side(
        objects={name: _object(manifest) for name, manifest in objects.items()},
        records={each["logicalName"]: _record(each) for each in tree["records"]},
        quarantined=frozenset(member["name"] for member in tree["members"] if not member["available"]),
        renames=Renames(
            tuple((former, each["name"]) for each in tree["members"] for former in each.get("formerNames", ()))
        ),
    )


def of_manifests(manifests: Mapping[str, Iterable[Tree]], records: Iterable[Tree] | None) -> Side:
    """The side of manifests by member; without ``records`` it covers these members only."""
    objects = {}
    for member, some in manifests.items():
        for manifest in some:
            metadata = manifest["metadata"]
            namespace = metadata.get("namespace", "")
            everywhere = names.in_every_member(manifest["apiVersion"], manifest["kind"], namespace, metadata["name"])
            objects[names.object_name(member, everywhere)] = _object(manifest)
    known_records = None if records is None else {each["logicalName"]: _record(each) for each in records}
    return Side(
        objects=objects,
        records=known_records,
        partial=True,
        only=None if known_records is not None else frozenset(manifests),
    )


def compare(before: Side, after: Side) -> Comparison:
    """The differences between two sides. A member that one side calls by a former name is the same member."""
    before = _renamed(before, after.renames.pairs)
    standing = {_member(name) for name in before.objects} | before.quarantined
    after = _renamed(after, [pair for pair in before.renames.pairs if pair[0] not in standing])
    quarantined = before.quarantined | after.quarantined
    old, new = _compared(before, after, quarantined), _compared(after, before, quarantined)
    uncompared = [f"{name} is quarantined: its objects are not compared" for name in sorted(quarantined)]
    records: list[PlanDifference] = []
    if before.records is None or after.records is None:
        uncompared.append("record sets are not compared: one side has none written down")
    else:
        records = list(_differences(before.records, after.records))
    if parts := [side.only for side in (before, after) if side.only is not None]:
        shared = frozenset.intersection(*parts)
        old, new = ({name: each for name, each in some.items() if _member(name) in shared} for some in (old, new))
        uncompared.append(f"only {', '.join(sorted(shared)) or 'nothing'} is compared: one side is of no other member")
    if before.partial is not after.partial:
        uncompared.append("Secrets that only one side has are not compared: they may have been left out of the folder")
    return Comparison(objects=tuple(_differences(old, new)), records=tuple(records), uncompared=tuple(uncompared))


def _renamed(side: Side, pairs: Iterable[tuple[str, str]]) -> Side:
    """``side`` with its members called as on the other side; ``pairs`` are former and present names."""
    renames = Renames(tuple(pairs))
    if not renames.pairs:
        return side
    records = side.records
    if records is not None:
        records = {name: _retargeted(record, renames) for name, record in records.items()}
    return replace(
        side,
        objects={renames.logical_name(name): tree for name, tree in side.objects.items()},
        records=records,
        quarantined=frozenset(map(renames.member, side.quarantined)),
        only=None if side.only is None else frozenset(map(renames.member, side.only)),
    )


def _retargeted(record: Tree, renames: Renames) -> Tree:
    target = mapping(record.get("target"))
    if "member" not in target:
        return record
    renamed = {"member": renames.member(target["member"]), "objectName": renames.logical_name(target["objectName"])}
    return {**record, "target": {**target, **renamed}}


def to_tree(comparison: Comparison) -> dict[str, Any]:
    """``comparison`` as plain data; a field that is absent on one side has no ``before`` or ``after``."""
    return {
        "objects": [_plain(each) for each in comparison.objects],
        "records": [_plain(each) for each in comparison.records],
        "uncompared": list(comparison.uncompared),
    }


def _plain(each: PlanDifference) -> dict[str, Any]:
    made: dict[str, Any] = {"name": each.name, "change": each.change}
    if each.fields:
        made["fields"] = [
            {"path": field.path}
            | {key: value for key, value in (("before", field.before), ("after", field.after)) if value is not ABSENT}
            for field in each.fields
        ]
    if each.replicas[0] != each.replicas[1]:
        made["replicas"] = {"before": each.replicas[0], "after": each.replicas[1]}
    return made


def _compared(side: Side, other: Side, quarantined: frozenset[str]) -> Mapping[str, Tree]:
    """The objects of ``side`` that can be compared with ``other``."""
    return {
        name: tree
        for name, tree in side.objects.items()
        if _member(name) not in quarantined
        and (side.partial or not other.partial or tree.get("kind") != "Secret" or name in other.objects)
    }


def _member(name: str) -> str:
    return name.partition("/")[0]


def _differences(before: Mapping[str, Tree], after: Mapping[str, Tree]) -> Iterator[PlanDifference]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        change = "added" if old is None else "removed" if new is None else "changed"
        fields = tuple(_fields(old, new, ())) if change == "changed" else ()
        if fields or change != "changed":
            yield PlanDifference(name=name, change=change, fields=fields, replicas=(_replicas(old), _replicas(new)))


def _fields(before: Any, after: Any, path: PathKey) -> Iterator[FieldChange]:
    """The leaves in which two trees differ; list items are compared by index."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}, key=str):
            yield from _fields(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            old, new = (some[index] if index < len(some) else ABSENT for some in (before, after))
            yield from _fields(old, new, (*path, index))
    elif before != after or type(before) is not type(after):
        yield FieldChange(path=dotted(path), before=before, after=after)


def _object(manifest: Tree) -> Tree:
    """``manifest`` without annotations for Pulumi, its secret values hidden."""
    metadata = manifest["metadata"]
    annotations = mapping(metadata.get("annotations"))
    kept = {key: value for key, value in annotations.items() if not key.startswith(_FOR_PULUMI)}
    bare = {key: value for key, value in metadata.items() if key != "annotations"}
    made = {**manifest, "metadata": {**bare, "annotations": kept} if kept else bare}
    if manifest["kind"] == "Secret":
        made |= {part: _hidden(made[part]) for part in ("data", "stringData") if part in made}
    return made


def _hidden(values: Any) -> Any:
    """A Secret's ``data`` with hidden values; a reference stays, since it names a value and does not hold it."""
    if not isinstance(values, Mapping):
        return HIDDEN
    return {
        key: value if isinstance(value, Mapping) and set(value) <= {"valueFrom", "encoded"} else HIDDEN
        for key, value in values.items()
    }


def _record(tree: Tree) -> Tree:
    return {key: value for key, value in tree.items() if key not in _UNCOMPARED}


def _replicas(tree: Tree | None) -> int | None:
    if tree is None or tree.get("kind") not in pods.SCALED_KINDS:
        return None
    count = mapping(tree.get("spec")).get("replicas", 1)
    return count if isinstance(count, int) else None
