"""Generate JSON Schemas of command output from the printed types, so that the two cannot differ."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from federation.api.schema.document_schema import DIALECT
from federation.errors.fault import Fault, Severity
from federation.errors.source import Source
from federation.plan.changes.diff import Change
from federation.plan.changes.infrastructure import Action
from federation.plan.changes.summary import NameCounts, ObjectCounts
from federation.plan.model import serialise
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import Plan
from federation.plan.model.serialise import API_VERSION
from federation.plan.views.explain import Explanation
from federation.plan.views.simulate import RemainingWorkload

__all__ = ["OUTPUTS", "output_schema"]

OUTPUTS: Final[Mapping[str, str]] = {
    "plan": "Plan",
    "explain": "Explanation",
    "simulate": "Simulation",
    "diff": "Diff",
    "observe": "Observation",
    "faults": "Faults",
}
"""By command, the kind that it prints; any command prints Faults instead when there are some."""

Schema = dict[str, Any]
_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_ANY: Final[Schema] = {}
_PLAIN: Final[Mapping[Any, Schema]] = {
    type(None): {"type": "null"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: _TEXT,
    Any: _ANY,
    Source: _TEXT,
}


def output_schema(command: str) -> Schema:
    """The schema of the JSON or YAML that ``command`` (a key of ``OUTPUTS``) prints."""
    schemas = _Schemas()
    kind = OUTPUTS[command]
    properties, optional = _PROPERTIES[kind](schemas)
    properties = {"apiVersion": {"const": API_VERSION}, "kind": {"const": kind}, **properties}
    schema = _object(properties, optional)
    return {"$schema": DIALECT, "title": kind, **schema, "$defs": dict(sorted(schemas.definitions.items()))}


class _Schemas:
    """Schemas of types; those of dataclasses are ``definitions``, by name."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}

    def schema_of(self, hint: Any) -> Schema:
        """The schema of values of the type ``hint``."""
        if hint in _PLAIN:
            return _PLAIN[hint]
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.schema_of(each) for each in arguments]}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.schema_of(arguments[1])}
        if origin in (tuple, list):
            return _list(self.schema_of(arguments[0]))
        if isinstance(hint, type) and is_dataclass(hint):
            return self._defined(hint)
        msg = f"no schema is known of {hint}"
        raise TypeError(msg)

    def properties(self, kind: type) -> dict[str, Schema]:
        """The schemas of a dataclass' fields, by the keys that they are printed under."""
        if kind is Fault:
            keys = dict.fromkeys(("place", "where", "message", "remedy"), _TEXT)
            return {"severity": {"enum": [str(each) for each in Severity]}, **keys}
        hints = get_type_hints(kind)
        printed = [each for each in fields(kind) if each.metadata.get("printed", True)]
        properties = {serialise.camel(each.name): self.schema_of(hints[each.name]) for each in printed}
        # -1 in an entry means no number, and is printed as null.
        return {**properties, "replicas": self.schema_of(int | None)} if kind is IndexEntry else properties

    def _defined(self, kind: type) -> Schema:
        if kind.__name__ not in self.definitions:
            self.definitions[kind.__name__] = {}  # a type that contains itself refers to this
            self.definitions[kind.__name__] = _object(self.properties(kind))
        return {"$ref": f"#/$defs/{kind.__name__}"}


def _object(properties: Mapping[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": sorted(set(properties) - set(optional)),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _by_name(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


_Properties = tuple[dict[str, Schema], tuple[str, ...]]
_TEXTS: Final = _list(_TEXT)
_NUMBER: Final[Schema] = {"type": ["integer", "null"]}


def _plan(schemas: _Schemas) -> _Properties:
    side = {"anyOf": [{"type": "null"}, _object({"weight": _NUMBER, "target": _TEXT})]}
    change = {"logicalName": _TEXT, "name": _TEXT, "identifier": _TEXT, "before": side, "after": side}
    guard = _object({"verdict": {"enum": ["passed", "refused"]}, "reasons": _TEXTS})
    exists = {"type": ["boolean", "null"]}
    state = _object({"known": schemas.schema_of(bool), "exists": exists, "reason": _TEXT}, ("reason",))
    zone = _object({"zone": _TEXT, "names": _TEXTS})
    kind = {"enum": ["add", "change", "remove"]}
    named = {"object": _TEXT, "field": _TEXT, "manager": _TEXT}
    conflict = _object({**named, "live": _ANY, "planned": _ANY, "takenBack": schemas.schema_of(bool)})
    removed = _object({**named, "value": _ANY, "removed": schemas.schema_of(bool)})
    live = {"fieldConflicts": _list(conflict), "removedFields": _list(removed), "notLookedAt": _by_name(_TEXT)}
    properties = {
        **schemas.properties(Plan),
        "transition": _transition(),
        "state": state,
        "guard": guard,
        "removedNames": zone,
        "infrastructure": _infrastructure(schemas),
        "renamed": _by_name(_TEXT),
        "recordChanges": _list(_object({**change, "change": kind})),
        "summary": _summary(schemas),
        **live,
    }
    return properties, tuple(live)


def _infrastructure(schemas: _Schemas) -> Schema:
    counts = {"before": _COUNT, "after": _COUNT, "standing": _by_name(_COUNT)}
    member = _object({"action": schemas.schema_of(Action), "changes": _TEXTS, **counts})
    return _object({"known": schemas.schema_of(bool), "members": _by_name(member)})


def _transition() -> Schema:
    counted = {change: _TEXTS for change in (*get_args(Change), "sealed") if change != "same"}
    return _object(
        {
            "known": {"type": "boolean"},
            "members": _by_name(_object({"same": _COUNT, **counted}, tuple(counted))),
            "replicas": _by_name(_by_name(_object({"before": _NUMBER, "after": _NUMBER}))),
            "fields": _by_name(_TEXTS),
        }
    )


def _summary(schemas: _Schemas) -> Schema:
    flags = {
        "known": schemas.schema_of(bool),
        "nothing": schemas.schema_of(bool),
        "line": _TEXT,
        "zonesRemoved": _COUNT,
        "clusters": _by_name(_COUNT),
    }
    return _object(
        {
            **flags,
            "objects": schemas.schema_of(ObjectCounts),
            "names": schemas.schema_of(NameCounts),
            "records": schemas.schema_of(NameCounts),
        }
    )


def _explanation(schemas: _Schemas) -> _Properties:
    own = schemas.properties(Explanation)
    of_object = _object({key: own.pop(key) for key in ("kind", "namespace", "name")})
    return {"object": of_object, **own}, ()


def _simulation(schemas: _Schemas) -> _Properties:
    dns = _object({"answered": _TEXTS, "silent": _TEXTS})
    workloads = _list(schemas.schema_of(RemainingWorkload))
    loss = _object({"lost": _TEXT, "members": _TEXTS, "workloads": workloads, "dns": dns, "dead": _TEXTS})
    return {"stack": _TEXT, "losses": _list(loss)}, ()


def _diff(_made: _Schemas) -> _Properties:
    field = _object({"path": _TEXT, "before": _ANY, "after": _ANY}, ("before", "after"))
    replicas = _object({"before": _NUMBER, "after": _NUMBER})
    change = {"enum": ["added", "changed", "removed"]}
    each = {"name": _TEXT, "change": change, "fields": _list(field), "replicas": replicas}
    differences = _list(_object(each, ("fields", "replicas")))
    return {"objects": differences, "records": differences, "uncompared": _TEXTS}, ()


def _observation(_made: _Schemas) -> _Properties:
    member = _object({"current": _COUNT, "capacity": _COUNT}, ("capacity",))
    workload = _object({"kind": _TEXT, "members": _by_name(member)})
    lists = {"nodes": _by_name(_COUNT), "workloads": _by_name(workload), "silent": _by_name(_TEXT)}
    return {"stack": _TEXT, "observedAt": _TEXT, **lists}, ()


def _faults(schemas: _Schemas) -> _Properties:
    return {"faults": _list(schemas.schema_of(Fault))}, ()


_PROPERTIES: Final = {
    "Plan": _plan,
    "Explanation": _explanation,
    "Simulation": _simulation,
    "Diff": _diff,
    "Observation": _observation,
    "Faults": _faults,
}
