"""`route53.Zone`: a hosted zone, public or private."""

import uuid
from typing import Any

from sandbox.plugins.aws.call import Call, unless_missing
from sandbox.plugins.aws.resources.tagging import change_route53, read_route53
from sandbox.plugins.aws.schema import TAGS, AutoName, ResourceType, Timeouts, Tree, blocks, flag, text

_TAGGED = "hostedzone"
_VPC = {"vpcId": text(required=True), "vpcRegion": text(computed=True)}


def create(call: Call, inputs: Tree) -> str:
    """Make a zone; its id is AWS's without the `/hostedzone/` before it."""
    vpcs = inputs.get("vpcs") or []
    optional = {"VPC": _vpc(call, vpcs[0])} if vpcs else {}
    comment = inputs.get("comment", "")
    response = call.client("route53").create_hosted_zone(
        Name=inputs["name"],
        CallerReference=str(uuid.uuid4()),
        HostedZoneConfig={"Comment": comment, "PrivateZone": bool(vpcs)},
        **optional,
    )
    identifier = str(response["HostedZone"]["Id"]).removeprefix("/hostedzone/")
    for vpc in vpcs[1:]:
        call.client("route53").associate_vpc_with_hosted_zone(HostedZoneId=identifier, VPC=_vpc(call, vpc))
    change_route53(call, _TAGGED, identifier, {}, inputs)
    return identifier


def read(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a zone."""
    route53 = call.client("route53")
    response = unless_missing(lambda: route53.get_hosted_zone(Id=identifier))
    if response is None:
        return None
    zone = response["HostedZone"]
    servers = sorted((response.get("DelegationSet") or {}).get("NameServers") or [])
    return {
        "name": zone["Name"].removesuffix("."),
        "comment": zone.get("Config", {}).get("Comment", ""),
        "vpcs": [{"vpcId": vpc["VPCId"], "vpcRegion": vpc["VPCRegion"]} for vpc in response.get("VPCs") or []],
        "tags": read_route53(call, _TAGGED, identifier),
        "arn": f"arn:aws:route53:::hostedzone/{identifier}",
        "zoneId": identifier,
        "nameServers": servers,
        "primaryNameServer": servers[0] if servers else "",
    }


def update(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change comment, tags and, of a private zone, its VPCs."""
    route53 = call.client("route53")
    if old.get("comment") != new.get("comment"):
        route53.update_hosted_zone_comment(Id=identifier, Comment=new.get("comment", ""))
    before = {vpc["vpcId"]: vpc for vpc in old.get("vpcs") or []}
    after = {vpc["vpcId"]: vpc for vpc in new.get("vpcs") or []}
    for name in sorted(after.keys() - before.keys()):
        route53.associate_vpc_with_hosted_zone(HostedZoneId=identifier, VPC=_vpc(call, after[name]))
    for name in sorted(before.keys() - after.keys()):
        route53.disassociate_vpc_from_hosted_zone(HostedZoneId=identifier, VPC=_vpc(call, before[name]))
    change_route53(call, _TAGGED, identifier, old, new)


def delete(call: Call, identifier: str, state: Tree) -> None:
    """Delete a zone, with `forceDestroy` after every record in it."""
    route53 = call.client("route53")
    if state.get("forceDestroy"):
        unless_missing(lambda: _empty(route53, identifier))
    unless_missing(lambda: route53.delete_hosted_zone(Id=identifier))


def _empty(route53: Any, identifier: str) -> None:
    apex = route53.get_hosted_zone(Id=identifier)["HostedZone"]["Name"]
    pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=identifier)
    sets = [found for page in pages for found in page["ResourceRecordSets"]]
    doomed = [found for found in sets if not (found["Name"] == apex and found["Type"] in ("NS", "SOA"))]
    if doomed:
        changes = [{"Action": "DELETE", "ResourceRecordSet": found} for found in doomed]
        route53.change_resource_record_sets(HostedZoneId=identifier, ChangeBatch={"Changes": changes})


def _vpc(call: Call, vpc: Tree) -> dict[str, str]:
    return {"VPCId": vpc["vpcId"], "VPCRegion": vpc.get("vpcRegion") or call.region}


TYPES = (
    ResourceType(
        name="aws:route53/zone:Zone",
        properties={
            "name": text(replaces=True),
            "comment": text(default="Managed by Pulumi"),
            "forceDestroy": flag(default=False),
            "vpcs": blocks(_VPC),
            "tags": TAGS,
        },
        outputs=("arn", "nameServers", "primaryNameServer", "zoneId"),
        create=create,
        read=read,
        update=update,
        delete=delete,
        autoname=AutoName(longest=1024),
        timeouts=Timeouts(create=1800.0, update=1800.0, delete=1800.0),
    ),
)
