"""Render the manifest of a federated document for each member.

The template comes first, then overrides, then the managed label, then decided numbers. Members with the same operations
and numbers share one manifest, and all share the parts of the template that nothing changes: a hundred members cost
little more than the distinct results among them. Nothing is ever changed in place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from federation.api.model.deletion import Propagation
from federation.api.model.federated import FederatedObject, PlainObject, Tree
from federation.plan.model import names
from federation.plan.model.plan import Operation
from federation.plan.model.trees import mapping
from federation.plan.objects import pods
from federation.plan.overrides import json_patch
from federation.plan.overrides.operations import Derived, Problem
from federation.plan.overrides.provenance import Trail

__all__ = ["FIELD_MANAGER", "MANAGED_LABEL", "Rendered", "Renderer", "of_plain_object"]

MANAGED_LABEL: Final = "kubefed.io/managed"
FIELD_MANAGER: Final = "eks-federation"

_FIELD_MANAGER_ANNOTATION: Final = "pulumi.com/patchFieldManager"
_DELETION_ANNOTATION: Final = "pulumi.com/deletionPropagationPolicy"
_LOAD_BALANCER_ANNOTATION: Final = "service.beta.kubernetes.io/aws-load-balancer-type"
_NETWORK_TYPES: Final = frozenset({"nlb", "nlb-ip", "external"})
_NETWORK_CLASS: Final = "service.k8s.aws/nlb"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rendered:
    """A complete manifest, and what planning reads from it. Members with equal operations and numbers share the value.

    ``document`` is the part of the object's name that is the same in every member, ``trail`` leads from a value back to
    its line (``None``: a plain object).
    """

    manifest: Tree
    api_version: str
    document: str
    overrides: tuple[Operation, ...] = ()
    problems: tuple[Problem, ...] = ()
    trail: Trail | None = None
    references: tuple[pods.Reference, ...] = ()
    pod_labels: Mapping[str, str] = field(default_factory=dict)
    load_balancer: Literal["", "network", "classic"] = ""


class Renderer:
    """Renders one document for one member after another."""

    def __init__(self, document: FederatedObject) -> None:
        self._document = document
        self._undivided: dict[Derived, Rendered] = {}
        self._rendered: dict[tuple[Derived, tuple[tuple[str, int], ...]], Rendered] = {}

    def render(self, derived: Derived, numbers: Mapping[str, int]) -> Rendered:
        """The manifest of a member: the tree of its overrides, with the ``numbers`` that are decided there by path."""
        undivided = self._undivided.get(derived)
        if undivided is None:
            undivided = self._undivided[derived] = self._mark(derived)
        if not numbers:
            return undivided
        key = (derived, tuple(numbers.items()))
        found = self._rendered.get(key)
        if found is None:
            found = self._rendered[key] = _with_numbers(undivided, numbers)
        return found

    def _mark(self, derived: Derived) -> Rendered:
        overrides = derived.carried_out
        manifest = _marked(derived.tree, self._document.deletion.propagation)
        return _rendered(manifest, overrides, derived.problems, Trail(overrides))


def _with_numbers(undivided: Rendered, numbers: Mapping[str, int]) -> Rendered:
    """``undivided`` with the ``numbers`` by path. Members with other numbers share all other parts of the manifest."""
    tree, problems, decided = undivided.manifest, list(undivided.problems), set()
    for path, count in numbers.items():
        try:
            patched = json_patch.apply(tree, "replace", path, count)
        except json_patch.PatchError as error:
            problems.append(_no_place(path, error))
            continue
        tree = patched.tree
        decided.add(patched.position)
    trail = Trail(undivided.overrides, frozenset(decided))
    return replace(undivided, manifest=tree, problems=tuple(problems), trail=trail)


def of_plain_object(document: PlainObject) -> Rendered:
    """The manifest of a plain object that is propagated with a workload; it keeps its annotations, but no status."""
    tree = {key: value for key, value in document.manifest.items() if key != "status"}
    metadata = mapping(tree.get("metadata"))
    tree["metadata"] = {**metadata, "name": document.name}
    if document.namespace:
        tree["metadata"]["namespace"] = document.namespace
    return _rendered(_marked(tree, ""))


def _no_place(path: str, error: json_patch.PatchError) -> Problem:
    """The problem that a preference's number finds no place in the object."""
    shown = path.removeprefix("/").replace("/", ".")
    remedy = f"give the template a spec: the ReplicaSchedulingPreference sets {shown}"
    return Problem(at=("spec", "template"), message=f"replace {path}: {error}", remedy=remedy, kind="impossible")


def _rendered(
    manifest: Tree,
    overrides: tuple[Operation, ...] = (),
    problems: tuple[Problem, ...] = (),
    trail: Trail | None = None,
) -> Rendered:
    metadata, kind, api_version = manifest["metadata"], str(manifest["kind"]), str(manifest["apiVersion"])
    namespace, name = str(metadata.get("namespace", "")), str(metadata["name"])
    return Rendered(
        manifest=manifest,
        api_version=api_version,
        document=names.in_every_member(api_version, kind, namespace, name),
        overrides=overrides,
        problems=problems,
        trail=trail,
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


def _load_balancer(manifest: Tree) -> Literal["", "network", "classic"]:
    spec = mapping(manifest.get("spec"))
    if manifest["kind"] != "Service" or spec.get("type") != "LoadBalancer":
        return ""
    wanted = mapping(manifest["metadata"].get("annotations")).get(_LOAD_BALANCER_ANNOTATION)
    return "network" if wanted in _NETWORK_TYPES or spec.get("loadBalancerClass") == _NETWORK_CLASS else "classic"
