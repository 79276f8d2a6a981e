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
from federation.migration.given import Given, listed, mapping

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


def template(given: Given, *, keep_annotations: bool = False) -> dict[str, Any]:
    """The template made of ``given``."""
    kept = {key: value for key, value in given.tree.items() if key not in ("apiVersion", "kind", "metadata", "status")}
    annotations = {
        key: value for key, value in mapping(given.metadata.get("annotations")).items() if key != LAST_APPLIED
    }
    kept_metadata = {"annotations": annotations if keep_annotations else {}, "labels": given.labels}
    metadata = {key: dict(value) for key, value in kept_metadata.items() if value}
    made: dict[str, Any] = {"apiVersion": given.api_version} if names_its_version(given) else {}
    if metadata:
        made["metadata"] = metadata
    made |= kept
    if given.group and given.kind != "Job":
        return made
    for path in GENERATED.get(given.kind, ()):
        made = _without(made, path)
    if given.kind == "Service":
        return _service(made)
    return _job(made) if given.kind == "Job" else made


def names_its_version(given: Given) -> bool:
    """Whether the template needs its apiVersion, because it is not the default of the federated kind."""
    known = KNOWN.get(given.kind)
    return known is None or known.api_version != given.api_version


def _without(tree: Tree, path: tuple[str, ...]) -> dict[str, Any]:
    """``tree`` without the field at ``path``, and without a mapping that becomes empty."""
    first, rest = path[0], path[1:]
    if first not in tree:
        return dict(tree)
    below = _without(mapping(tree[first]), rest) if rest else {}
    kept = {key: value for key, value in tree.items() if key != first}
    return {**kept, first: below} if below else kept


def _service(made: Tree) -> dict[str, Any]:
    spec = mapping(made.get("spec"))
    headless = spec.get("clusterIP") == "None"
    dropped = ("ports",) if headless else ("clusterIP", "clusterIPs", "ports")
    kept = {key: value for key, value in spec.items() if key not in dropped}
    ports = [
        {key: value for key, value in mapping(port).items() if key != "nodePort"} for port in listed(spec.get("ports"))
    ]
    if ports:
        kept["ports"] = ports
    return {**made, "spec": kept}


def _job(made: Tree) -> dict[str, Any]:
    """A Job without the selector and labels that its controller generated."""
    spec = mapping(made.get("spec"))
    if not spec or spec.get("manualSelector"):
        return dict(made)
    kept = {key: value for key, value in spec.items() if key != "selector"}
    pods = mapping(kept.get("template"))
    labels = mapping(mapping(pods.get("metadata")).get("labels"))
    if labels:
        own = {key: value for key, value in labels.items() if key not in JOB_LABELS}
        kept["template"] = {**pods, "metadata": {**mapping(pods.get("metadata")), "labels": own}}
    return {**_without_labels(made), "spec": kept}


def _without_labels(made: Tree) -> Tree:
    metadata = mapping(made.get("metadata"))
    labels = {key: value for key, value in mapping(metadata.get("labels")).items() if key not in JOB_LABELS}
    if labels == metadata.get("labels", {}):
        return made
    return {**made, "metadata": {**metadata, "labels": labels}}
