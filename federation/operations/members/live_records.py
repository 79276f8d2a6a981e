"""Read the weighted record sets of a hosted zone from Route53, and pair them with the planned ones."""

from collections.abc import Mapping
from dataclasses import dataclass

import boto3
import botocore.exceptions

from federation.api.model.members import FederationSettings
from federation.errors.fault import FederationError
from federation.plan.model.plan import Plan

__all__ = ["DnsStatus", "DnsUnavailableError", "read_dns_status"]


class DnsUnavailableError(FederationError):
    """Route53 did not answer, or refused to list the records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsStatus:
    """One policy-carrying name on Route53, with the weight of each of its record sets, or a plain one's target."""

    name: str
    weights: Mapping[str, int]
    planned: Mapping[str, int]


def read_dns_status(federation: FederationSettings, plan: Plan, zone_id: str) -> tuple[DnsStatus, ...]:
    """The weights in the zone and those of ``plan``. Raises ``DnsUnavailableError`` when Route53 does not list them."""
    planned: dict[str, dict[str, int]] = {}
    for record in plan.records:
        if record.routing is not None and record.routing.weight is not None:
            planned.setdefault(record.name, {})[record.routing.identifier] = record.routing.weight
    live = _weights(federation, zone_id) if zone_id else {}
    return tuple(
        DnsStatus(name=name, weights=live.get(name, {}), planned=weights) for name, weights in sorted(planned.items())
    )


def _weights(federation: FederationSettings, zone_id: str) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, int]] = {}
    try:
        route53 = _session(federation).client("route53")
        for page in route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id):
            for record in page["ResourceRecordSets"]:
                if "Weight" in record:
                    found.setdefault(record["Name"].rstrip("."), {})[record["SetIdentifier"]] = int(record["Weight"])
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        msg = f"Route53 does not list the records of zone {zone_id}: {error}"
        raise DnsUnavailableError(msg) from None
    return found


def _session(federation: FederationSettings) -> boto3.Session:
    """A session with the user's credentials, or with the role that deploys where the stack names one."""
    own = boto3.Session(region_name=federation.dns.region)
    if not federation.role_arn:
        return own
    granted = own.client("sts").assume_role(RoleArn=federation.role_arn, RoleSessionName="fed-status")["Credentials"]
    return boto3.Session(
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
        region_name=federation.dns.region,
    )
