"""The Kubernetes objects that an import gets: apiVersion, kind, namespace, name and source of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from federation.api.model.federated import Tree
from federation.api.model.types import group_of
from federation.api.reading import validation
from federation.api.reading.dispatch import Unread, is_hidden
from federation.api.reading.shapes import PlainShape
from federation.errors.fault import Fault, Severity, raise_if_errors
from federation.errors.report import Report, described
from federation.errors.source import PathKey, Source

__all__ = ["SourceObject", "mapping", "object_list", "source_objects"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceObject:
    """One object, as written in a file or returned by an API server."""

    api_version: str
    kind: str
    namespace: str
    name: str
    tree: Tree = field(repr=False)  # may hold secrets
    source: Source

    @property
    def group(self) -> str:
        """The API group; "" for the core group."""
        return group_of(self.api_version)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Its metadata."""
        return mapping(self.tree.get("metadata"))

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        return mapping(self.metadata.get("labels"))

    def warning(self, path: PathKey, message: str, remedy: str = "") -> Fault:
        """A warning at ``path`` of this object."""
        return self.source.fault(path, message, remedy, severity=Severity.WARNING)

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def mapping(value: Any) -> Mapping[str, Any]:
    """``value`` if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def object_list(value: Any) -> list[Any]:
    """``value`` if it is a list, else an empty one."""
    return list(value) if isinstance(value, list | tuple) else []


def source_objects(documents: Iterable[Unread]) -> tuple[SourceObject, ...]:
    """The objects in ``documents``; raises ``FaultsFoundError`` for documents that are not Kubernetes objects."""
    resources: list[SourceObject] = []
    faults: list[Fault] = []
    for document in documents:
        report = Report(source=document.source, hidden=is_hidden(document.tree))
        resource = _object(document.tree, report)
        if resource is not None and not report.failed:
            resources.append(resource)
        faults += report.faults
    raise_if_errors(faults)
    return tuple(resources)


def _object(tree: Any, report: Report) -> SourceObject | None:
    if not isinstance(tree, dict):
        message = f"an object must be a mapping, and this is {described(tree)}"
        report.error((), message, "an object starts with apiVersion and kind")
        return None
    shape = validation.read_shape(PlainShape, tree, report)
    if shape is None:
        return None
    validation.check_metadata(shape.metadata, shape.kind.removeprefix("Federated"), report)
    return SourceObject(
        api_version=shape.api_version,
        kind=shape.kind,
        namespace=shape.metadata.namespace,
        name=shape.metadata.name,
        tree=tree,
        source=report.source,
    )
