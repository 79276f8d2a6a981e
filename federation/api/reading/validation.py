"""Check that a document has the form of its kind, and return it as a typed value.

Every violation is reported, and the parts without one are kept.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from federation.api.model.federated import Tree
from federation.api.reading import messages, naming
from federation.api.reading.shapes import Metadata
from federation.errors.report import Report
from federation.errors.source import PathKey

__all__ = ["BOOKKEEPING", "annotations_of", "check_metadata", "read_shape", "without_bookkeeping"]

Form = TypeVar("Form", bound=BaseModel)

MAX_REPAIRS: Final = 4
PLACEHOLDERS: Final[Mapping[str | int, Any]] = {
    "apiEndpoint": "x",
    "domain": "example.com",
    "domainRef": "x",
    "key": "x",
    "kind": "X",
    "metadata": {"name": "x", "namespace": "x"},
    "name": "x",
    "operator": "Exists",
    "path": "/x",
    "propagation": "Enabled",
    "scope": "Namespaced",
    "secretRef": {"name": "x"},
    "spec": {},
    "targetKind": "FederatedDeployment",
    "totalReplicas": 2**31 - 1,
    "version": "v1",
}
"""Placeholders for required values that are missing, used to check the rest of a document."""

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
BOOKKEEPING = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
"""Fields of ``metadata`` that an API server writes: useless, or harmful, when sent to another one."""


def read_shape(
    model: type[Form], tree: Tree, report: Report, at: PathKey = (), *, omitted: Collection[str] = ()
) -> Form | None:
    """``tree`` as a ``model``; ``None`` when it cannot be repaired.

    Invalid parts are reported and left out, so that the rest can be checked as well. If ``report`` has failed, the
    value is only for finding more faults. ``at`` is the path of ``tree`` in its file; ``omitted`` are keys of the model
    that users never write. With ``strictness: warn`` unknown keys are warnings; an API server leaves them out, too.
    """
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        messages.report_all(error, model, report, at, omitted=omitted)
        repaired = _repaired(tree, error)
    for _ in range(MAX_REPAIRS):
        try:
            return model.model_validate(repaired)
        except ValidationError as error:
            repaired = _repaired(repaired, error)
    return None


def _repaired(tree: Any, error: ValidationError) -> Any:
    """``tree`` without the parts that ``error`` names, and with placeholders for missing ones."""
    for detail in error.errors(include_url=False, include_input=False, include_context=False):
        path = tuple(part for part in detail["loc"] if part != "[key]")
        replacement = PLACEHOLDERS.get(path[-1]) if detail["type"] == "missing" and path else None
        tree = _with(tree, path, replacement)
    return tree


def _with(tree: Any, path: PathKey, replacement: Any) -> Any:
    """``tree`` with ``replacement`` at ``path``, or without it for ``None``; only containers along the path are copied.

    A list is removed whole: without one item, the indices of the others would change.
    """
    if not path:
        return {}
    first, rest = path[0], path[1:]
    if isinstance(tree, dict):
        below = _with(tree.get(first), rest, replacement) if rest else replacement
        return {
            **{key: value for key, value in tree.items() if key != first},
            **({} if below is None else {first: below}),
        }
    if isinstance(tree, list) and isinstance(first, int) and first < len(tree) and rest:
        return [_with(item, rest, replacement) if index == first else item for index, item in enumerate(tree)]
    return None


def check_metadata(metadata: Metadata, kind: str, report: Report) -> None:
    """Report names, namespaces and labels that Kubernetes refuses."""
    naming.check_object_name(kind, metadata.name, report, ("metadata", "name"))
    if metadata.namespace:
        naming.check_label(metadata.namespace, report, ("metadata", "namespace"))
    naming.check_labels(metadata.labels, report, ("metadata", "labels"))


def annotations_of(metadata: Metadata) -> dict[str, str]:
    """The annotations without kubectl's copy of the whole document, which may hold secrets in plain text."""
    return {key: value for key, value in metadata.annotations.items() if key != LAST_APPLIED}


def without_bookkeeping(tree: Tree) -> Tree:
    """An object's tree without ``status`` and without what API servers and kubectl write into ``metadata``."""
    metadata = tree.get("metadata")
    kept = {key: value for key, value in tree.items() if key != "status"} if "status" in tree else tree
    if not isinstance(metadata, dict):
        return kept
    annotations = metadata.get("annotations")
    has_copy = isinstance(annotations, dict) and LAST_APPLIED in annotations
    if not has_copy and not any(key in metadata for key in BOOKKEEPING):
        return kept
    cleaned = {key: value for key, value in metadata.items() if key not in BOOKKEEPING}
    if isinstance(annotations, dict) and has_copy:
        cleaned["annotations"] = {key: value for key, value in annotations.items() if key != LAST_APPLIED}
    return {**kept, "metadata": cleaned}
