"""Make the template of a federated document from an object.

As with ``kubefedctl federate``, the template has everything but apiVersion, kind, status, metadata other than labels,
and the fields that an API server sets for one cluster. Three such fields that kubefedctl leaves in are removed as well
(the claimed volume, a Job's generated selector, a pod's node), and a headless Service stays headless.
"""

from collections.abc import Mapping
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.api.model.types import KNOWN
from federation.api.reading.validation import LAST_APPLIED
from federation.migration.source_objects import SourceObject, mapping, object_list

__all__ = ["names_its_version", "template"]

GENERATED: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "Namespace": (("spec", "finalizers"),),
    "ServiceAccount": (("secrets",),),
    "PersistentVolumeClaim": (("spec", "volumeName"),),
    "Pod": (("spec", "nodeName"),),
}
JOB_LABELS: Final = frozenset(
    {
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
        "controller-uid",
        "job-name",
    }
)


def template(resource: SourceObject, *, keep_annotations: bool = False) -> dict[str, Any]:
    """The template made of ``resource``."""
    fields = {
        key: value for key, value in resource.tree.items() if key not in ("apiVersion", "kind", "metadata", "status")
    }
    annotations = {
        key: value for key, value in mapping(resource.metadata.get("annotations")).items() if key != LAST_APPLIED
    }
    kept_metadata = {"annotations": annotations if keep_annotations else {}, "labels": resource.labels}
    metadata = {key: dict(value) for key, value in kept_metadata.items() if value}
    body: dict[str, Any] = {"apiVersion": resource.api_version} if names_its_version(resource) else {}
    if metadata:
        body["metadata"] = metadata
    body |= fields
    if resource.group and resource.kind != "Job":
        return body
    for path in GENERATED.get(resource.kind, ()):
        body = _without(body, path)
    if resource.kind == "Service":
        return _service(body)
    return _job(body) if resource.kind == "Job" else body


def names_its_version(resource: SourceObject) -> bool:
    """Whether the template needs its apiVersion, because it is not the default of the federated kind."""
    built_in = KNOWN.get(resource.kind)
    return built_in is None or built_in.api_version != resource.api_version


def _without(tree: Tree, path: tuple[str, ...]) -> dict[str, Any]:
    """``tree`` without the field at ``path``, and without a mapping that becomes empty."""
    first, rest = path[0], path[1:]
    if first not in tree:
        return dict(tree)
    below = _without(mapping(tree[first]), rest) if rest else {}
    kept = {key: value for key, value in tree.items() if key != first}
    return {**kept, first: below} if below else kept


def _service(body: Tree) -> dict[str, Any]:
    spec = mapping(body.get("spec"))
    headless = spec.get("clusterIP") == "None"
    dropped = ("ports",) if headless else ("clusterIP", "clusterIPs", "ports")
    kept = {key: value for key, value in spec.items() if key not in dropped}
    ports = [
        {key: value for key, value in mapping(port).items() if key != "nodePort"}
        for port in object_list(spec.get("ports"))
    ]
    if ports:
        kept["ports"] = ports
    return {**body, "spec": kept}


def _job(body: Tree) -> dict[str, Any]:
    """A Job without the selector and labels that its controller generated."""
    spec = mapping(body.get("spec"))
    if not spec or spec.get("manualSelector"):
        return dict(body)
    kept = {key: value for key, value in spec.items() if key != "selector"}
    pods = mapping(kept.get("template"))
    labels = mapping(mapping(pods.get("metadata")).get("labels"))
    if labels:
        own = {key: value for key, value in labels.items() if key not in JOB_LABELS}
        kept["template"] = {**pods, "metadata": {**mapping(pods.get("metadata")), "labels": own}}
    return {**_without_labels(body), "spec": kept}


def _without_labels(body: Tree) -> Tree:
    metadata = mapping(body.get("metadata"))
    labels = {key: value for key, value in mapping(metadata.get("labels")).items() if key not in JOB_LABELS}
    if labels == metadata.get("labels", {}):
        return body
    return {**body, "metadata": {**metadata, "labels": labels}}
