"""Read and write the observed state of a stack's members, in a file of the project: ``observed/<stack>.yaml``.

``fed observe`` writes the file. Every later plan reads it, offline and in an update alike, so the shown plan is the one
that is applied. Members are not read while planning, so that a plan can be repeated and reviewed.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from federation.api.reading import loading, validation
from federation.errors.fault import FaultsFoundError, blocking, raise_if_errors
from federation.errors.report import Report
from federation.errors.source import Source
from federation.plan.model.observed import Observed
from federation.plan.replicas.observed_replicas import ObservedReplicas
from federation.plan.views import yaml_writer

__all__ = [
    "ObservedState",
    "ObservedWorkload",
    "add_to",
    "describe_age",
    "file_of",
    "now",
    "read_observed_state",
    "to_tree",
    "write_observed_state",
]

VERSION: Final = "observed.eks-federation/v1"
_FOLDER: Final = "observed"
_FORMER_FOLDER: Final = "facts"

Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedWorkload:
    """The observed replicas of one workload, by member."""

    kind: str
    members: Mapping[str, ObservedReplicas]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedState:
    """Nodes by member, workloads by key (``namespace/name``), and the ``unreachable`` members with the reason."""

    stack: str
    observed_at: datetime
    nodes: Mapping[str, int] = field(default_factory=dict)
    workloads: Mapping[str, ObservedWorkload] = field(default_factory=dict)
    unreachable: Mapping[str, str] = field(default_factory=dict)
    file: str = ""


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, strict=True)


class _Replicas(_Form):
    current: Count
    capacity: Count | None = None


class _Workload(_Form):
    kind: str
    members: dict[str, _Replicas]


class _File(_Form):
    api_version: str
    stack: str
    observed_at: str
    nodes: dict[str, Count] = {}
    workloads: dict[str, _Workload] = {}
    silent: dict[str, str] = {}


def now() -> datetime:
    """The time, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def file_of(stack: str) -> str:
    """The path of the file for ``stack``, relative to the project."""
    return f"{_FOLDER}/{stack}.yaml"


def read_observed_state(root: Path, stack: str) -> ObservedState | None:
    """The observed state of ``stack``, ``None`` without a file. Raises ``FaultsFoundError`` with all faults of the
    file."""
    _check_former_file(root, stack)
    path = root / file_of(stack)
    if not path.is_file():
        return None
    try:
        tree, source = loading.read_mapping(path, root=root)
    except FaultsFoundError as error:  # a program wrote it, so the remedy is to write it again
        raise FaultsFoundError(blocking(replace(each, remedy=_renew(stack)) for each in error.faults)) from None
    report = Report(source=source)
    form = validation.read_shape(_File, tree, report)
    _check(tree, stack, report)
    raise_if_errors(blocking(replace(each, remedy=each.remedy or _renew(stack)) for each in report.faults))
    assert form is not None  # noqa: S101 -- whatever could not be read has been reported
    return ObservedState(
        stack=stack,
        observed_at=datetime.fromisoformat(form.observed_at),
        nodes=form.nodes,
        workloads={
            key: ObservedWorkload(
                kind=each.kind,
                members={
                    name: ObservedReplicas(current=observed.current, capacity=observed.capacity)
                    for name, observed in each.members.items()
                },
            )
            for key, each in form.workloads.items()
        },
        unreachable=form.silent,
        file=file_of(stack),
    )


def write_observed_state(state: ObservedState, path: Path) -> None:
    """Write ``state`` as a whole, or leave the file as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(yaml_writer.text_of(to_tree(state)), encoding="utf-8")
    beside.replace(path)


def add_to(observed: Observed, state: ObservedState | None) -> Observed:
    """``observed`` with the replicas, capacity and nodes of ``state``."""
    if state is None:
        return observed
    current: dict[str, dict[str, int]] = {}
    capacity: dict[str, dict[str, int]] = {}
    for key, workload in state.workloads.items():
        for member, replicas in workload.members.items():
            current.setdefault(key, {})[member] = replicas.current
            if replicas.capacity is not None:
                capacity.setdefault(key, {})[member] = replicas.capacity
    return replace(observed, current=current, capacity=capacity, nodes=state.nodes)


def describe_age(state: ObservedState | None, at: datetime, limit: timedelta) -> tuple[str, bool]:
    """A line with the age of ``state`` at the time ``at`` ("" for ``None``), and whether it is more than ``limit``."""
    if state is None:
        return "", False
    age = max(at - state.observed_at, timedelta())
    line = f"the observed state in {state.file} is {_shown(age)} old"
    if age <= limit:
        return line, False
    return f"{line}, more than {_shown(limit)}: {_renew(state.stack)}", True


def _check_former_file(root: Path, stack: str) -> None:
    """Raise ``FaultsFoundError`` for a file of an earlier version. Without it, a plan would change unnoticed."""
    path = root / _FORMER_FOLDER / f"{stack}.yaml"
    if path.is_file():
        remedy = f"run `fed observe --stack {stack}`, which writes {file_of(stack)}, and remove this file"
        fault = Source(file=f"{_FORMER_FOLDER}/{stack}.yaml").fault((), "this file is no longer read", remedy)
        raise FaultsFoundError(blocking([fault]))


def _renew(stack: str) -> str:
    return f"run `fed observe --stack {stack}` again, or remove the file to plan from the documents alone"


def _shown(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    for size, unit in ((24 * 60, "d"), (60, "h")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return f"{minutes} min" if minutes else f"{int(age.total_seconds())} s"


def _check(tree: Mapping[str, Any], stack: str, report: Report) -> None:
    """Check what the form cannot: the values of keys. The form reports keys that are missing or not text."""
    match tree.get("apiVersion"):
        case str(version) if version != VERSION:
            report.error(("apiVersion",), f"{report.quoted(version)} is not known here (allowed: {VERSION})")
    match tree.get("stack"):
        case str(name) if name != stack:
            report.error(("stack",), f"this is the observed state of stack {report.quoted(name)}, and not of {stack}")
    match tree.get("observedAt"):
        case str(time) if not _is_time(time):
            message = f"{report.quoted(time)} is not a time with a zone"
            report.error(("observedAt",), message, 'write one such as "2030-01-31T12:00:00Z"')


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def to_tree(state: ObservedState) -> dict[str, Any]:
    """``state`` as plain data, as its file has it."""
    tree: dict[str, Any] = {
        "apiVersion": VERSION,
        "stack": state.stack,
        "observedAt": state.observed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "nodes": dict(sorted(state.nodes.items())),
        "workloads": {
            key: {
                "kind": each.kind,
                "members": {name: _replicas_tree(observed) for name, observed in sorted(each.members.items())},
            }
            for key, each in sorted(state.workloads.items())
        },
    }
    if state.unreachable:
        tree["silent"] = dict(sorted(state.unreachable.items()))
    return tree


def _replicas_tree(observed: ObservedReplicas) -> dict[str, int]:
    return (
        {"current": observed.current}
        if observed.capacity is None
        else {"current": observed.current, "capacity": observed.capacity}
    )
