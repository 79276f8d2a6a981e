"""How is a tree looked into that has not been checked against a schema?

Manifests come as people wrote them. Whatever has not the shape that is looked for counts as absent here: the schema
check says what is wrong with it. ``dict`` is asked for first, since asking for an abstract ``Mapping`` costs ten times
as much, and these are the planner's most frequent questions.
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
