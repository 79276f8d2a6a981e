"""Find every violation of a schema in an object, and word its message.

``jsonschema-rs`` says whether an object is valid, and what breaks the schema where. A message names what is allowed. It
does not repeat values, except a word that is not among the allowed ones; in a Secret it does not repeat even that.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jsonschema_rs import ValidationError

from federation.api.model.secrets import SecretLiteral, SecretReference
from federation.errors import suggestions
from federation.errors.report import described
from federation.errors.source import PathKey
from federation.plan.schema.schemas import RULES, Schema

__all__ = ["Violation", "find_violations"]

_TYPES: Final = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}
_FORMATS: Final = {
    "byte": ("is not base64", "encode it, as `base64` does"),
    "date-time": ("is not a point in time", 'write it as "2030-01-31T12:00:00Z"'),
    "int32": ("is too large a number", "it must fit into 32 bits"),
    "int64": ("is too large a number", "it must fit into 64 bits"),
    "quantity": ("is not a quantity", "write a number and a unit, such as 500m, 2, 64Mi or 1.5Gi"),
}
_RULES: Final = {
    "pattern": "does not match the pattern of its definition",
    "minimum": "is too small",
    "maximum": "is too large",
    "minLength": "is too short",
    "maxLength": "is too long",
    "minItems": "has too few items",
    "maxItems": "has too many items",
    "minProperties": "has too few keys",
    "maxProperties": "has too many keys",
    "multipleOf": "is not a multiple of what its definition says",
    "uniqueItems": "has an item twice",
}
_EXCLUSIVE: Final = {"exclusiveMaximum": "maximum", "exclusiveMinimum": "minimum"}
_MAX_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One violation, at ``path`` of the object. ``dropped``: API servers dropped the field silently."""

    path: PathKey
    message: str
    remedy: str = ""
    dropped: bool = False


def find_violations(schema: Schema, manifest: Mapping[str, Any]) -> Iterator[Violation]:
    """All violations of ``schema`` in ``manifest``."""
    try:
        if schema.validator.is_valid(manifest):
            return
    except ValueError:
        pass  # a secret stands in it
    errors, nulls = _errors(schema, _plain(manifest))
    first: dict[PathKey, int] = {}
    for error in errors:
        first[error.path] = min(error.rank, first.get(error.path, error.rank))
    for error in errors:
        if error.rank == first[error.path]:
            yield from _violations(schema, error, nulls)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Error:
    """An error of the library at ``path``, where ``node`` is the schema that it breaks.

    ``rank``: a wrong type hides a wrong word, and both hide all else at their place. ``ruled``: the schema is among the
    rules of a custom type for values. ``lenient``: it is Kubernetes' own, and takes a null item as an empty one.
    """

    path: PathKey
    keyword: str
    node: Mapping[str, Any]
    value: Any
    names: tuple[str, ...]
    rank: int
    ruled: bool
    lenient: bool


def _errors(schema: Schema, tree: Any) -> tuple[list[_Error], frozenset[PathKey]]:
    """The errors without the nulls of mappings that break a schema, and these nulls. They count as absent."""
    errors = [_error(schema, each) for each in schema.validator.iter_errors(tree)]
    nulls = frozenset(each.path for each in errors if each.value is None and isinstance((each.path or (0,))[-1], str))
    if nulls:
        errors = [_error(schema, each) for each in schema.validator.iter_errors(_without(tree, nulls))]
    return errors, nulls


def _error(schema: Schema, error: ValidationError) -> _Error:
    node: Any = schema.tree
    ruled = False
    *steps, keyword = error.schema_path
    for step in steps:
        node = node[step]
        ruled = ruled or (isinstance(node, Mapping) and node.get(RULES) is True)
    kind = error.kind
    name = getattr(kind, "property", None)
    return _Error(
        path=tuple(error.instance_path),
        keyword=str(keyword),
        node=node,
        value=error.instance,
        names=(name,) if name is not None else tuple(getattr(kind, "unexpected", ())),
        rank=2 if ruled else {"type": 0, "enum": 1}.get(str(keyword), 2),
        ruled=ruled,
        lenient=steps[:1] == ["definitions"],
    )


def _plain(value: Any) -> Any:
    """``value`` in the types of JSON; a secret is an empty text, which fits wherever a secret may stand."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return value.encode(errors="replace").decode()
        case SecretLiteral() | SecretReference():
            return ""
        case list() | tuple():
            return [_plain(each) for each in value]
    return {_plain(key): _plain(part) for key, part in value.items()} if isinstance(value, Mapping) else {}


def _without(value: Any, paths: frozenset[PathKey], at: PathKey = ()) -> Any:
    if isinstance(value, Mapping):
        return {key: _without(part, paths, (*at, key)) for key, part in value.items() if (*at, key) not in paths}
    if isinstance(value, list | tuple):
        return [_without(part, paths, (*at, index)) for index, part in enumerate(value)]
    return value


def _violations(schema: Schema, error: _Error, nulls: frozenset[PathKey]) -> Iterator[Violation]:
    node, path = error.node, error.path
    if error.ruled:
        yield _broken_rule(error)
    elif error.keyword == "type" and error.value is None and error.lenient:
        yield from (_missing(schema, error, name, nulls) for name in node.get("required", ()))
    elif error.keyword == "type":
        yield _wrong_type(error)
    elif error.keyword == "enum":
        yield _wrong_word(error)
    elif error.keyword == "required":
        # The library also calls a field missing that is there, but unknown: it compares the two only in number.
        yield from (_missing(schema, error, name, nulls) for name in error.names if error.value.get(name) is None)
    elif error.keyword == "additionalProperties":
        yield from (_unknown(error, name) for name in error.names)
    else:
        message, remedy = _FORMATS[node["format"]]
        yield Violation(path=path, message=message, remedy=remedy)


def _missing(schema: Schema, error: _Error, name: str, nulls: frozenset[PathKey]) -> Violation:
    wanted = error.node["properties"].get(name, {})
    if "$ref" in wanted:
        wanted = schema.tree["definitions"][wanted["$ref"].rpartition("/")[2]]
    remedy = f"{_owner(error.node)} needs it"
    if 0 < len(wanted.get("type", ())) < len(_TYPES):
        remedy += f": {_allowed(wanted)}"
    path = (*error.path, name)
    given = path in nulls or (error.value is not None and name in error.value)
    return Violation(path=path, message="has no value" if given else "is missing", remedy=remedy)


def _unknown(error: _Error, name: str) -> Violation:
    # The provider (for Kubernetes' own kinds) and the API server drop it without a warning.
    message = f"{_owner(error.node)} has no field {json.dumps(name[:_MAX_SHOWN])}, so it never arrives"
    remedy = suggestions.remedy(name, _fields(error.node))
    return Violation(path=(*error.path, name), message=message, remedy=remedy, dropped=True)


def _fields(node: Mapping[str, Any]) -> list[str]:
    return [name for name in node.get("properties", ()) if name != "status"]


def _owner(node: Mapping[str, Any]) -> str:
    title = node.get("title", "")
    return f"{'an' if title[:1].lower() in 'aeio' else 'a'} {title}" if title else "this mapping"


def _allowed(node: Mapping[str, Any]) -> str:
    return " or ".join(_TYPES[each] for each in sorted(node["type"]) if each in _TYPES)


def _wrong_type(error: _Error) -> Violation:
    value, types = error.value, frozenset(error.node["type"])
    remedy = ""
    if "string" in types and isinstance(value, bool | int | float):
        remedy = "write it in quotes"
    elif isinstance(value, str) and types & {"integer", "number", "boolean"}:
        remedy = "write it without quotes" if _reads_as(types, value) else ""
    elif "array" in types:
        remedy = "start each item with '- ', or write [ ... ]"
    elif "object" in types and _fields(error.node):
        remedy = f"its keys may be {suggestions.listed(_fields(error.node))}"
    given = "a number with a fraction" if isinstance(value, float) and "integer" in types else described(value)
    return Violation(path=error.path, message=f"must be {_allowed(error.node)}, and is {given}", remedy=remedy)


def _reads_as(types: frozenset[str], text: str) -> bool:
    if "boolean" in types and text in ("true", "false"):
        return True
    return bool(types & {"integer", "number"}) and bool(re.fullmatch(r"-?[0-9]{1,19}", text))


def _wrong_word(error: _Error) -> Violation:
    value, allowed = error.value, error.node["enum"]
    if isinstance(value, str):
        remedy = suggestions.remedy(value, [word for word in allowed if isinstance(word, str) and word])
        return Violation(
            path=error.path, message=f"{json.dumps(value[:_MAX_SHOWN])} is not allowed here", remedy=remedy
        )
    remedy = f"allowed: {', '.join(json.dumps(word) for word in allowed[:24])}"
    return Violation(path=error.path, message="this value is not allowed here", remedy=remedy)


def _broken_rule(error: _Error) -> Violation:
    keyword = _EXCLUSIVE.get(error.keyword, error.keyword)
    message = _RULES.get(keyword, f"breaks the rule {keyword} of its definition")
    shown = json.dumps(error.node.get(keyword), sort_keys=True, default=str)
    remedy = f"{keyword}: {shown if len(shown) <= 2 * _MAX_SHOWN else '...'}"
    return Violation(path=error.path, message=message, remedy=remedy)
