"""Derive the operations on a template in one member, and carry them out.

Entries of ``spec.overrides`` apply to a member by name or by selector, in list order. A number that a preference
computes (such as ``/spec/replicas``) is one more operation. As in KubeFed, it takes the place of the first operation on
that path, or comes at the end. Further operations on that path are left out: the preference has the last word.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from federation.api.model.federated import ClusterOverride, FederatedObject, OverrideOperation, Tree
from federation.api.model.members import Member
from federation.errors.source import PathKey
from federation.plan.model import selectors
from federation.plan.model.plan import PlannedOverride
from federation.plan.overrides import json_patch
from federation.plan.overrides.member_values import ValueMissingError, member_value

__all__ = ["Applied", "Entries", "Operation", "Problem", "apply", "operations_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation with its final value. ``at`` is its path in the document; empty for a preference's number."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any = None
    at: PathKey = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem with one operation. ``ignored``: what it removes is absent anyway, so it is a warning with
    ``plan.strictness: warn``; ``harmless`` is always a warning."""

    at: PathKey
    message: str
    remedy: str
    kind: Literal["impossible", "ignored", "harmless"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The tree after all operations that could be carried out, those operations, and the problems of the others."""

    tree: Tree
    overrides: tuple[PlannedOverride, ...]
    problems: tuple[Problem, ...]


class Entries:
    """The ``overrides`` entries of a document, indexed by member, so that no member needs to search them all."""

    def __init__(self, entries: Sequence[ClusterOverride]) -> None:
        self._named: dict[str, list[ClusterOverride]] = {}
        self._selecting = [entry for entry in entries if entry.cluster_selector is not None]
        for entry in entries:
            if entry.cluster_selector is None:
                self._named.setdefault(entry.cluster_name, []).append(entry)

    def operations(self, member: Member) -> Iterator[tuple[PathKey, OverrideOperation]]:
        """The operations that apply to ``member``, in list order, each with its path in the document."""
        for entry in self._of(member):
            for operation in entry.operations:
                yield ("spec", "overrides", entry.index, "clusterOverrides", operation.index), operation

    def _of(self, member: Member) -> list[ClusterOverride]:
        named = self._named.get(member.name, [])
        if not self._selecting:
            return named
        chosen = [entry for entry in self._selecting if _selects(entry, member)]
        return sorted([*named, *chosen], key=lambda entry: entry.index)


def operations_for(
    entries: Entries, member: Member, computed: Mapping[str, int]
) -> tuple[list[Operation], list[Problem]]:
    """The operations on the template in ``member``, in order. ``computed``: a preference's numbers by path."""
    operations: list[Operation] = []
    problems: list[Problem] = []
    waiting = dict(computed)
    for path, written in entries.operations(member):
        if written.path in computed:
            if written.path in waiting:
                operations.append(Operation(op="replace", path=written.path, value=waiting.pop(written.path)))
            continue
        value = written.value
        if written.value_from:
            try:
                value = member_value(member, written.value_from)
            except ValueMissingError as error:
                problems.append(_value_missing((*path, "valueFrom"), error))
                continue
        operations.append(Operation(op=written.op, path=written.path, value=value, at=path))
    operations += [Operation(op="replace", path=left, value=count) for left, count in waiting.items()]
    return operations, problems


def apply(document: FederatedObject, tree: Tree, operations: Sequence[Operation]) -> Applied:
    """Carry out ``operations`` on ``tree``, which stays as it is; an operation that does not apply is left out."""
    problems: list[Problem] = []
    planned: list[PlannedOverride] = []
    for operation in operations:
        before = json_patch.displaced(tree, operation.op, operation.path)
        try:
            patched = json_patch.apply(tree, operation.op, operation.path, operation.value)
        except json_patch.PatchError as error:
            problems.append(_not_applied(operation, tree, error))
            continue
        tree = patched.tree
        if not operation.at:
            continue
        if patched.set_missing:
            problems.append(_set_missing(operation))
        written = str(document.source.place(*operation.at))
        planned.append(
            PlannedOverride(op=operation.op, path=operation.path, written=written, was=before, value=operation.value)
        )
    return Applied(tree=tree, overrides=tuple(planned), problems=tuple(problems))


def _selects(entry: ClusterOverride, member: Member) -> bool:
    return entry.cluster_selector is not None and selectors.matches(entry.cluster_selector, member.labels)


def _value_missing(at: PathKey, error: ValueMissingError) -> Problem:
    remedy = "give the member that fact in the stack's config, or limit the override to members that have it"
    return Problem(at=at, message=str(error), remedy=remedy, kind="impossible")


def _not_applied(operation: Operation, tree: Tree, error: json_patch.PatchError) -> Problem:
    message = f"{operation.op} {operation.path}: {error}"
    if not operation.at:
        field = operation.path.removeprefix("/").replace("/", ".")
        remedy = f"give the template a spec: the ReplicaSchedulingPreference sets {field}"
        return Problem(at=("spec", "template"), message=message, remedy=remedy, kind="impossible")
    remedy = {
        "remove": "drop this operation, or put the path into the template",
        "replace": "correct the path, or put it into the template",
        "add": "add the parent first, with a value that holds it: /metadata/annotations, then what is inside",
    }[operation.op]
    is_gone = operation.op == "remove" and json_patch.is_enterable(tree, operation.path)
    kind: Literal["impossible", "ignored"] = "ignored" if is_gone else "impossible"
    return Problem(at=(*operation.at, "path"), message=message, remedy=remedy, kind=kind)


def _set_missing(operation: Operation) -> Problem:
    message = f"replace {operation.path}: the object has no such key; it is set, as KubeFed does"
    return Problem(at=(*operation.at, "path"), message=message, remedy="use op: add to say so", kind="harmless")
