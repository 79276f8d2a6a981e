"""Turn a plan into plain data for JSON and YAML output.

Secret values are hidden, and places are written as ``file:line``.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from federation.errors.fault import Fault
from federation.errors.source import Source
from federation.plan.model import digests
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import Plan

__all__ = ["API_VERSION", "camel", "fault_tree", "plain", "to_tree"]

API_VERSION: Final = "eks-federation/v1"
"""The version of every document that commands print. Removing a key, or changing its meaning, changes the version."""


def to_tree(plan: Plan) -> dict[str, Any]:
    """``plan`` as mappings, lists and plain values, with camelCase keys; the same plan gives the same tree.

    Keys of manifests and names of members are not changed. A fault is the text that people read, with its place.
    """
    tree = _plain(plan)
    tree["warnings"] = [fault_tree(fault) for fault in plan.warnings]
    return dict(tree)


def plain(value: Any) -> Any:
    """A part of a plan, or another value of the planner, as plain data in the same way."""
    return _plain(value)


def _plain(value: Any) -> Any:
    match value:
        case None | str() | int() | float():
            return value
        case Source():
            return str(value.place())
        case Fault():
            return fault_tree(value)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case IndexEntry():
            # -1 stands for no number.
            return {**_fields(value), "replicas": value.replicas if value.replicas >= 0 else None}
    if is_dataclass(value) and type(value).__module__.startswith("federation.plan."):
        return _fields(value)
    return _plain(digests.plain(value))


def _fields(value: Any) -> dict[str, Any]:
    return {
        camel(field.name): _plain(getattr(value, field.name))
        for field in fields(value)
        if field.metadata.get("printed", True)
    }


def fault_tree(fault: Fault) -> dict[str, Any]:
    """A fault as plain data: its place, what is wrong and the remedy."""
    return {
        "severity": str(fault.severity),
        "place": str(fault.place),
        "where": fault.where,
        "message": fault.message,
        "remedy": fault.remedy,
    }


def camel(name: str) -> str:
    """``loadBalancer`` of ``load_balancer``: the key that a field is printed under."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
