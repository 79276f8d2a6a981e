"""Read one stack from the files of the project: its federation and its documents.

The program that Pulumi runs and the commands that plan offline read the same way, so the shown plan is the one that is
applied. The stack's file is read as well as Pulumi's own config, because faults name a file and a line. Encrypted
values are never needed here (``federation.components`` resolves references to them).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from federation.api.config import config_keys
from federation.api.config.config_keys import KEYS
from federation.api.config.stack import federation_from_config
from federation.api.model.cluster_names import cluster_name
from federation.api.model.documents import Documents
from federation.api.model.members import FederationSettings, OtherStackMember
from federation.api.reading import loading
from federation.errors import suggestions
from federation.errors.fault import Fault, FaultsFoundError, FederationError, Place, Severity, blocking, raise_if_errors
from federation.errors.source import Source

__all__ = [
    "KEYS",
    "NAMESPACE",
    "Stack",
    "StackNotFoundError",
    "check_stack",
    "find_project",
    "former_names",
    "layout",
    "member_names",
    "read_stack",
    "region_names",
    "stack_names",
    "workloads",
]

NAMESPACE = "eks-federation"
DEFAULT_WORKLOADS = ("stacks/workloads",)


class StackNotFoundError(FederationError):
    """There is no project here, or no such stack in it."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One stack as written: its federation, its documents and the project's folder (``root``)."""

    name: str
    root: Path
    federation: FederationSettings
    documents: Documents


def find_project(start: Path) -> Path:
    """The folder at or above ``start`` that holds ``Pulumi.yaml``. ``StackNotFoundError`` when there is none."""
    for folder in (start, *start.parents):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    msg = f"no Pulumi.yaml in {start} or above it; go to the project's folder, or name it with --cwd"
    raise StackNotFoundError(msg)


def stack_names(root: Path) -> tuple[str, ...]:
    """The stacks that have a config file, sorted. Files that Pulumi writes for cells are left out."""
    files = [path for path in root.glob("Pulumi.*.yaml") if path.is_file()]
    names = {path.name.removeprefix("Pulumi.").removesuffix(".yaml"): path for path in files}
    return tuple(sorted(name for name, path in names.items() if not _is_of_cell(name, path, names)))


def _is_of_cell(name: str, path: Path, names: Collection[str]) -> bool:
    """Whether ``path`` is Pulumi's own file for a cell: named after another stack, with keys of secrets alone."""
    if not any(name.startswith(f"{other}.") for other in names):
        return False
    return not any(
        line.startswith("config:") for line in path.read_text(encoding="utf-8", errors="replace").split("\n")
    )


def layout(root: Path, stack: str) -> str:
    """The layout in the config of ``stack``, "single" where the config does not say or has faults."""
    try:
        values, source = _config(root, stack)
        return str(_mapping(values, "federation", source).get("layout", "single"))
    except FederationError:  # reading the stack reports it
        return "single"


def member_names(root: Path, stack: str) -> tuple[str, ...]:
    """The names of the members of ``stack``, sorted, from its config alone."""
    values, source = _config(root, stack)
    return tuple(sorted(_mapping(values, "members", source)))


def former_names(root: Path, stack: str) -> tuple[tuple[str, str], ...]:
    """The former and the present names of the members of ``stack``, from its config alone; none where it has faults."""
    try:
        values, source = _config(root, stack)
        members = _mapping(values, "members", source)
    except FederationError:  # planning reports it
        return ()
    lists = {name: each.get("formerNames") for name, each in members.items() if isinstance(each, Mapping)}
    pairs = [(former, name) for name, some in lists.items() if isinstance(some, list) for former in some]
    return tuple((former, name) for former, name in pairs if isinstance(former, str) and former not in members)


def region_names(root: Path, stack: str) -> tuple[str, ...]:
    """The regions of the members of ``stack``, sorted, from its config alone."""
    values, source = _config(root, stack)
    members = _mapping(values, "members", source).values()
    found = [member.get("region") for member in members if isinstance(member, Mapping)]
    return tuple(sorted({region for region in found if isinstance(region, str) and region}))


def workloads(root: Path, stack: str) -> list[Path]:
    """The files and folders of documents that the config of ``stack`` names."""
    values, source = _config(root, stack)
    return _workloads(values, root, source)


def read_stack(
    root: Path, stack: str, config: Mapping[str, Any] | None = None, *, defers_errors: bool = False
) -> Stack:
    """Read stack ``stack`` of the project at ``root``.

    ``config`` has values that override those of the stack's file, by key without namespace: those of Pulumi's command
    line. Raises ``StackNotFoundError`` when there is neither, and ``FaultsFoundError`` with every fault of the config
    and of the documents. With ``defers_errors`` and a config without faults, the faults of documents are raised when
    they are planned, together with those of planning.
    """
    try:
        written, source = _config(root, stack, required=not config)
    except FaultsFoundError as error:
        raise FaultsFoundError(blocking(error.faults)) from None
    values = {**written, **{f"{NAMESPACE}:{key}": value for key, value in (config or {}).items()}}
    others, unread = _other_stacks_members(root, stack)
    mistyped = config_keys.faults(written, source)
    try:
        federation = _federation(values, stack, others, source, mistyped)
        paths = _workloads(values, root, source)
    except FaultsFoundError as error:
        # Each once: a fault of the key `workloads` may be in both.
        raise FaultsFoundError(dict.fromkeys((*blocking(error.faults), *_of_documents(values, root, source)))) from None
    documents = loading.load(paths, root=root, strictness=federation.plan.strictness, defers_errors=defers_errors)
    documents = replace(documents, warnings=(*documents.warnings, *unread))  # every plan shows both
    return Stack(name=stack, root=root, federation=federation, documents=documents)


def _federation(
    values: Mapping[str, Any], stack: str, others: Iterable[OtherStackMember], source: Source, mistyped: Sequence[Fault]
) -> FederationSettings:
    try:
        made = federation_from_config(
            _mapping(values, "federation", source),
            _mapping(values, "members", source),
            stack=stack,
            options={key: _mapping(values, key, source) for key in ("plan", "guard", "dns")},
            others=others,
            source=source,
        )
    except FaultsFoundError as error:
        raise FaultsFoundError([*mistyped, *error.faults]) from None
    raise_if_errors(mistyped)
    return made


def _of_documents(values: Mapping[str, Any], root: Path, source: Source) -> tuple[Fault, ...]:
    """The faults of the documents where the config has faults: the form of documents does not depend on it."""
    plan = values.get(f"{NAMESPACE}:plan")
    lenient = isinstance(plan, Mapping) and plan.get("strictness") == "warn"
    try:
        paths = _workloads(values, root, source)
    except FaultsFoundError as error:
        return error.faults
    documents = loading.load(paths, root=root, strictness="warn" if lenient else "error", defers_errors=True)
    return (*documents.warnings, *documents.errors)


def check_stack(root: Path, stack: str, at: str = "") -> None:
    """Raise ``StackNotFoundError`` when ``stack`` has no config file at ``root``; messages call that folder ``at``."""
    path = root / f"Pulumi.{stack}.yaml"
    if not path.is_file():
        names = stack_names(root)
        near = suggestions.nearest(stack, names)
        hint = f'; did you mean "{near}"?' if near else ""
        listed = ", ".join(names) or "none"
        msg = f"stack {stack!r} has no config file {path.name} in {at or root}{hint} (stacks: {listed})"
        raise StackNotFoundError(msg)


def _config(root: Path, stack: str, *, required: bool = True) -> tuple[Mapping[str, Any], Source]:
    path = root / f"Pulumi.{stack}.yaml"
    if required:
        check_stack(root, stack)
    elif not path.is_file():
        return {}, Source(file=path.name)
    tree, source = loading.read_mapping(path, root=root)
    config = {} if tree.get("config") is None else tree["config"]
    if not isinstance(config, Mapping):
        raise FaultsFoundError([source.fault(("config",), "must be a mapping of keys to values")])
    return config, source


def _mapping(values: Mapping[str, Any], key: str, source: Source) -> Mapping[str, Any]:
    value = values.get(f"{NAMESPACE}:{key}")
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise FaultsFoundError([_fault(source, key, "must be a mapping")])


def _fault(source: Source, key: str, message: str) -> Fault:
    where = f"{NAMESPACE}:{key}"
    return Fault(place=source.place("config", where), where=where, message=message)


def _workloads(values: Mapping[str, Any], root: Path, source: Source) -> list[Path]:
    paths = values.get(f"{NAMESPACE}:workloads", DEFAULT_WORKLOADS)
    if isinstance(paths, list | tuple) and all(isinstance(path, str) for path in paths):
        return [root / path for path in paths]
    message = f"must be a list of files and folders, such as [{DEFAULT_WORKLOADS[0]}]"
    raise FaultsFoundError([_fault(source, "workloads", message)])


def _other_stacks_members(root: Path, stack: str) -> tuple[tuple[OtherStackMember, ...], tuple[Fault, ...]]:
    """Members of the project's other stacks: documents may name them, or select them by their labels.

    A stack whose file cannot be read gives a warning: its faults must not stop this stack.
    """
    others: list[OtherStackMember] = []
    unread: list[Fault] = []
    for other in stack_names(root):
        if other != stack:
            try:
                values, source = _config(root, other)
                members = _mapping(values, "members", source)
            except FaultsFoundError as error:
                unread.append(_unread(other, error.faults[0].place))
            else:
                others += [
                    _other_stacks_member(other, name, member, values, source) for name, member in members.items()
                ]
    return tuple(others), tuple(unread)


def _other_stacks_member(
    stack: str, name: str, member: Any, values: Mapping[str, Any], source: Source
) -> OtherStackMember:
    """A member of another stack, with the name of its cluster where that stack makes one."""
    federation = _mapping(values, "federation", source).get("name")
    is_made = isinstance(member, Mapping) and member.get("provider", "eks") == "eks" and isinstance(federation, str)
    cluster = cluster_name(str(federation), stack, name) if is_made else ""
    return OtherStackMember(stack=stack, name=name, labels=_labels(member), cluster=cluster)


def _unread(other: str, place: Place) -> Fault:
    message = f"stack {other} cannot be read: names and labels of its members are not known here"
    remedy = f"see `fed validate --stack {other}`"
    return Fault(place=place, where="", message=message, remedy=remedy, severity=Severity.WARNING)


def _labels(member: Any) -> Mapping[str, str]:
    """The labels of another stack's member. Reading that stack reports their faults."""
    labels = member.get("labels") if isinstance(member, Mapping) else None
    if not isinstance(labels, Mapping):
        return {}
    return {key: value for key, value in labels.items() if isinstance(key, str) and isinstance(value, str)}
