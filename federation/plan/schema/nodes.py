"""Turn a schema into nodes to check by: Kubernetes' own schemas, and those of custom types.

The two differ. A definition of Kubernetes lists every field, treats null as absent, and has quantities. The schema of a
custom type has the extensions of CustomResourceDefinitions, and rules for values.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from federation.plan.model.trees import mapping
from federation.plan.schema import kubernetes_rules, openapi
from federation.plan.schema.structure import ANY, SchemaNode

__all__ = ["node_of", "node_of_custom"]

_OBJECT_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_QUANTITY: Final = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_RULES: Final = (
    *("allOf", "anyOf", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maxProperties", "maximum"),
    *("minItems", "minLength", "minProperties", "minimum", "multipleOf", "not", "oneOf", "pattern", "uniqueItems"),
)
_FORMS: Final = ("byte", "date-time", "int32", "int64")


@cache
def node_of(version: str, definition: str) -> SchemaNode:
    """The node of ``definition`` in ``version`` of Kubernetes, which is one of ``openapi.versions()``."""
    return _book(version).of(definition)


@cache
def _book(version: str) -> "_Book":
    return _Book(openapi.release(version).definitions)


class _Book:
    """The definitions of one version, made into nodes at their first use."""

    def __init__(self, definitions: Mapping[str, Mapping[str, Any]]) -> None:
        self._definitions = definitions
        self._made: dict[str, SchemaNode] = {}

    def of(self, name: str) -> SchemaNode:
        """The node of a definition by name; ``ANY`` for a name without one."""
        name = kubernetes_rules.RECURSIVE.get(name, name)
        if name in self._made:
            return self._made[name]
        schema = self._definitions.get(name)
        if schema is None or name in kubernetes_rules.ANYTHING:
            return ANY
        node = self._made[name] = SchemaNode(name=name.rpartition(".")[2], lenient=True)
        self._fill(node, schema)
        self._correct(node, name)
        return node

    def _below(self, schema: Mapping[str, Any]) -> SchemaNode:
        if "$ref" in schema:
            return self.of(schema["$ref"].rpartition("/")[2])
        node = SchemaNode(lenient=True)
        self._fill(node, schema)
        return node

    def _fill(self, node: SchemaNode, schema: Mapping[str, Any]) -> None:
        choices = schema.get("oneOf", (schema,))
        node.types = frozenset(each for choice in choices for each in _types(choice) if each != "null")
        node.form = schema.get("format", "")
        node.required = tuple(schema.get("required", ()))
        node.words = tuple(schema.get("enum", ()))
        node.properties = {name: self._below(part) for name, part in schema.get("properties", {}).items()}
        if "items" in schema:
            node.items = self._below(schema["items"])
        others = schema.get("additionalProperties", "properties" not in schema)
        if isinstance(others, Mapping):
            node.others = self._below(others)
        elif others:
            node.others = ANY

    def _correct(self, node: SchemaNode, name: str) -> None:
        if name == _QUANTITY:
            node.form = "quantity"
        if node.name == "JSONSchemaProps":
            node.types |= {"boolean"}
        optional = kubernetes_rules.OPTIONAL.get(name, frozenset())
        node.required = tuple(each for each in node.required if each not in optional)
        for field, words in kubernetes_rules.WORDS.get(name, {}).items():
            place = node.properties.get(field.removesuffix("[]"))
            if place is not None and field.endswith("[]"):
                place = place.items
            if place is not None:
                place.words = ("", *words)


def _types(schema: Mapping[str, Any]) -> Iterable[str]:
    found = schema.get("type", ())
    return (found,) if isinstance(found, str) else found


def node_of_custom(schema: Any, kind: str, version: str) -> SchemaNode:
    """The node of a custom type called ``kind`` from its ``openAPIV3Schema``; ``version`` of
    Kubernetes gives the metadata of its objects. An invalid schema allows all: it is the definition's fault."""
    node = _custom(mapping(schema), kind)
    _embed(node, version)
    return node


def _embed(node: SchemaNode, version: str) -> None:
    text = SchemaNode(types=frozenset({"string"}))
    node.properties.update(apiVersion=text, kind=text, metadata=node_of(version, _OBJECT_META))
    node.properties.setdefault("status", ANY)
    _embed_below(node, version)


def _embed_below(node: SchemaNode, version: str) -> None:
    for part in [*node.properties.values(), node.items, node.others]:
        if part is None or part is ANY or part.lenient:
            continue
        if part.name == "embedded resource":
            part.required = tuple(sorted({*part.required, "apiVersion", "kind"}))
            _embed(part, version)
        else:
            _embed_below(part, version)


def _custom(schema: Mapping[str, Any], name: str = "") -> SchemaNode:
    if schema.get("x-kubernetes-embedded-resource") is True:
        name = "embedded resource"
    node = SchemaNode(name=name, types=_custom_types(schema), nullable=schema.get("nullable") is True)
    node.given = "default" in schema
    node.rules = {key: schema[key] for key in _RULES if key in schema}
    node.form = schema["format"] if schema.get("format") in _FORMS else ""
    if isinstance(schema.get("enum"), list):
        node.words = tuple(schema["enum"])
    if isinstance(schema.get("required"), list):
        node.required = tuple(each for each in schema["required"] if isinstance(each, str))
    properties = mapping(schema.get("properties"))
    node.properties = {key: _custom(mapping(part), key) for key, part in properties.items()}
    if "items" in schema:
        node.items = _custom(mapping(schema["items"]))
    node.others = _custom_others(schema)
    return node


def _custom_types(schema: Mapping[str, Any]) -> frozenset[str]:
    if schema.get("x-kubernetes-int-or-string") is True:
        return frozenset({"integer", "string"})
    kind = schema.get("type")
    return frozenset({kind}) if isinstance(kind, str) and kind else frozenset()


def _custom_others(schema: Mapping[str, Any]) -> SchemaNode | None:
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping):
        return _custom(others)
    keeps = schema.get("x-kubernetes-preserve-unknown-fields") is True or others is True
    return ANY if keeps or schema.get("type") != "object" else None
