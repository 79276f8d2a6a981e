"""Render the manifest of a federated document for each member.

The template comes first, then overrides, then the managed label, in KubeFed's order. Members with the same operations
share one manifest, and all share the parts of the template that nothing changes: a hundred members cost little more
than the distinct results among them. Nothing is ever changed in place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from federation.api.model.deletion import Propagation
from federation.api.model.federated import FederatedObject, PlainObject, Tree
from federation.api.model.members import Member
from federation.plan.model.plan import PlannedOverride
from federation.plan.model.trees import mapping
from federation.plan.objects import pods
from federation.plan.overrides.operations import Entries, Operation, Problem, apply, operations_for

__all__ = ["FIELD_MANAGER", "MANAGED_LABEL", "NOTHING_COMPUTED", "Rendered", "Renderer", "base", "of_plain_object"]

MANAGED_LABEL: Final = "kubefed.io/managed"
FIELD_MANAGER: Final = "eks-federation"
NOTHING_COMPUTED: Final[Mapping[str, int]] = MappingProxyType({})

_FIELD_MANAGER_ANNOTATION: Final = "pulumi.com/patchFieldManager"
_DELETION_ANNOTATION: Final = "pulumi.com/deletionPropagationPolicy"
_LOAD_BALANCER_ANNOTATION: Final = "service.beta.kubernetes.io/aws-load-balancer-type"
_NETWORK_TYPES: Final = frozenset({"nlb", "nlb-ip", "external"})
_NETWORK_CLASS: Final = "service.k8s.aws/nlb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A complete manifest, and what planning reads from it. Members with equal operations share the value.

    ``operations`` are those of the document's overrides and of a preference, including those that do not apply.
    ``replicas`` is ``None`` for kinds that have none.
    """

    manifest: Tree
    api_version: str
    operations: tuple[Operation, ...] = ()
    overrides: tuple[PlannedOverride, ...] = ()
    problems: tuple[Problem, ...] = ()
    replicas: int | None = None
    references: tuple[pods.Reference, ...] = ()
    pod_labels: Mapping[str, str] = field(default_factory=dict)
    load_balancer: Literal["", "network", "classic"] = ""


class Renderer:
    """Renders one document for one member after another."""

    def __init__(self, document: FederatedObject) -> None:
        self._document = document
        self._base = base(document)
        self._entries = Entries(document.overrides)
        self._rendered: dict[Any, Rendered] = {}

    def render(self, member: Member, computed: Mapping[str, int] = NOTHING_COMPUTED) -> Rendered:
        """The manifest of ``member``; ``computed`` has the numbers that a preference sets, by path."""
        operations, problems = operations_for(self._entries, member, computed)
        if problems:
            return self._make(operations, problems)
        key = (tuple(computed.items()), tuple((operation.at, _distinction(operation)) for operation in operations))
        found = self._rendered.get(key)
        if found is None:
            found = self._rendered[key] = self._make(operations, [])
        return found

    def _make(self, operations: list[Operation], problems: list[Problem]) -> Rendered:
        applied = apply(self._document, self._base, operations)
        moved = _identity_problem(self._base, applied.tree)
        tree = self._base if moved else applied.tree
        return _rendered(
            tree,
            propagation=self._document.deletion.propagation,
            operations=tuple(operations),
            overrides=applied.overrides,
            problems=(*problems, *applied.problems, *((moved,) if moved else ())),
        )


def of_plain_object(document: PlainObject) -> Rendered:
    """The manifest of a plain object that is propagated with a workload; it keeps its annotations, but no status."""
    tree = {key: value for key, value in document.manifest.items() if key != "status"}
    metadata = mapping(tree.get("metadata"))
    tree["metadata"] = {**metadata, "name": document.name}
    if document.namespace:
        tree["metadata"]["namespace"] = document.namespace
    return _rendered(tree, overrides=(), problems=())


def _distinction(operation: Operation) -> str:
    # Operations from one line differ between members only by a member value, which is a string.
    return operation.value if isinstance(operation.value, str) else ""


def base(document: FederatedObject) -> dict[str, Any]:
    """The template as a complete object: with name and type, without the fields that KubeFed drops."""
    template = document.template
    dropped = {"name", "namespace", "finalizers"}
    if document.template_annotations == "drop":
        dropped.add("annotations")
    metadata = {key: value for key, value in mapping(template.get("metadata")).items() if key not in dropped}
    identity = {"name": document.name}
    if document.target.namespaced:
        identity["namespace"] = document.namespace
    body = {key: value for key, value in template.items() if key not in {"apiVersion", "kind", "metadata"}}
    api_version = template.get("apiVersion") or document.target.api_version
    return {
        "apiVersion": api_version,
        "kind": document.target.kind,
        "metadata": {**identity, **metadata},
        **body,
    }


def _identity_problem(before: Tree, after: Tree) -> Problem | None:
    def identity(tree: Tree) -> tuple[Any, ...]:
        metadata = mapping(tree.get("metadata"))
        return (tree.get("kind"), metadata.get("namespace"), metadata.get("name"))

    if identity(before) == identity(after) and isinstance(after.get("apiVersion"), str):
        return None
    message = "the overrides change the object's kind, namespace or name, or take its apiVersion away"
    remedy = "override what is inside /metadata, such as /metadata/labels, and never /metadata as a whole"
    return Problem(at=("spec", "overrides"), message=message, remedy=remedy, kind="impossible")


def _rendered(
    tree: Tree,
    *,
    overrides: tuple[PlannedOverride, ...],
    problems: tuple[Problem, ...],
    operations: tuple[Operation, ...] = (),
    propagation: Propagation = "",
) -> Rendered:
    manifest = _marked(tree, propagation)
    return Rendered(
        manifest=manifest,
        api_version=str(manifest["apiVersion"]),
        operations=operations,
        overrides=overrides,
        problems=problems,
        replicas=_replicas(manifest),
        references=pods.references(manifest),
        pod_labels=pods.labels(manifest),
        load_balancer=_load_balancer(manifest),
    )


def _marked(tree: Tree, propagation: Propagation) -> dict[str, Any]:
    """Add the managed label and the field manager, last of all, so that no override removes them."""
    metadata = mapping(tree.get("metadata"))
    labels = {**mapping(metadata.get("labels")), MANAGED_LABEL: "true"}
    annotations = {**mapping(metadata.get("annotations")), _FIELD_MANAGER_ANNOTATION: FIELD_MANAGER}
    if propagation:
        annotations[_DELETION_ANNOTATION] = propagation.lower()
    return {**tree, "metadata": {**metadata, "labels": labels, "annotations": annotations}}


def _replicas(manifest: Tree) -> int | None:
    if manifest["kind"] not in pods.SCALED_KINDS:
        return None
    count = mapping(manifest.get("spec")).get("replicas")
    return count if isinstance(count, int) else 1


def _load_balancer(manifest: Tree) -> Literal["", "network", "classic"]:
    spec = mapping(manifest.get("spec"))
    if manifest["kind"] != "Service" or spec.get("type") != "LoadBalancer":
        return ""
    wanted = mapping(manifest["metadata"].get("annotations")).get(_LOAD_BALANCER_ANNOTATION)
    return "network" if wanted in _NETWORK_TYPES or spec.get("loadBalancerClass") == _NETWORK_CLASS else "classic"
