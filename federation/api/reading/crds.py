"""Find the types that the CustomResourceDefinitions among the documents define.

They are read before the other documents, because only they state whether a custom type is namespaced, and what its
plural is. A faulty definition defines nothing here; its faults are reported when it is read as a document.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from federation.api.model.federated import TargetType
from federation.api.model.types import plural

__all__ = ["KIND", "defined", "target_of"]

KIND: Final = "CustomResourceDefinition"


def defined(trees: Iterable[Any]) -> dict[tuple[str, str], TargetType]:
    """The types that federated definitions among ``trees`` define, in their stored version, by group and kind."""
    candidates = (target_of(_below(tree, "spec", "template")) for tree in trees if _is_definition(tree))
    return {(target.group, target.kind): target for target in candidates if target is not None}


def _is_definition(tree: Any) -> bool:
    return isinstance(tree, dict) and tree.get("kind") == f"Federated{KIND}"


def target_of(template: Mapping[str, Any]) -> TargetType | None:
    """The type that a CustomResourceDefinition defines; ``None`` when the definition is incomplete."""
    spec = _below(template, "spec")
    names = _below(spec, "names")
    group, kind, scope = spec.get("group"), names.get("kind"), spec.get("scope")
    version = _version(spec.get("versions"))
    if not (isinstance(group, str) and isinstance(kind, str) and kind and scope in ("Namespaced", "Cluster")):
        return None
    plural_name = names.get("plural")
    return TargetType(
        group=group,
        version=version,
        kind=kind,
        plural=plural_name if isinstance(plural_name, str) and plural_name else plural(kind),
        namespaced=scope == "Namespaced",
    )


def _version(versions: Any) -> str:
    """The stored version; the first one when none is marked as stored."""
    candidates = [each for each in versions if isinstance(each, dict)] if isinstance(versions, list) else []
    chosen = next((each for each in candidates if each.get("storage") is True), candidates[0] if candidates else {})
    return str(chosen.get("name") or "v1")


def _below(tree: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}
