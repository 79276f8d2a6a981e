"""Read and check ``Federated<Kind>`` documents and plain objects."""

import re
from typing import Final

from federation.api.model import deletion
from federation.api.model.federated import FederatedObject, PlainObject, TargetType, Tree
from federation.api.model.types import KNOWN, REMOVED, Kinds, group_of
from federation.api.reading import placement_and_overrides, validation
from federation.api.reading.sealing import Seal
from federation.api.reading.shapes import FederatedShape, PlainShape
from federation.errors import suggestions
from federation.errors.report import Report, described
from federation.errors.source import PathKey

__all__ = ["federated_object", "plain_object"]

TEMPLATE: Final[PathKey] = ("spec", "template")
API_VERSION = re.compile(r"(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?v[0-9][a-z0-9]*\Z")
KIND = re.compile(r"[A-Z][A-Za-z0-9]*\Z")


def federated_object(tree: Tree, report: Report, kinds: Kinds) -> FederatedObject | None:
    """The federated document in ``tree``; ``None`` when it is not valid, as ``report`` then explains."""
    shape = validation.read_shape(FederatedShape, tree, report)
    template = tree["spec"].get("template") if isinstance(tree.get("spec"), dict) else None
    target = _target(tree, template if isinstance(template, dict) else {}, report, kinds)
    if shape is None or target is None:
        return None
    validation.check_metadata(shape.metadata, target.kind, report)
    _check_template(shape, target, report, kinds)
    seal = Seal(report) if target.kind == "Secret" and not target.group else None
    body = validation.without_bookkeeping(shape.spec.template)
    if seal is not None:
        body = seal.tree(body, TEMPLATE)
    annotations = validation.annotations_of(shape.metadata)
    document = FederatedObject(
        target=target,
        federated_type=(group_of(shape.api_version), shape.kind),
        name=shape.metadata.name,
        namespace=_namespace(shape, target, report),
        template=body,
        placement=placement_and_overrides.placement(shape.spec.placement, report),
        overrides=placement_and_overrides.overrides(shape.spec.overrides, report, seal),
        retain_replicas=shape.spec.retain_replicas,
        template_annotations=shape.spec.template_annotations,
        propagate_dependencies=shape.spec.propagate_dependencies,
        labels=shape.metadata.labels,
        annotations=annotations,
        deletion=deletion.read_deletion(annotations, report),
        source=report.source,
    )
    if seal is not None:
        seal.warn()
    return document


def _target(tree: Tree, template: Tree, report: Report, kinds: Kinds) -> TargetType | None:
    kind, api_version = str(tree["kind"]), template.get("apiVersion") or ""
    path = (*TEMPLATE, "apiVersion")
    if not isinstance(api_version, str) or not API_VERSION.match(api_version or "v1"):
        report.error(path, f"{report.quoted(api_version)} is not an apiVersion", "write group/version, such as apps/v1")
        return None
    if not KIND.match(kind.removeprefix("Federated")):
        report.error(
            ("kind",), f"{report.quoted(kind)} is not a kind", "write Federated and a kind: FederatedDeployment"
        )
        return None
    target = kinds.target(kind, api_version, group_of(str(tree["apiVersion"])))
    if target is None:
        nearest = suggestions.nearest(kind, kinds.names())
        own = "a type of your own needs its apiVersion in spec.template, or a FederatedTypeConfig"
        remedy = f'did you mean "{nearest}"? ({own})' if nearest else own
        report.error(("kind",), f"{report.quoted(kind)} is not known", remedy)
    return target


def _namespace(shape: FederatedShape, target: TargetType, report: Report) -> str:
    name, namespace = shape.metadata.name, shape.metadata.namespace
    path = ("metadata", "namespace")
    if target.kind == "Namespace" and not target.group:
        if namespace and namespace != name:
            message = f"{report.quoted(namespace)} is not the namespace that is federated, {report.quoted(name)}"
            report.error(path, message, "a FederatedNamespace is in the namespace of its own name")
        return name
    if not target.namespaced:
        if namespace:
            report.warning(
                path, f"a {target.kind} belongs to the whole cluster; its namespace is not used", "remove it"
            )
        return ""
    if not namespace:
        report.error(
            ("metadata",), "the namespace is missing", "write metadata.namespace, that of a FederatedNamespace"
        )
    return namespace


def _check_template(shape: FederatedShape, target: TargetType, report: Report, kinds: Kinds) -> None:
    template = shape.spec.template
    kind = template.get("kind")
    if kind is not None and kind != target.kind:
        remedy = f"write kind: {target.kind} in the template, or leave it out"
        report.error((*TEMPLATE, "kind"), f"{report.quoted(kind)} does not match {shape.kind}", remedy)
    configured = kinds.configured.get((group_of(shape.api_version), shape.kind))
    _check_version(target, configured, report)
    metadata = template.get("metadata")
    if metadata is None:
        return
    if not isinstance(metadata, dict):
        report.error((*TEMPLATE, "metadata"), f"must be a mapping, and is {described(metadata)}")
        return
    _check_dropped(metadata, shape, report)
    for key, expected in (("name", shape.metadata.name), ("namespace", shape.metadata.namespace)):
        written = metadata.get(key)
        if written is not None and written != expected:
            remedy = f"remove it: the object takes the federated document's, {report.quoted(expected)}"
            report.warning((*TEMPLATE, "metadata", key), f"{report.quoted(written)} is not used", remedy)


def _check_version(target: TargetType, configured: TargetType | None, report: Report) -> None:
    built_in = KNOWN.get(target.kind)
    if built_in is None or target.api_version == built_in.api_version:
        return
    path = (*TEMPLATE, "apiVersion")
    if target.api_version in REMOVED.get(built_in.api_version, ()):
        message = f"{target.api_version} is no longer served by any supported Kubernetes"
        report.warning(path, message, f"write apiVersion: {built_in.api_version}, and check the fields that changed")
    elif target.group != built_in.group and (configured is None or target.group != configured.group):
        message = f"{report.quoted(target.api_version)} has no {target.kind}"
        report.error(path, message, f"write apiVersion: {built_in.api_version}, or leave it out")


def _check_dropped(metadata: Tree, shape: FederatedShape, report: Report) -> None:
    path = (*TEMPLATE, "metadata")
    annotations = validation.without_bookkeeping({"metadata": metadata})["metadata"].get("annotations")
    if annotations and shape.spec.template_annotations != "keep":
        remedy = "set them by an override of /metadata/annotations, or write spec.templateAnnotations: keep"
        report.warning((*path, "annotations"), "a template's annotations are dropped, as KubeFed does", remedy)
    if metadata.get("finalizers"):
        remedy = "set them by an override of /metadata/finalizers"
        report.warning((*path, "finalizers"), "a template's finalizers are dropped, as KubeFed does", remedy)


def plain_object(tree: Tree, report: Report) -> PlainObject | None:
    """A plain Kubernetes object; ``None`` when its identity is missing, as ``report`` then explains."""
    shape = validation.read_shape(PlainShape, tree, report)
    if shape is None:
        return None
    if not API_VERSION.match(shape.api_version):
        remedy = "write group/version, such as apps/v1"
        report.error(("apiVersion",), f"{report.quoted(shape.api_version)} is not an apiVersion", remedy)
    validation.check_metadata(shape.metadata, shape.kind, report)
    built_in = KNOWN.get(shape.kind)
    is_namespaced = built_in is not None and built_in.namespaced and built_in.group == group_of(shape.api_version)
    if is_namespaced and not shape.metadata.namespace:
        remedy = "write metadata.namespace: an object follows the workloads of its namespace"
        report.error(("metadata",), "the namespace is missing", remedy)
    body = validation.without_bookkeeping(tree)
    if shape.kind == "Secret" and shape.api_version == "v1":
        seal = Seal(report)
        body = seal.tree(body, ())
        seal.warn()
    return PlainObject(
        api_version=shape.api_version,
        kind=shape.kind,
        name=shape.metadata.name,
        namespace=shape.metadata.namespace,
        manifest=body,
        source=report.source,
    )
