"""Make the complete object out of a document's template, before any override."""

from typing import Any

from federation.api.model.federated import FederatedObject
from federation.plan.model.trees import mapping

__all__ = ["complete"]


def complete(document: FederatedObject) -> dict[str, Any]:
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
