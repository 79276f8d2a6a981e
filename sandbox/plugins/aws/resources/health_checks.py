"""`route53.HealthCheck`: it removes a failed region from a DNS name."""

import uuid
from typing import Any

from sandbox.plugins.aws.call import Call, unless_missing
from sandbox.plugins.aws.resources.tagging import change_route53, read_route53
from sandbox.plugins.aws.schema import TAGS, ResourceType, Tree, flag, labels, number, text, texts

_TAGGED = "healthcheck"
_FIELDS = {
    "type": "Type",
    "fqdn": "FullyQualifiedDomainName",
    "ipAddress": "IPAddress",
    "port": "Port",
    "resourcePath": "ResourcePath",
    "searchString": "SearchString",
    "requestInterval": "RequestInterval",
    "failureThreshold": "FailureThreshold",
    "measureLatency": "MeasureLatency",
    "invertHealthcheck": "Inverted",
    "disabled": "Disabled",
    "enableSni": "EnableSNI",
    "childHealthThreshold": "HealthThreshold",
    "childHealthchecks": "ChildHealthChecks",
    "regions": "Regions",
    "insufficientDataHealthStatus": "InsufficientDataHealthStatus",
}
_ONLY_AT_CREATION = ("type", "requestInterval", "measureLatency")
_NUMBERS = ("port", "requestInterval", "failureThreshold", "childHealthThreshold")


def create(call: Call, inputs: Tree) -> str:
    """Make a health check."""
    reference = f"{inputs['referenceName']}-{uuid.uuid4()}" if inputs.get("referenceName") else str(uuid.uuid4())
    response = call.client("route53").create_health_check(
        CallerReference=reference[:64], HealthCheckConfig=_request(inputs, tuple(_FIELDS))
    )
    identifier = str(response["HealthCheck"]["Id"])
    change_route53(call, _TAGGED, identifier, {}, inputs)
    return identifier


def read(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a health check."""
    route53 = call.client("route53")
    response = unless_missing(lambda: route53.get_health_check(HealthCheckId=identifier))
    if response is None:
        return None
    config: Any = response["HealthCheck"]["HealthCheckConfig"]
    return {
        **{name: config.get(key) for name, key in _FIELDS.items()},
        "tags": read_route53(call, _TAGGED, identifier),
        "arn": f"arn:aws:route53:::healthcheck/{identifier}",
    }


def update(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change what Route 53 changes in place."""
    changeable = tuple(name for name in _FIELDS if name not in _ONLY_AT_CREATION)
    request = _request(new, changeable)
    if request != _request(old, changeable):
        call.client("route53").update_health_check(HealthCheckId=identifier, **request)
    change_route53(call, _TAGGED, identifier, old, new)


def delete(call: Call, identifier: str, _state: Tree) -> None:
    """Delete a health check."""
    unless_missing(lambda: call.client("route53").delete_health_check(HealthCheckId=identifier))


def _request(inputs: Tree, names: tuple[str, ...]) -> dict[str, Any]:
    given = {name: inputs[name] for name in names if inputs.get(name) is not None}
    return {_FIELDS[name]: int(value) if name in _NUMBERS else value for name, value in given.items()}


TYPES = (
    ResourceType(
        name="aws:route53/healthCheck:HealthCheck",
        properties={
            "type": text(required=True, replaces=True),
            "fqdn": text(),
            "ipAddress": text(),
            "port": number(),
            "resourcePath": text(),
            "searchString": text(),
            "requestInterval": number(replaces=True),
            "failureThreshold": number(computed=True),
            "measureLatency": flag(default=False, replaces=True),
            "invertHealthcheck": flag(),
            "disabled": flag(default=False),
            "enableSni": flag(computed=True),
            "childHealthThreshold": number(),
            "childHealthchecks": texts(),
            "regions": texts(),
            "insufficientDataHealthStatus": text(),
            "referenceName": text(replaces=True),
            "triggers": labels(),
            "tags": TAGS,
        },
        outputs=("arn",),
        create=create,
        read=read,
        update=update,
        delete=delete,
    ),
)
