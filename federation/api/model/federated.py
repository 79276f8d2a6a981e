"""Federated resources (KubeFed's ``types.kubefed.io/v1beta1``): template, placement and overrides.

``Tree`` values are plain Kubernetes object trees. They are never copied and never changed in place: code that changes a
leaf makes new mappings along the path and shares the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from federation.api.model.deletion import AS_USUAL, Deletion
from federation.errors.source import IN_PYTHON, Source

__all__ = [
    "ClusterOverride",
    "FederatedObject",
    "OverrideOperation",
    "Placement",
    "PlainObject",
    "Requirement",
    "Selector",
    "TargetType",
    "Tree",
]

Tree: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetType:
    """The Kubernetes type that a federated kind stands for; ``group`` is empty for the core group."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def api_version(self) -> str:
        """``group/version``, or ``version`` alone for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One ``matchExpressions`` entry."""

    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """A Kubernetes label selector; all parts must hold. Empty: everything."""

    match_labels: Mapping[str, str] = field(default_factory=dict)
    match_expressions: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """``clusters`` and ``cluster_selector`` are ``None`` when absent: KubeFed tells absent from empty."""

    clusters: tuple[str, ...] | None = None
    cluster_selector: Selector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideOperation:
    """One JSON Patch operation. An empty ``op`` in YAML is ``replace``.

    ``value_from`` names a value of the member (``name``, ``region``, ``zone``, ``provider``, ``labels.<key>``,
    ``annotations.<key>``); "" where the operation has a value of its own.
    """

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any = None
    value_from: str = ""
    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterOverride:
    """One ``spec.overrides`` entry, for a member by name or members by selector; ``index`` is its place in the list."""

    cluster_name: str = ""
    cluster_selector: Selector | None = None
    operations: tuple[OverrideOperation, ...] = ()
    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedObject:
    """One ``Federated<Kind>`` document (``FederatedNamespace`` included: its namespace and name are the same).

    ``federated_type`` is its own group and kind, which a FederatedTypeConfig may name differently from its target.
    """

    target: TargetType
    federated_type: tuple[str, str] = ("", "")
    name: str
    namespace: str
    template: Tree
    placement: Placement = Placement()
    overrides: tuple[ClusterOverride, ...] = ()
    retain_replicas: bool = False
    template_annotations: Literal["drop", "keep"] = "drop"
    propagate_dependencies: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    deletion: Deletion = AS_USUAL
    source: Source = IN_PYTHON

    @property
    def key(self) -> str:
        """``namespace/name``, or ``name`` for a cluster-scoped type: KubeFed's key of the replica planner."""
        return f"{self.namespace}/{self.name}" if self.target.namespaced else self.name

    @property
    def object_namespace(self) -> str:
        """The namespace of the object in each member, "" for a cluster-scoped type, a Namespace among them."""
        return self.namespace if self.target.namespaced else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainObject:
    """A plain Kubernetes object among the documents: a dependency that may follow federated workloads."""

    api_version: str
    kind: str
    name: str
    namespace: str
    manifest: Tree
    source: Source = IN_PYTHON
