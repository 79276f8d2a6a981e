"""Derive the operations of a document's overrides in each member, and carry them out on its template.

This happens once for a document and a member; members with the same operations share the result. Replicas, manifests,
retention, the schema check and explanations all read it.

Entries of ``spec.overrides`` apply to a member by name or by selector, in list order. Where a preference decides a
number, operations on its path are not carried out: the preference has the last word, as in KubeFed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from federation.api.model.federated import ClusterOverride, FederatedObject, OverrideOperation, Tree
from federation.api.model.members import Member
from federation.errors.source import PathKey
from federation.plan.model.members import Members
from federation.plan.model.plan import Operation
from federation.plan.model.trees import mapping
from federation.plan.overrides import json_patch, templates
from federation.plan.overrides.member_values import ValueMissingError, member_value
from federation.plan.overrides.provenance import Trail

__all__ = ["Derived", "Overrides", "Problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem with one operation. ``ignored``: what it removes is absent anyway, so it is a warning with
    ``plan.strictness: warn``; ``harmless`` is always a warning."""

    at: PathKey
    message: str
    remedy: str
    kind: Literal["impossible", "ignored", "harmless"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Derived:
    """The overrides of a document in one member, or in several that share them.

    ``tree`` is the template after all ``operations`` that were carried out. The others are among them as well.
    """

    tree: Tree
    operations: tuple[Operation, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def carried_out(self) -> tuple[Operation, ...]:
        """The operations in effect."""
        return tuple(each for each in self.operations if each.position)

    @property
    def trail(self) -> Trail:
        """Where each value of ``tree`` comes from."""
        return Trail(self.carried_out)


class Overrides:
    """The overrides of one document, indexed by member, so that no member needs to search them all."""

    def __init__(self, document: FederatedObject, members: Members) -> None:
        self.document = document
        self._base = templates.complete(document)
        self._derived: dict[Any, Derived] = {}
        self._entries: dict[str, list[ClusterOverride]] = {}
        self._takes_values = False
        for entry in document.overrides:
            names = (entry.cluster_name,)
            for name in names if entry.cluster_selector is None else members.matching(entry.cluster_selector):
                self._entries.setdefault(name, []).append(entry)
            self._takes_values = self._takes_values or any(each.value_from for each in entry.operations)

    def derived(self, member: Member, decided: str = "") -> Derived:
        """The operations in ``member``, carried out. ``decided`` is the path of a number that a preference decides."""
        entries = self._entries.get(member.name, ())
        values = _member_values(entries, member) if self._takes_values else ()
        key = (decided, tuple(entry.index for entry in entries), values)
        found = self._derived.get(key)
        if found is None:
            found = self._derived[key] = self._derive(entries, member, decided)
        return found

    def _derive(self, entries: Sequence[ClusterOverride], member: Member, decided: str) -> Derived:
        run = _OperationSequence(document=self.document, member=member, tree=self._base, operations=[], problems=[])
        for entry in entries:
            for written in entry.operations:
                run.carry_out(written, ("spec", "overrides", entry.index, "clusterOverrides", written.index), decided)
        moved = _identity_problem(self._base, run.tree)
        return Derived(
            tree=self._base if moved else run.tree,
            operations=tuple(run.operations),
            problems=(*run.problems, *((moved,) if moved else ())),
        )


def _member_values(entries: Sequence[ClusterOverride], member: Member) -> tuple[str, ...]:
    """The values of ``member`` that the operations of ``entries`` name; its name, where it lacks one of them."""
    try:
        return tuple(
            member_value(member, each.value_from) for entry in entries for each in entry.operations if each.value_from
        )
    except ValueMissingError:
        return ("", member.name)


@dataclass(slots=True, kw_only=True)
class _OperationSequence:
    """The operations on one template, one after the other."""

    document: FederatedObject
    member: Member
    tree: Tree
    operations: list[Operation]
    problems: list[Problem]

    def carry_out(self, written: OverrideOperation, at: PathKey, decided: str) -> None:
        """Carry out one operation on the tree. One that does not apply, or is on ``decided``, is only listed."""
        value, op, path = written.value, written.op, written.path
        place = str(self.document.source.place(*at))
        if written.value_from and path != decided:
            try:
                value = member_value(self.member, written.value_from)
            except ValueMissingError as error:
                self.problems.append(_value_missing((*at, "valueFrom"), error))
                self.operations.append(Operation(op=op, path=path, written=place, at=at))
                return
        if path == decided:
            self.operations.append(Operation(op=op, path=path, written=place, value=value, at=at))
            return
        before = json_patch.displaced(self.tree, op, path)
        position: PathKey = ()
        try:
            patched = json_patch.apply(self.tree, op, path, value)
        except json_patch.PatchError as error:
            self.problems.append(_not_applied(written, at, self.tree, error))
        else:
            self.tree, position = patched.tree, patched.position
            if patched.set_missing:
                self.problems.append(_set_missing(path, at))
        self.operations.append(
            Operation(op=op, path=path, written=place, was=before, value=value, at=at, position=position)
        )


def _identity_problem(before: Tree, after: Tree) -> Problem | None:
    def identity(tree: Tree) -> tuple[Any, ...]:
        metadata = mapping(tree.get("metadata"))
        return (tree.get("kind"), metadata.get("namespace"), metadata.get("name"))

    if identity(before) == identity(after) and isinstance(after.get("apiVersion"), str):
        return None
    message = "the overrides change the object's kind, namespace or name, or take its apiVersion away"
    remedy = "override what is inside /metadata, such as /metadata/labels, and never /metadata as a whole"
    return Problem(at=("spec", "overrides"), message=message, remedy=remedy, kind="impossible")


def _value_missing(at: PathKey, error: ValueMissingError) -> Problem:
    remedy = "give the member that value in the stack's config, or limit the override to members that have it"
    return Problem(at=at, message=str(error), remedy=remedy, kind="impossible")


def _not_applied(written: OverrideOperation, at: PathKey, tree: Tree, error: json_patch.PatchError) -> Problem:
    message = f"{written.op} {written.path}: {error}"
    remedy = {
        "remove": "drop this operation, or put the path into the template",
        "replace": "correct the path, or put it into the template",
        "add": "add the parent first, with a value that holds it: /metadata/annotations, then what is inside",
    }[written.op]
    is_gone = written.op == "remove" and json_patch.is_enterable(tree, written.path)
    kind: Literal["impossible", "ignored"] = "ignored" if is_gone else "impossible"
    return Problem(at=(*at, "path"), message=message, remedy=remedy, kind=kind)


def _set_missing(path: str, at: PathKey) -> Problem:
    message = f"replace {path}: the object has no such key; it is set, as KubeFed does"
    return Problem(at=(*at, "path"), message=message, remedy="use op: add to say so", kind="harmless")
