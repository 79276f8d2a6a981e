"""Build the JSON Schema of a stack's config, for editors.

It is made from the models that the config is read with.
"""

from typing import Any, Final

from pydantic.json_schema import models_json_schema

from federation.api.config.stack import FEDERATION_KEYS, NAMESPACE
from federation.api.model.members import DnsSettings, FederationSettings, GuardSettings, Member, PlanSettings
from federation.api.schema.document_schema import DIALECT, tolerant

__all__ = ["config_schema"]

MODELS: Final = (DnsSettings, FederationSettings, GuardSettings, Member, PlanSettings)
USED: Final = frozenset({*(model.__name__ for model in MODELS), "Addons", "Network", "Nodes"})
SECRET: Final = {"type": "object", "required": ["secure"]}


def config_schema() -> dict[str, Any]:
    """The JSON Schema of ``Pulumi.<stack>.yaml``; keys of other programs and of Pulumi itself are left open."""
    _, made = models_json_schema([(model, "validation") for model in MODELS], by_alias=True)
    definitions = tolerant(made["$defs"])
    _keep(definitions["FederationSettings"], set(FEDERATION_KEYS))
    _keep(definitions["Member"], set(definitions["Member"]["properties"]) - {"name"})  # the key is its name
    keys = {
        "federation": {"$ref": "#/$defs/FederationSettings"},
        "members": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"$ref": "#/$defs/Member"},
        },
        "workloads": {"type": "array", "items": {"type": "string"}},
        "plan": {"$ref": "#/$defs/PlanSettings"},
        "guard": {"$ref": "#/$defs/GuardSettings"},
        "dns": {"$ref": "#/$defs/DnsSettings"},
    }
    config = {
        "type": "object",
        "required": [f"{NAMESPACE}:federation", f"{NAMESPACE}:members"],
        "properties": {f"{NAMESPACE}:{key}": schema for key, schema in keys.items()},
        # Values that documents refer to; a mapping or a list can only be a mistyped key.
        "patternProperties": {
            f"^{NAMESPACE}:(?!({'|'.join(keys)})$)": {"anyOf": [{"not": {"type": ["object", "array"]}}, SECRET]}
        },
    }
    return {
        "$schema": DIALECT,
        "title": "A stack of eks-federation",
        "type": "object",
        "properties": {"config": config},
        "$defs": {name: schema for name, schema in sorted(definitions.items()) if name in USED},
    }


def _keep(schema: dict[str, Any], keys: set[str]) -> None:
    schema["properties"] = {name: part for name, part in schema["properties"].items() if name in keys}
    schema["required"] = [name for name in schema.get("required", ()) if name in keys]
