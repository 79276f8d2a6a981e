"""Read and write the observed facts of a stack's members, in a file of the project: ``facts/<stack>.yaml``.

``fed observe`` writes it, and every later plan reads it, offline and in an update alike: so the shown plan is the one
that is applied. Facts are in a file, not read from members while planning, so that a plan can be repeated and reviewed.
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
from federation.errors.fault import FaultsFoundError, hiding, raise_if_errors
from federation.errors.report import Report
from federation.plan.model.observed import Observed
from federation.plan.replicas.observed_replicas import ObservedReplicas
from federation.plan.views import yaml_writer

__all__ = ["Facts", "SeenWorkload", "applied", "file_of", "now", "read", "to_tree", "told", "write"]

VERSION: Final = "facts.eks-federation/v1"

Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenWorkload:
    """The observed replicas of one workload, by member."""

    kind: str
    members: Mapping[str, ObservedReplicas]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Observed facts: nodes by member, workloads by key (``namespace/name``), and the ``silent`` members that could not
    be observed, with the reason."""

    stack: str
    observed_at: datetime
    nodes: Mapping[str, int] = field(default_factory=dict)
    workloads: Mapping[str, SeenWorkload] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
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
    """The path of a stack's facts, relative to the project."""
    return f"facts/{stack}.yaml"


def read(root: Path, stack: str) -> Facts | None:
    """The facts of ``stack``; ``None`` when there is no file. Raises ``FaultsFoundError`` with all faults of it."""
    path = root / file_of(stack)
    if not path.is_file():
        return None
    try:
        tree, source = loading.read_mapping(path, root=root)
    except FaultsFoundError as error:  # a program wrote it, so the remedy is to write it again
        raise FaultsFoundError(hiding(replace(each, remedy=_renew(stack)) for each in error.faults)) from None
    report = Report(source=source)
    form = validation.read(_File, tree, report)
    _check(tree, stack, report)
    raise_if_errors(hiding(replace(each, remedy=each.remedy or _renew(stack)) for each in report.faults))
    assert form is not None  # noqa: S101 -- whatever could not be read has been reported
    return Facts(
        stack=stack,
        observed_at=datetime.fromisoformat(form.observed_at),
        nodes=form.nodes,
        workloads={
            key: SeenWorkload(
                kind=each.kind,
                members={
                    name: ObservedReplicas(current=seen.current, capacity=seen.capacity)
                    for name, seen in each.members.items()
                },
            )
            for key, each in form.workloads.items()
        },
        silent=form.silent,
        file=file_of(stack),
    )


def write(facts: Facts, path: Path) -> None:
    """Write ``facts`` as a whole, or leave the file as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(yaml_writer.text_of(to_tree(facts)), encoding="utf-8")
    beside.replace(path)


def applied(observed: Observed, facts: Facts | None) -> Observed:
    """``observed`` with the replicas, capacity and nodes of ``facts``."""
    if facts is None:
        return observed
    current: dict[str, dict[str, int]] = {}
    capacity: dict[str, dict[str, int]] = {}
    for key, workload in facts.workloads.items():
        for member, seen in workload.members.items():
            current.setdefault(key, {})[member] = seen.current
            if seen.capacity is not None:
                capacity.setdefault(key, {})[member] = seen.capacity
    return replace(observed, current=current, capacity=capacity, nodes=facts.nodes)


def told(facts: Facts | None, at: datetime, limit: timedelta) -> tuple[str, bool]:
    """A line with the age of ``facts`` at the time ``at`` ("" without facts), and whether it is more than ``limit``."""
    if facts is None:
        return "", False
    age = max(at - facts.observed_at, timedelta())
    line = f"facts of the members are from {facts.file}, {_shown(age)} old"
    if age <= limit:
        return line, False
    return f"{line}, more than {_shown(limit)}: {_renew(facts.stack)}", True


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
            report.error(("stack",), f"these are the facts of stack {report.quoted(name)}, and not of {stack}")
    match tree.get("observedAt"):
        case str(time) if not _is_time(time):
            message = f"{report.quoted(time)} is no time with a zone"
            report.error(("observedAt",), message, 'write one such as "2030-01-31T12:00:00Z"')


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def to_tree(facts: Facts) -> dict[str, Any]:
    """``facts`` as plain data, as their file has them."""
    tree: dict[str, Any] = {
        "apiVersion": VERSION,
        "stack": facts.stack,
        "observedAt": facts.observed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "nodes": dict(sorted(facts.nodes.items())),
        "workloads": {
            key: {"kind": each.kind, "members": {name: _seen(seen) for name, seen in sorted(each.members.items())}}
            for key, each in sorted(facts.workloads.items())
        },
    }
    if facts.silent:
        tree["silent"] = dict(sorted(facts.silent.items()))
    return tree


def _seen(seen: ObservedReplicas) -> dict[str, int]:
    return {"current": seen.current} if seen.capacity is None else {"current": seen.current, "capacity": seen.capacity}
