"""Turn the published schemas of Kubernetes, and those of custom types, into validators of ``jsonschema-rs``.

Neither is plain JSON Schema. Kubernetes has quantities and texts that may be numbers, and its API server knows more
than it publishes (``kubernetes_rules``). Custom types have extensions, and rules for values. Both use Draft 4.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from jsonschema_rs import Draft4Validator

from federation.api.model.encoded import is_base64
from federation.plan.model.trees import mapping, texts
from federation.plan.schema import kubernetes_rules, openapi

__all__ = ["RULES", "Schema", "schema_of", "schema_of_custom"]

RULES: Final = "x-rules"
"""The key that marks the rules of a custom type for values at one place. Its structure stands around them."""

_OBJECT_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_QUANTITY: Final = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_KEYWORDS: Final = (
    *("allOf", "anyOf", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maxProperties", "maximum"),
    *("minItems", "minLength", "minProperties", "minimum", "multipleOf", "not", "oneOf", "pattern", "uniqueItems"),
)
_TYPES: Final = frozenset({"array", "boolean", "integer", "number", "object", "string"})
_LIMITS: Final = {"int32": 2**31, "int64": 2**63}
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?\Z")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})\Z"
)
_FORMATS: Final[dict[str, Callable[..., bool]]] = {
    "byte": is_base64,
    "date-time": lambda text: bool(_MOMENT.match(text)),
    "quantity": lambda text: bool(_NUMBER.match(text)),
}
_Tree = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schema:
    """A schema, and what checks by it. The ``definitions`` of ``tree`` are those of Kubernetes."""

    tree: Mapping[str, Any]
    validator: Draft4Validator


@cache
def schema_of(version: str, definition: str) -> Schema:
    """The schema ``definition`` of ``version`` of Kubernetes, which is one of ``openapi.versions()``."""
    definitions = _definitions(version)
    return _compiled(definitions.reference(definition), definitions)


def schema_of_custom(schema: Any, kind: str, version: str) -> Schema:
    """The schema of a custom type called ``kind`` from its ``openAPIV3Schema``.

    ``version`` of Kubernetes describes the metadata of its objects. An invalid schema allows all: it is the fault of
    the definition.
    """
    definitions = _definitions(version)
    try:
        return _compiled(_of_object(_custom(mapping(schema), definitions, kind), definitions), definitions)
    except (ValueError, RecursionError):
        return _compiled({}, definitions)


def _compiled(schema: _Tree, definitions: "_Definitions") -> Schema:
    tree = {**schema, "definitions": definitions.made}
    return Schema(tree=tree, validator=Draft4Validator(tree, formats=_FORMATS, validate_formats=True, offline=True))


@cache
def _definitions(version: str) -> "_Definitions":
    return _Definitions(openapi.release(version).definitions)


class _Definitions:
    """The definitions of one version, each adapted at its first use."""

    def __init__(self, published: Mapping[str, Mapping[str, Any]]) -> None:
        self._published = published
        self.made: dict[str, _Tree] = {}

    def reference(self, name: str) -> _Tree:
        """A reference to a definition by name; a schema that allows all for a name without one."""
        name = kubernetes_rules.RECURSIVE.get(name, name)
        if name not in self._published or name in kubernetes_rules.ANYTHING:
            return {}
        if name not in self.made:
            made = self.made[name] = {"title": name.rpartition(".")[2]}  # first: definitions refer to themselves
            made.update(self._adapted(self._published[name], kubernetes_rules.OPTIONAL.get(name, frozenset())))
            _correct(made, name)
        return {"$ref": f"#/definitions/{name}"}

    def _adapted(self, schema: Mapping[str, Any], optional: frozenset[str] = frozenset()) -> _Tree:
        if "$ref" in schema:
            return self.reference(schema["$ref"].rpartition("/")[2])
        types = {each for choice in schema.get("oneOf", (schema,)) for each in _types(choice)}
        others = schema.get("additionalProperties", "properties" not in schema)
        made = _leaf(types & _TYPES, schema.get("format"), schema.get("enum"))
        made["properties"] = {name: self._adapted(part) for name, part in schema.get("properties", {}).items()}
        made["additionalProperties"] = self._adapted(others) if isinstance(others, Mapping) else others
        if "items" in schema:
            made["items"] = self._adapted(schema["items"])
        return made | _required(set(schema.get("required", ())) - optional)


def _types(schema: Mapping[str, Any]) -> Iterable[str]:
    found = schema.get("type", ())
    return (found,) if isinstance(found, str) else found


def _correct(made: _Tree, name: str) -> None:
    if name == _QUANTITY:
        made["format"] = "quantity"
    if made["title"] == "JSONSchemaProps":
        made["type"].append("boolean")
    for field, words in kubernetes_rules.WORDS.get(name, {}).items():
        place = made["properties"].get(field.removesuffix("[]"))
        if place is not None:
            (place["items"] if field.endswith("[]") else place)["enum"] = ["", *words]


def _leaf(types: Iterable[str], form: Any, words: Any) -> _Tree:
    made: _Tree = {"type": sorted(types)} if types else {}
    if form in tuple(_LIMITS):  # a tuple, as the format of a custom type may be anything
        made |= {"format": form, "minimum": -_LIMITS[form], "maximum": _LIMITS[form] - 1}
    elif form in ("byte", "date-time"):
        made["format"] = form
    return {**made, "enum": words} if isinstance(words, list) and words else made


def _required(names: Iterable[str]) -> _Tree:
    return {"required": sorted(names)} if names else {}


def _custom(schema: Mapping[str, Any], definitions: _Definitions, name: str = "") -> _Tree:
    parts = {key: mapping(part) for key, part in mapping(schema.get("properties")).items()}
    made = {**_leaf(_custom_types(schema), schema.get("format"), schema.get("enum")), "title": name, **_rules(schema)}
    if schema.get("nullable") is True:
        made |= {key: [*made[key], null] for key, null in (("type", "null"), ("enum", None)) if key in made}
    made["properties"] = {key: _custom(part, definitions, key) for key, part in parts.items()}
    made["additionalProperties"] = _custom_others(schema, definitions)
    if "items" in schema:
        made["items"] = _custom(mapping(schema["items"]), definitions)
    # What has a default is never absent.
    required = {each for each in texts(schema.get("required")) if "default" not in parts.get(each, ())}
    for each in required & {key for key, part in parts.items() if part.get("nullable") is not True}:
        made["properties"][each].setdefault("type", sorted(_TYPES))  # anything but null
    if schema.get("x-kubernetes-embedded-resource") is not True:
        return made | _required(required)
    made |= {"title": "embedded resource", **_required({*required, "apiVersion", "kind"})}
    return _of_object(made, definitions)


def _of_object(made: _Tree, definitions: _Definitions) -> _Tree:
    text = {"type": ["string"]}
    metadata = definitions.reference(_OBJECT_META)
    properties = {"status": {}, **made["properties"], "apiVersion": text, "kind": text, "metadata": metadata}
    return {**made, "properties": properties}


def _custom_types(schema: Mapping[str, Any]) -> Iterable[str]:
    if schema.get("x-kubernetes-int-or-string") is True:
        return ("integer", "string")
    kind = schema.get("type")
    return (kind,) if isinstance(kind, str) and kind in _TYPES else ()


def _custom_others(schema: Mapping[str, Any], definitions: _Definitions) -> _Tree | bool:
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping):
        return _custom(others, definitions)
    keeps = schema.get("x-kubernetes-preserve-unknown-fields") is True or others is True
    return keeps or schema.get("type") != "object"


def _rules(schema: Mapping[str, Any]) -> _Tree:
    """The rules for values at one place; none where the API server takes no such rule, or reads it otherwise."""
    rules = {key: schema[key] for key in _KEYWORDS if key in schema}
    try:
        text = json.dumps(rules)
        Draft4Validator(rules, offline=True)
    except (TypeError, ValueError, RecursionError):
        return {}
    refers = '"$ref": "' in text or '"id": "' in text
    return {} if refers or not rules else {"allOf": [{**rules, RULES: True}]}
