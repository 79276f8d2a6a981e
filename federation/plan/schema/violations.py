"""Find every violation of a schema in an object, and word its message.

All violations are found, not only the first. A message names what is allowed. It does not repeat values, except a word
that is not among the allowed ones; in a Secret it does not repeat even that.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from federation.errors import suggestions
from federation.errors.report import described
from federation.errors.source import PathKey
from federation.plan.schema.structure import SchemaNode, form_fits, json_type, others_of

__all__ = ["Violation", "find_violations"]

_TYPES: Final = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}
_FORMS: Final = {
    "byte": ("is not base64", "encode it, as `base64` does"),
    "date-time": ("is no point in time", 'write it as "2030-01-31T12:00:00Z"'),
    "int32": ("is too large a number", "it must fit into 32 bits"),
    "int64": ("is too large a number", "it must fit into 64 bits"),
    "quantity": ("is no quantity", "write a number and a unit, such as 500m, 2, 64Mi or 1.5Gi"),
}
_MAX_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One violation, at ``path`` of the object. ``dropped``: API servers dropped the field silently."""

    path: PathKey
    message: str
    remedy: str = ""
    dropped: bool = False


def find_violations(node: SchemaNode, value: Any, path: PathKey = ()) -> Iterator[Violation]:
    """All violations of ``node`` in ``value``, which is at ``path``."""
    given = json_type(value)
    if given == "null":
        if node.nullable or (node.lenient and not node.required):
            return
        value, given = ({}, "object") if node.lenient else (None, "null")
    if node.types and given not in node.types and not (given == "integer" and "number" in node.types):
        yield _wrong_type(node, value, given, path)
        return
    if node.words and value not in node.words:
        yield _wrong_word(node, value, path)
        return
    if not form_fits(node.form, value):
        message, remedy = _FORMS[node.form]
        yield Violation(path=path, message=message, remedy=remedy)
    if given == "object":
        yield from _within(node, value, path)
    elif given == "array" and node.items is not None:
        for index, item in enumerate(value):
            yield from find_violations(node.items, item, (*path, index))
    if node.rules:
        yield from _broken_rules(node, value, path)


def _within(node: SchemaNode, value: Mapping[str, Any], path: PathKey) -> Iterator[Violation]:
    for name in node.lacks(value):
        wanted = node.properties.get(name)
        remedy = f"{_owner(node)} needs it"
        if wanted is not None and wanted.types:
            remedy += f": {_allowed(wanted)}"
        yield Violation(path=(*path, name), message="has no value" if name in value else "is missing", remedy=remedy)
    for name, part in value.items():
        child = others_of(node, name)
        if child is None:
            # The provider (for Kubernetes' own kinds) and the API server drop it without a warning.
            message = f"{_owner(node)} has no field {json.dumps(name[:_MAX_SHOWN])}, so it never arrives"
            yield Violation(
                path=(*path, name), message=message, remedy=suggestions.remedy(name, _fields(node)), dropped=True
            )
        elif part is not None:
            yield from find_violations(child, part, (*path, name))


def _fields(node: SchemaNode) -> list[str]:
    return [name for name in node.properties if name != "status"]


def _owner(node: SchemaNode) -> str:
    return f"{'an' if node.name[:1].lower() in 'aeio' else 'a'} {node.name}" if node.name else "this mapping"


def _allowed(node: SchemaNode) -> str:
    return " or ".join(_TYPES[each] for each in sorted(node.types) if each in _TYPES)


def _wrong_type(node: SchemaNode, value: Any, given: str, path: PathKey) -> Violation:
    remedy = ""
    if "string" in node.types and given in ("integer", "number", "boolean"):
        remedy = "write it in quotes"
    elif given == "string" and node.types & {"integer", "number", "boolean"}:
        remedy = "write it without quotes" if isinstance(value, str) and _reads_as(node, value) else ""
    elif "array" in node.types:
        remedy = "start each item with '- ', or write [ ... ]"
    elif "object" in node.types and _fields(node):
        remedy = f"its keys may be {suggestions.listed(_fields(node))}"
    what = "a number with a fraction" if given == "number" and "integer" in node.types else _described(value)
    return Violation(path=path, message=f"must be {_allowed(node)}, and is {what}", remedy=remedy)


def _described(value: Any) -> str:
    return "text" if json_type(value) == "string" else described(value)


def _reads_as(node: SchemaNode, text: str) -> bool:
    if "boolean" in node.types and text in ("true", "false"):
        return True
    return bool(node.types & {"integer", "number"}) and bool(re.fullmatch(r"-?[0-9]{1,19}", text))


def _wrong_word(node: SchemaNode, value: Any, path: PathKey) -> Violation:
    words = [word for word in node.words if isinstance(word, str) and word]
    if isinstance(value, str):
        remedy, shown = suggestions.remedy(value, words), json.dumps(value[:_MAX_SHOWN])
        return Violation(path=path, message=f"{shown} is not allowed here", remedy=remedy)
    allowed = ", ".join(json.dumps(word) for word in node.words[:24])
    return Violation(path=path, message="this value is not allowed here", remedy=f"allowed: {allowed}")


def _broken_rules(node: SchemaNode, value: Any, path: PathKey) -> Iterator[Violation]:
    # Imported here: only custom types have rules, and the import takes longer than planning a demo.
    from jsonschema import Draft4Validator
    from jsonschema.exceptions import SchemaError, UnknownType
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    rules = dict(node.rules)
    if _refers(rules):
        return  # the API server takes no definition with references
    try:
        Draft4Validator.check_schema(rules)
        errors = list(Draft4Validator(rules, registry=Registry()).iter_errors(value))  # an empty one fetches nothing
    except (SchemaError, UnknownType, Unresolvable, re.error, ArithmeticError, RecursionError):
        return  # the API server checks such a rule: it may know patterns that Python does not
    for error in sorted(errors, key=lambda each: ([str(part) for part in each.absolute_path], str(each.validator))):
        message, remedy = _rule(str(error.validator), error.validator_value)
        yield Violation(path=(*path, *error.absolute_path), message=message, remedy=remedy)


def _refers(rules: Any) -> bool:
    if isinstance(rules, Mapping):
        return "$ref" in rules or any(_refers(each) for each in rules.values())
    return isinstance(rules, list | tuple) and any(_refers(each) for each in rules)


def _rule(keyword: str, limit: Any) -> tuple[str, str]:
    messages = {
        "pattern": "does not match the pattern of its definition",
        "minimum": "is too small",
        "maximum": "is too large",
        "minLength": "is too short",
        "maxLength": "is too long",
        "minItems": "has too few items",
        "maxItems": "has too many items",
        "minProperties": "has too few keys",
        "maxProperties": "has too many keys",
        "multipleOf": "is no multiple of what its definition says",
        "uniqueItems": "has an item twice",
    }
    shown = json.dumps(limit, sort_keys=True, default=str)
    remedy = f"{keyword}: {shown if len(shown) <= 2 * _MAX_SHOWN else '...'}"
    return messages.get(keyword, f"breaks the rule {keyword} of its definition"), remedy
