"""The structure that a schema allows, and a fast check that a tree fits it.

Schemas are made into nodes once, and every object is checked against them. Most objects of a plan fit, and most share
most of their parts. ``Check.fits`` only answers yes or no, and remembers by identity which parts fitted. So a member
whose object differs in one field costs that field and its parents. (``jsonschema`` takes twenty times as long for one
Deployment.) ``federation.plan.schema.violations`` reports what does not fit, and why.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from federation.api.model.encoded import is_base64
from federation.api.model.secrets import SecretLiteral, SecretReference

__all__ = ["ANY", "Check", "SchemaNode", "form_fits", "json_type", "others_of"]

_LEAVES: Final[Mapping[str, frozenset[type]]] = {
    "string": frozenset({str, SecretLiteral, SecretReference}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
}
_RANGES: Final = {"int32": 2**31, "int64": 2**63}
_QUANTITY: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?\Z")
_DATE_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})\Z"
)


@dataclass(slots=True, eq=False, kw_only=True)
class SchemaNode:
    """The values allowed at one place. It is filled in after it is made, because definitions refer to themselves.

    ``name`` is the name in messages; ``types`` are JSON's, empty for any; ``others`` is the node of a key that is not
    among ``properties`` (``None``: no such key is allowed). ``words`` are the only values allowed, ``form`` is the
    format of a leaf, ``rules`` are the keywords that ``jsonschema`` checks. ``nullable``: null is a value here, while
    elsewhere it counts as absent. ``lenient``: an item of a list may be null too. ``given``: it has a default when
    absent.
    """

    name: str = ""
    types: frozenset[str] = frozenset()
    properties: dict[str, "SchemaNode"] = field(default_factory=dict)
    others: "SchemaNode | None" = None
    items: "SchemaNode | None" = None
    required: tuple[str, ...] = ()
    words: tuple[Any, ...] = ()
    form: str = ""
    rules: Mapping[str, Any] = field(default_factory=dict)
    nullable: bool = False
    lenient: bool = False
    given: bool = False

    @property
    def leaves(self) -> frozenset[type]:
        """The Python types whose values always fit."""
        if self.words or self.form or self.rules:
            return frozenset()
        return _leaves(self.types)

    def lacks(self, value: Mapping[str, Any]) -> list[str]:
        """The required fields that ``value`` lacks."""
        return [name for name in self.required if value.get(name) is None and not self._does_without(name, value)]

    def _does_without(self, name: str, value: Mapping[str, Any]) -> bool:
        wanted = self.properties.get(name)
        return wanted is not None and (wanted.given or (wanted.nullable and name in value))


@cache
def _leaves(types: frozenset[str]) -> frozenset[type]:
    return frozenset().union(*(_LEAVES[each] for each in types if each in _LEAVES))


ANY: Final = SchemaNode()
"""The node that every value fits."""
ANY.others, ANY.items = ANY, ANY


def others_of(node: SchemaNode, key: str) -> SchemaNode | None:
    """The node of the key ``key`` of an object; ``None`` when no such key is allowed."""
    return node.properties.get(key) or node.others


def json_type(value: Any) -> str:
    """JSON's name for the type of ``value``; a secret is text."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str() | SecretLiteral() | SecretReference():
            return "string"
        case list() | tuple():
            return "array"
    return "object"


def form_fits(form: str, value: Any) -> bool:
    """Whether a leaf of the right type has the format ``form``; true for an unknown format, and for a secret."""
    if form in _RANGES and isinstance(value, int):
        return -_RANGES[form] <= value < _RANGES[form]
    if not isinstance(value, str):
        return True
    match form:
        case "quantity":
            return bool(_QUANTITY.match(value))
        case "date-time":
            return bool(_DATE_TIME.match(value))
        case "byte":
            return is_base64(value)
    return True


class Check:
    """Check the objects of one plan. It keeps the parts that it has checked, so that their ids are not used again."""

    def __init__(self) -> None:
        self._fitting: dict[tuple[int, int], Any] = {}
        self._leaves: dict[int, frozenset[type]] = {}

    def fits(self, node: SchemaNode, value: Any) -> bool:
        """Whether ``value`` fits ``node`` in all its parts; false where ``node.rules`` are still to be checked."""
        if node is ANY:
            return True
        key = (id(node), id(value))
        if key in self._fitting:
            return True
        if type(value) is dict or isinstance(value, Mapping):
            fitting = self._object_fits(node, value)
        elif isinstance(value, list | tuple):
            fitting = self._list_fits(node, value)
        else:
            return _leaf_fits(node, value)
        if fitting:
            self._fitting[key] = value
        return fitting

    def _object_fits(self, node: SchemaNode, value: Mapping[str, Any]) -> bool:
        if (node.types and "object" not in node.types) or node.rules or node.words or node.lacks(value):
            return False
        properties, others = node.properties, node.others
        for name, part in value.items():
            child = properties.get(name, others)
            if child is None:
                return False
            if part is None or type(part) in self._plain(child):
                continue
            if not self.fits(child, part):
                return False
        return True

    def _list_fits(self, node: SchemaNode, value: list[Any] | tuple[Any, ...]) -> bool:
        if (node.types and "array" not in node.types) or node.rules or node.words:
            return False
        items = node.items or ANY
        plain = self._plain(items)
        return all(type(part) in plain or (part is not None and self.fits(items, part)) for part in value)

    def _plain(self, node: SchemaNode) -> frozenset[type]:
        leaves = self._leaves.get(id(node))
        if leaves is None:
            leaves = self._leaves[id(node)] = node.leaves
        return leaves


def _leaf_fits(node: SchemaNode, value: Any) -> bool:
    if node.rules or (node.words and value not in node.words):
        return False
    given = json_type(value)
    allowed = given in node.types or (given == "integer" and "number" in node.types)
    return (allowed or not node.types) and form_fits(node.form, value)
