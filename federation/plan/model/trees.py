"""Read parts of a tree that has not been checked against a schema.

Manifests come as people wrote them. A part of the wrong type counts as absent here, and the schema check reports it.
``dict`` is tested first: testing for an abstract ``Mapping`` takes ten times as long, and the planner does this most
often.
"""

from collections.abc import Mapping
from typing import Any, Final

from federation.api.model.federated import Tree

__all__ = ["mapping", "mappings", "texts"]

_NOTHING: Final[Tree] = {}


def mapping(value: Any) -> Tree:
    """``value`` if it is a mapping, else an empty one."""
    if type(value) is dict or isinstance(value, Mapping):
        return value
    return _NOTHING


def mappings(value: Any) -> list[Tree]:
    """The mappings in ``value`` if it is a list, else none."""
    if not value or not isinstance(value, list | tuple):
        return []
    return [item for item in value if type(item) is dict or isinstance(item, Mapping)]


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list, without empty ones; none of anything else."""
    return tuple(each for each in value if isinstance(each, str) and each) if isinstance(value, list) else ()
