"""Turn Pydantic's errors into faults that people can read.

Pydantic gives the place and the broken rule; the allowed values, the nearest word and the remedy are added here. Its
own messages are not used: they repeat the input, which may be secret, and name Python's types.
"""

import re
from collections.abc import Collection, Mapping
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from federation.errors import suggestions
from federation.errors.report import Report, described
from federation.errors.source import PathKey

__all__ = ["allowed_keys", "report_all"]

MISSING: Final[Mapping[str, str]] = {
    "apiEndpoint": "write the address of its API server",
    "apiVersion": "a document starts with apiVersion and kind",
    "clusterName": "name the member, or use clusterSelector",
    "domain": "write the zone's DNS name, such as domain: fed.example.com",
    "domainRef": "write the name of a Domain document, or of the federation",
    "federatedType": "write the group, version, kind, pluralName and scope of the federated type",
    "kind": "a document starts with apiVersion and kind",
    "metadata": "write metadata: {name: ..., namespace: ...}",
    "name": "give it a name",
    "operator": "allowed: DoesNotExist, Exists, In, NotIn",
    "path": "write the path of the value, such as path: /spec/replicas",
    "propagation": "write Enabled or Disabled",
    "scope": "write Namespaced or Cluster",
    "secretRef": "write {name: ...}",
    "spec": "write its fields under spec",
    "targetKind": "write the kind of the workload, such as targetKind: FederatedDeployment",
    "targetType": "write the group, version, kind, pluralName and scope of the type it stands for",
    "totalReplicas": "write the number of replicas over all members, such as totalReplicas: 15",
}
UNKNOWN: Final[Mapping[str, str]] = {
    "clusterNames": "write clusters: [{name: ...}], as KubeFed has it since its beta",
    "generateName": "write name: objects in several clusters need one name that is known beforehand",
    "matchLabels": "write it below clusterSelector",
    "spec": "this kind has its fields at the top level, as in domain: fed.example.com",
    "replicas": "a federated workload has its replicas at spec.template.spec.replicas",
}
REFUSED: Final[Mapping[str, str]] = {
    "FederatedCronJob": "a CronJob makes its Jobs in each member: override /spec/jobTemplate/spec/parallelism there",
}
"""Remedies for values that users may expect to be allowed."""
TYPES: Final[Mapping[str, str]] = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "float_type": "a number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "list_type": "a list",
    "mapping_type": "a mapping",
    "model_attributes_type": "a mapping",
    "model_type": "a mapping",
    "string_type": "text",
    "tuple_type": "a list",
}


def report_all(
    error: ValidationError,
    model: type[BaseModel],
    report: Report,
    at: PathKey = (),
    *,
    omitted: Collection[str] = (),
) -> None:
    """Add a fault to ``report`` for each error in ``error``, raised on reading ``model`` at the path ``at``.

    ``omitted`` are keys of the model that users never write: they are not listed as allowed.
    """
    for detail in error.errors(include_url=False):
        path = tuple(part for part in detail["loc"] if part != "[key]")
        quoted = report.quoted(detail["input"], (*at, *path))
        message, remedy = _message_and_remedy(detail, model, path, quoted, omitted, hidden=report.hidden)
        tolerated = detail["type"] == "extra_forbidden"
        report.error((*at, *path), message, remedy, tolerated=tolerated)


def _message_and_remedy(
    detail: ErrorDetails, model: type[BaseModel], path: PathKey, quoted: str, omitted: Collection[str], *, hidden: bool
) -> tuple[str, str]:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    last = path[-1] if path else ""
    if kind == "extra_forbidden":
        allowed = [key for key in allowed_keys(model, path[:-1]) if key not in omitted]
        return _unknown(str(last), value, allowed)
    if kind == "missing":
        return _missing(path, value)
    if kind in TYPES:
        received = quoted if isinstance(value, float) else described(value)
        return f"must be {TYPES[kind]}, and is {received}", _type_remedy(kind, value, model, path)
    if kind == "literal_error":
        allowed = [word for word in re.findall(r"'([^']*)'", str(context["expected"])) if word]
        remedy = REFUSED.get(str(value)) or suggestions.remedy("" if hidden else str(value), allowed)
        return f"{quoted} is not allowed here", remedy
    if kind in ("greater_than_equal", "less_than_equal"):
        low = kind == "greater_than_equal"
        limit = context["ge" if low else "le"]
        return f"must be at {'least' if low else 'most'} {limit}, and is {quoted}", ""
    if kind == "string_too_short":
        return "must not be empty", MISSING.get(str(last), "")
    if kind == "string_pattern_mismatch":
        remedy = "use lower-case letters, digits and '-', at most 63, with a letter or digit first and last"
        return f"{quoted} is not a name", remedy
    if kind == "value_error":
        return str(context["error"]), ""
    return f"{quoted} is not allowed here", f"it breaks the rule {kind}"


def _missing(path: PathKey, holder: object) -> tuple[str, str]:
    key = str(path[-1])
    present = isinstance(holder, dict) and key in holder
    return "has no value" if present else "is missing", MISSING.get(key, "")


def _unknown(key: str, value: object, allowed: list[str]) -> tuple[str, str]:
    message = "this key is not known here"
    if key in UNKNOWN and "totalReplicas" not in allowed:
        return message, f"{UNKNOWN[key]} (allowed: {suggestions.listed(allowed)})"
    if "template" in allowed and isinstance(value, dict | list) and not suggestions.nearest(key, allowed):
        return message, f"does it belong below spec.template? (allowed: {suggestions.listed(allowed)})"
    return message, suggestions.remedy(key, allowed)


def _type_remedy(kind: str, value: object, model: type[BaseModel], path: PathKey) -> str:
    if kind == "string_type" and isinstance(value, bool | int | float):
        return "write it in quotes"
    if kind in ("int_type", "bool_type") and isinstance(value, str):
        return "write it without quotes"
    if kind.startswith("model") or kind == "dict_type":
        allowed = allowed_keys(model, path)
        if allowed == ["name"]:
            return "write {name: ...}"
        return f"its keys may be {suggestions.listed(allowed)}" if allowed else ""
    if kind in ("list_type", "tuple_type"):
        return "start each item with '- ', or write [ ... ]"
    return ""


def allowed_keys(model: type[BaseModel], path: PathKey) -> list[str]:
    """The allowed keys at ``path`` of a document of ``model``, sorted; none where every key is allowed."""
    annotation: Any = model
    for part in path:
        annotation = _below(_plain(annotation), part)
    annotation = _plain(annotation)
    if not _is_model(annotation):
        return []
    return sorted(info.alias or name for name, info in annotation.model_fields.items() if not _bookkeeping(name, info))


def _bookkeeping(name: str, info: Any) -> bool:
    """Whether only API servers write this field: it is allowed, and never suggested."""
    return info.annotation is Any and name != "value"


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _plain(annotation: Any) -> Any:
    """An annotation without ``| None`` and without constraints."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        kept = [part for part in get_args(annotation) if part is not type(None)]
        return _plain(kept[0])
    return annotation


def _below(annotation: Any, part: str | int) -> Any:
    if _is_model(annotation):
        fields = annotation.model_fields.items()
        return next((info.annotation for name, info in fields if part in (info.alias, name)), None)
    arguments = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    return arguments[-1] if arguments else None
