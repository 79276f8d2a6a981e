"""Build the JSON Schema of a document, by which editors complete and check while one writes.

It is made from the shapes that documents are read with, so that the two cannot differ in form. ``fed validate`` checks
what a schema cannot: names, members, and a template's own type.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from federation.api.model.types import FEDERATED_GROUP
from federation.api.reading.dispatch import BY_CONTROLLERS
from federation.api.reading.shapes import (
    DomainShape,
    FederatedShape,
    IngressRecordShape,
    KubeFedClusterShape,
    PreferenceShape,
    ServiceRecordShape,
    TypeConfigShape,
)
from federation.api.schema.catalogue import FederatedType

__all__ = ["DIALECT", "described", "document_schema", "tolerant"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
FEDERATED: Final = "types.kubefed.io/v1beta1"
OTHERS: Final[Mapping[str, tuple[str, type[BaseModel]]]] = {
    "Domain": ("multiclusterdns.kubefed.io/v1alpha1", DomainShape),
    "FederatedTypeConfig": ("core.kubefed.io/v1beta1", TypeConfigShape),
    "IngressDNSRecord": ("multiclusterdns.kubefed.io/v1alpha1", IngressRecordShape),
    "KubeFedCluster": ("core.kubefed.io/v1beta1", KubeFedClusterShape),
    "ReplicaSchedulingPreference": ("scheduling.kubefed.io/v1alpha1", PreferenceShape),
    "ServiceDNSRecord": ("multiclusterdns.kubefed.io/v1alpha1", ServiceRecordShape),
}
DESCRIPTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "FederatedSpec": {
        "overrides": "What differs in members, applied in this order.",
        "placement": "The members that get the object.",
        "propagateDependencies": "Plain objects among the documents that the pods name (ConfigMaps, Secrets, "
        "ServiceAccounts, PersistentVolumeClaims) go along.",
        "retainReplicas": "spec.replicas belongs to the owner that scales the object in a member.",
        "template": "The object, without its name and namespace.",
        "templateAnnotations": "KubeFed drops a template's annotations; keep keeps them.",
    },
    "OperationShape": {
        "op": "replace by default.",
        "path": "A JSON Pointer into the object, such as /spec/replicas.",
        "valueFrom": "A member value, or (Secrets) a key of the stack's config.",
    },
    "OverrideEntry": {
        "clusterName": "The member, by name.",
        "clusterOverrides": "The operations on the template.",
        "clusterSelector": "The members, by their labels, in place of clusterName.",
    },
    "PlacementShape": {
        "clusterSelector": "The members whose labels match; {} is all of them.",
        "clusters": "The members, by name; with it, clusterSelector is ignored.",
    },
    "PreferenceSpec": {
        "clusters": 'By member, or "*" for all others: weight, minReplicas, maxReplicas.',
        "intersectWithClusterSelector": "Only members that the workload's clusterSelector matches.",
        "rebalance": "Replicas that run may be moved.",
        "strategy": "kubefed divides as KubeFed does; monotone never takes a replica when the total grows.",
        "totalReplicas": "How many there are over all members.",
    },
    "ServiceRecordSpec": {
        "domainRef": "The federation, or a Domain document.",
        "policy": "How DNS answers are chosen; by default the stack's policy.",
        "recordTTL": "In seconds; 180 by default.",
        "weights": "By member, for a Service without replicas.",
    },
    "ValueFrom": {
        "cluster": "name, region, zone, provider, labels.<key> or annotations.<key>.",
        "config": "A key of the stack's config, encrypted.",
    },
}


def document_schema(kinds: Iterable[FederatedType]) -> dict[str, Any]:
    """The JSON Schema of one document; ``kinds`` are the federated kinds that are known."""
    models: list[type[BaseModel]] = [FederatedShape, *(shape for _, shape in OTHERS.values())]
    names, made = models_json_schema([(model, "validation") for model in models], by_alias=True)
    definitions: dict[str, Any] = tolerant(described(made["$defs"], DESCRIPTIONS))
    refs = {model: names[model, "validation"]["$ref"] for model in models}
    federated = {each.federated_kind: each for each in kinds}
    for kind, each in federated.items():
        text = f"A {each.target.kind} ({each.target.api_version}): template, placement, overrides."
        definitions[kind] = _document(kind, _api_version(each), refs[FederatedShape], text)
    for kind, (api_version, shape) in OTHERS.items():
        definitions[kind] = _document(kind, {"const": api_version}, refs[shape], str(shape.__doc__))
    definitions["OwnType"] = _own_type(refs[FederatedShape])
    known = sorted({*federated, *OTHERS})
    return {
        "$schema": DIALECT,
        "title": "A document of eks-federation",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {"apiVersion": {"type": "string"}, "kind": {"type": "string", "examples": known}},
        "allOf": [*(_if_kind(kind) for kind in known), _if_own(sorted(federated)), _if_none_of_these(known)],
        "$defs": dict(sorted(definitions.items())),
    }


def _api_version(each: FederatedType) -> dict[str, Any]:
    if each.federated_group == FEDERATED_GROUP:
        return {"const": FEDERATED}
    return {"type": "string", "pattern": f"^{re.escape(each.federated_group)}/"}


def _document(kind: str, api_version: Mapping[str, Any], ref: str, text: str) -> dict[str, Any]:
    return {
        "description": text,
        "allOf": [{"$ref": ref}],
        "properties": {"apiVersion": dict(api_version), "kind": {"const": kind}},
    }


def _own_type(ref: str) -> dict[str, Any]:
    """A federated kind that is not known: its template has to name its version."""
    named = {"template": {"required": ["apiVersion"]}}
    return {
        "description": "An object of a type of your own: its template names its apiVersion.",
        "allOf": [{"$ref": ref}],
        "required": ["spec"],
        "properties": {
            "kind": {"pattern": "^Federated[A-Z]"},
            "spec": {"required": ["template"], "properties": named},
        },
    }


def _if_kind(kind: str) -> dict[str, Any]:
    return {
        "if": {"required": ["kind"], "properties": {"kind": {"const": kind}}},
        "then": {"$ref": f"#/$defs/{kind}"},
    }


def _if_own(federated: list[str]) -> dict[str, Any]:
    properties = {"apiVersion": {"const": FEDERATED}, "kind": {"not": {"enum": federated}}}
    return {
        "if": {"required": ["apiVersion", "kind"], "properties": properties},
        "then": {"$ref": "#/$defs/OwnType"},
    }


def _if_none_of_these(known: list[str]) -> dict[str, Any]:
    """Any other document is a plain Kubernetes object, which has a name, or a list of documents."""
    others = [{"enum": sorted({*known, *BY_CONTROLLERS})}, {"pattern": "^Federated"}, {"pattern": "List$"}]
    unknown = {"kind": {"not": {"anyOf": others}}}
    named = {"metadata": {"type": "object", "required": ["name"]}}
    return {
        "if": {"required": ["kind"], "properties": unknown},
        "then": {
            "required": ["metadata"],
            "properties": {
                **named,
                "apiVersion": {"not": {"pattern": r"^(types|scheduling|multiclusterdns)\.kubefed\.io/"}},
            },
        },
    }


def described(definitions: Mapping[str, Any], texts: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """``definitions`` with ``texts``, by definition and field, as descriptions."""
    result = {}
    for name, schema in definitions.items():
        fields = schema.get("properties", {})
        properties = {
            field: {**part, "description": texts.get(name, {})[field]} if field in texts.get(name, {}) else part
            for field, part in fields.items()
        }
        result[name] = {**schema, "properties": properties} if fields else dict(schema)
    return result


def tolerant(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """``definitions`` whose mappings and optional fields may be null: a key without a value counts as absent.

    Types are widened, and no alternatives added, so that an editor still reports faults inside a mapping.
    """
    return {name: _or_null(_tolerant(schema)) for name, schema in definitions.items()}


def _tolerant(schema: Mapping[str, Any]) -> dict[str, Any]:
    required = schema.get("required", ())
    fields = {
        name: _bare(part) if name in required else _or_null(_bare(part))
        for name, part in schema.get("properties", {}).items()
    }
    return {**schema, "properties": fields} if fields else dict(schema)


def _bare(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "title" and not (key == "default" and value is None)}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    if not isinstance(kind, str) or kind == "null":
        return schema
    widened = {**schema, "type": [kind, "null"]}
    if "enum" in schema:
        widened["enum"] = [*schema["enum"], None]
    return widened
