"""Read record sets from requests, compare them as Route53 does, and write them back.

Reading refuses what Route53's front door refuses (InvalidInput) before any zone is looked at: no or two kinds of
policy, an alias with a TTL, a weight that is none.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Action = Literal["CREATE", "DELETE", "UPSERT"]
Policy = Literal["simple", "weighted", "latency", "failover", "geolocation", "multivalue"]

_POLICY_FIELDS: Mapping[str, Policy] = {
    "Weight": "weighted",
    "Region": "latency",
    "Failover": "failover",
    "GeoLocation": "geolocation",
    "MultiValueAnswer": "multivalue",
}
_UNSUPPORTED = ("TrafficPolicyInstanceId", "CidrRoutingConfig", "GeoProximityLocation")
_PLACES = ("ContinentCode", "CountryCode", "SubdivisionCode")


class InvalidInputError(Exception):
    """A change that Route53 answers with InvalidInput, whatever stands in the zone."""


class InvalidValueError(Exception):
    """A value that Route53 answers with InvalidChangeBatch, whatever stands in the zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """An alias target; `dns_name` in lower case with its dot."""

    zone_id: str
    dns_name: str
    evaluate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSet:
    """One record set; `name` in lower case with its dot and Route53's escapes; the order of `values` means nothing."""

    name: str
    type: str
    policy: Policy = "simple"
    set_identifier: str = ""
    ttl: int | None = None
    values: frozenset[str] = frozenset()
    alias: Alias | None = None
    weight: int | None = None
    region: str | None = None
    failover: str | None = None
    geo: tuple[tuple[str, str], ...] = ()
    health_check_id: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """The key that identifies this record set."""
        return self.name, self.type, self.set_identifier

    @property
    def order(self) -> tuple[tuple[str, ...], str, str]:
        """Its place in Route53's listing: by labels from the right, then type, then set identifier."""
        return tuple(reversed(self.name.rstrip(".").split("."))), self.type, self.set_identifier

    @property
    def label(self) -> str:
        """Its name in Route53's messages."""
        identifier = f", set-identifier='{self.set_identifier}'" if self.set_identifier else ""
        return f"[name='{self.name}', type='{self.type}'{identifier}]"

    def fields(self) -> dict[str, Any]:
        """Write it with the API's names, values as plain strings, sorted."""
        optional: dict[str, Any] = {
            "SetIdentifier": self.set_identifier or None,
            "TTL": self.ttl,
            "ResourceRecords": sorted(self.values) or None,
            "Weight": self.weight,
            "Region": self.region,
            "Failover": self.failover,
            "GeoLocation": dict(self.geo) or None,
            "MultiValueAnswer": True if self.policy == "multivalue" else None,
            "HealthCheckId": self.health_check_id,
        }
        if self.alias:
            optional["AliasTarget"] = {
                "HostedZoneId": self.alias.zone_id,
                "DNSName": self.alias.dns_name,
                "EvaluateTargetHealth": self.alias.evaluate,
            }
        return {"Name": self.name, "Type": self.type, **{k: v for k, v in optional.items() if v is not None}}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a batch."""

    action: Action
    record: RecordSet


def escaped(name: str) -> str:
    """Write a DNS name as Route53 keeps it: lower case, with its dot, `*` as `\\052`."""
    return name.lower().rstrip(".").replace("*", "\\052") + "."


def read_change(change: Mapping[str, Any]) -> Change:
    """Read a change of a request.

    Raises:
        InvalidInputError: it is no change, or contradicts itself.
        InvalidValueError: a value does not fit the record's type.
        NotImplementedError: it uses a kind of routing that the sandbox does not have.
    """
    fields = change["ResourceRecordSet"]
    action: Action = change["Action"]
    _check_shape(fields, f"Change with [Action={action}, Name={fields['Name']}, Type={fields['Type']}, "
                         f"SetIdentifier={fields.get('SetIdentifier', 'null')}]")  # fmt: skip
    record = read_fields(fields)
    _check_values(record)
    return Change(action, record)


def read_fields(fields: Mapping[str, Any]) -> RecordSet:
    """Read a record set with the API's names; values may be strings or `{"Value": ...}`."""
    records = (v["Value"] if isinstance(v, dict) else v for v in fields.get("ResourceRecords") or [])
    target, geo = fields.get("AliasTarget"), fields.get("GeoLocation") or {}
    return RecordSet(
        name=escaped(fields["Name"]),
        type=fields["Type"],
        policy=next(iter(_policies(fields)), "simple"),
        set_identifier=fields.get("SetIdentifier") or "",
        ttl=None if fields.get("TTL") is None else int(fields["TTL"]),
        values=frozenset(records),
        alias=_read_alias(target) if target else None,
        weight=None if fields.get("Weight") is None else int(fields["Weight"]),
        region=fields.get("Region"),
        failover=fields.get("Failover"),
        geo=tuple((place, geo[place]) for place in _PLACES if geo.get(place)),
        health_check_id=fields.get("HealthCheckId"),
    )


def _read_alias(target: Mapping[str, Any]) -> Alias:
    return Alias(
        zone_id=target["HostedZoneId"].removeprefix("/hostedzone/"),
        dns_name=target["DNSName"].lower().rstrip(".") + ".",
        evaluate=str(target["EvaluateTargetHealth"]).lower() == "true",
    )


def _policies(fields: Mapping[str, Any]) -> list[Policy]:
    present = [name for name in _POLICY_FIELDS if fields.get(name) is not None]
    return [_POLICY_FIELDS[name] for name in present if name != "MultiValueAnswer" or fields[name] in (True, "true")]


def _check_shape(fields: Mapping[str, Any], where: str) -> None:
    for field in _UNSUPPORTED:
        if fields.get(field) is not None:
            raise NotImplementedError(f"{field} in {where}")
    alias, plain = fields.get("AliasTarget"), fields.get("TTL") is not None and fields.get("ResourceRecords")
    if bool(alias) == bool(plain) or (alias and (fields.get("TTL") is not None or fields.get("ResourceRecords"))):
        count = "more than one" if alias else "none"
        choice = "[AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]"
        raise InvalidInputError(f"Invalid request: Expected exactly one of {choice}, but found {count} in {where}")
    policies = _policies(fields)
    if len(policies) > 1 or (not policies and fields.get("SetIdentifier")):
        count = "more than one" if policies else "none"
        choice = "[Weight, Region, Failover, GeoLocation, or MultiValueAnswer]"
        raise InvalidInputError(f"Invalid request: Expected exactly one of {choice}, but found {count} in {where}")
    if policies and not fields.get("SetIdentifier"):
        raise InvalidInputError(f"Invalid request: Missing field 'SetIdentifier' in {where}")
    if "multivalue" in policies and alias:
        raise InvalidInputError(f"Invalid request: MultiValueAnswer is not allowed with an AliasTarget in {where}")
    weight = fields.get("Weight")
    if weight is not None and not 0 <= int(weight) <= 255:
        raise InvalidInputError(f"Invalid request: Weight {weight} is not between 0 and 255 in {where}")


def _check_values(record: RecordSet) -> None:
    if record.type == "CNAME" and len(record.values) > 1:
        raise InvalidValueError(f"RRSet of type CNAME with DNS name {record.name} has more than one value")
    for value in sorted(record.values):
        fault = _fault_of_value(record.type, value)
        if fault:
            raise InvalidValueError(f"Invalid Resource Record: 'FATAL problem: {fault} encountered with '{value}''")


def _fault_of_value(kind: str, value: str) -> str:
    if kind == "TXT" and not (value.startswith('"') and value.endswith('"')):
        return "InvalidCharacterString (Value should be enclosed in quotation marks)"
    families = {"A": ipaddress.IPv4Address, "AAAA": ipaddress.IPv6Address}
    if kind in families:
        try:
            families[kind](value)
        except ValueError:
            return f"{kind}RRDATAIllegalIPv{'4' if kind == 'A' else '6'}Address (Value is not a valid IP address)"
    return ""
