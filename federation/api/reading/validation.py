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

__all__ = ["BOOKKEEPING", "annotations_of", "check_metadata", "read", "without_bookkeeping"]

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
"""What stands for a required value that is missing, while the rest of its document is looked at."""

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
"""Fields of ``metadata`` that an API server writes: of no use, or in the way, in what is sent to another one."""


def read(
    model: type[Form], tree: Tree, report: Report, at: PathKey = (), *, omitted: Collection[str] = ()
) -> Form | None:
    """``tree`` as a ``model``. What does not fit is reported and left out, so that the rest can be checked as well:
    a value that comes of a failed report is for finding more faults only. ``None`` when nothing can be made of it.

    ``tree`` stands at ``at`` of its file; ``omitted`` are keys of the model that nobody writes.
    With ``strictness: warn`` unknown keys are warnings, and leaving them out is what an API server does, too.
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
    """``tree`` without what ``error`` is about, and with something in the place of what is missing."""
    for detail in error.errors(include_url=False, include_input=False, include_context=False):
        path = tuple(part for part in detail["loc"] if part != "[key]")
        replacement = PLACEHOLDERS.get(path[-1]) if detail["type"] == "missing" and path else None
        tree = _with(tree, path, replacement)
    return tree


def _with(tree: Any, path: PathKey, replacement: Any) -> Any:
    """``tree`` with ``replacement`` at ``path`` (``None``: without it; a list would lose its count, so it goes whole);
    new containers along the path only."""
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
    """The annotations without kubectl's copy of the whole document, which may hold secrets in the clear."""
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
