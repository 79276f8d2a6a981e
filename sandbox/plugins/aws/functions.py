"""Implement the provider's functions, a few lines each; an unknown one is refused by name."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.aws.zone_ids import APPLICATION, NETWORK
from sandbox.plugins.aws.call import Aws
from sandbox.plugins.aws.schema import Tree

Function = Callable[[Aws, str, Tree], Tree]
_SUFFIXES: Final = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}


def invoke(token: str, arguments: Tree, aws: Any) -> Tree:
    """Answer a function.

    Raises `ValueError`, listing what is known, for a function or argument that the stand-in does not know.
    """
    entry = FUNCTIONS.get(token)
    if entry is None:
        known = ", ".join(sorted(FUNCTIONS))
        raise ValueError(f"is not known to the sandbox's stand-in for aws; known are: {known}")
    function, names = entry
    given = {key: value for key, value in arguments.items() if value is not None}
    if unknown := sorted(given.keys() - set(names) - {"region"}):
        raise ValueError(f"the argument {unknown[0]} is not known to the stand-in; known are: {', '.join(names)}")
    region = str(given.get("region") or aws.region)
    return function(aws, region, given)


def caller_identity(aws: Aws, region: str, _arguments: Tree) -> Tree:
    """Return the caller's identity."""
    identity = aws("sts", region).get_caller_identity()
    return {
        "accountId": identity["Account"],
        "arn": identity["Arn"],
        "userId": identity["UserId"],
        "id": identity["Account"],
    }


def partition(_aws: Aws, region: str, _arguments: Tree) -> Tree:
    """Return the region's AWS partition."""
    name = "aws-cn" if region.startswith("cn-") else "aws"
    suffix = _SUFFIXES[name]
    reverse = ".".join(reversed(suffix.split(".")))
    return {"partition": name, "dnsSuffix": suffix, "reverseDnsPrefix": reverse, "id": name}


def region_of(_aws: Aws, region: str, arguments: Tree) -> Tree:
    """Return the provider's region, or describe the named one."""
    name = str(arguments.get("name") or region)
    return {
        "name": name,
        "region": name,
        "id": name,
        "endpoint": f"ec2.{name}.amazonaws.com",
        "description": name,
    }


def availability_zones(aws: Aws, region: str, arguments: Tree) -> Tree:
    """List a region's availability zones."""
    zones = aws("ec2", region).describe_availability_zones()["AvailabilityZones"]
    state = arguments.get("state")
    excluded = set(arguments.get("excludeNames") or ()) | set(arguments.get("excludeZoneIds") or ())
    kept = sorted(
        (zone["ZoneName"], zone.get("ZoneId", ""))
        for zone in zones
        if (state is None or zone.get("State") == state) and not {zone["ZoneName"], zone.get("ZoneId")} & excluded
    )
    given = {key: value for key, value in arguments.items() if key != "region"}
    names, ids = [name for name, _ in kept], [identifier for _, identifier in kept]
    return {**given, "region": region, "id": region, "names": names, "zoneIds": ids, "groupNames": [region]}


def hosted_zone_of_balancers(_aws: Aws, region: str, arguments: Tree) -> Tree:
    """Return the hosted zone id of a region's application or network load balancers, for aliases."""
    kind = str(arguments.get("loadBalancerType") or "application")
    if kind not in ("application", "network"):
        raise ValueError(f"loadBalancerType must be application or network and is {kind}")
    table = NETWORK if kind == "network" else APPLICATION
    return {"id": _zone_id(table, region), "region": region, "loadBalancerType": kind}


def hosted_zone_of_classic(_aws: Aws, region: str, _arguments: Tree) -> Tree:
    """Return the hosted zone id of a region's classic load balancers, for aliases."""
    return {"id": _zone_id(APPLICATION, region), "region": region}


def zone(aws: Aws, region: str, arguments: Tree) -> Tree:
    """Find a hosted zone by id or name."""
    route53 = aws("route53", region)
    if arguments.get("zoneId"):
        found = route53.get_hosted_zone(Id=arguments["zoneId"])["HostedZone"]
    else:
        found = _zone_by_name(route53, arguments)
    identifier = found["Id"].removeprefix("/hostedzone/")
    detail = route53.get_hosted_zone(Id=identifier)
    servers = (detail.get("DelegationSet") or {}).get("NameServers") or []
    tags = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=identifier)["ResourceTagSet"]
    return {
        "id": identifier,
        "zoneId": identifier,
        "name": found["Name"].removesuffix("."),
        "arn": f"arn:aws:route53:::hostedzone/{identifier}",
        "callerReference": found.get("CallerReference", ""),
        "comment": found.get("Config", {}).get("Comment", ""),
        "privateZone": bool(found.get("Config", {}).get("PrivateZone")),
        "resourceRecordSetCount": detail["HostedZone"].get("ResourceRecordSetCount", 0),
        "nameServers": sorted(servers),
        "primaryNameServer": min(servers, default=""),
        "linkedServiceDescription": "",
        "linkedServicePrincipal": "",
        "vpcId": arguments.get("vpcId", ""),
        "tags": {tag["Key"]: tag["Value"] for tag in tags.get("Tags", [])},
    }


def addon_version(aws: Aws, region: str, arguments: Tree) -> Tree:
    """Find an add-on's version for a Kubernetes version: the default one, or the newest."""
    name, kubernetes = str(arguments["addonName"]), str(arguments["kubernetesVersion"])
    response = aws("eks", region).describe_addon_versions(addonName=name, kubernetesVersion=kubernetes)
    versions = [version for addon in response["addons"] for version in addon["addonVersions"]]
    default = [
        version for version in versions if any(fit.get("defaultVersion") for fit in version.get("compatibilities", []))
    ]
    chosen = versions if arguments.get("mostRecent") else default or versions
    if not chosen:
        raise ValueError(f"EKS has no version of the add-on {name} for Kubernetes {kubernetes}")
    return {**arguments, "region": region, "id": name, "version": chosen[0]["addonVersion"]}


def _zone_id(table: Mapping[str, str], region: str) -> str:
    if region not in table:
        raise ValueError(
            f"no hosted zone of load balancers is known for {region}; known are: {', '.join(sorted(table))}"
        )
    return table[region]


def _zone_by_name(route53: Any, arguments: Tree) -> Any:
    wanted = str(arguments.get("name", "")).lower().removesuffix(".")
    private = bool(arguments.get("privateZone"))
    pages = route53.get_paginator("list_hosted_zones").paginate()
    zones = [
        entry
        for page in pages
        for entry in page["HostedZones"]
        if entry["Name"].lower().removesuffix(".") == wanted
        and bool(entry.get("Config", {}).get("PrivateZone")) == private
    ]
    if len(zones) != 1:
        what = "no matching Route 53 Hosted Zone found" if not zones else "multiple Route 53 Hosted Zones match"
        raise ValueError(f"{what}: name {wanted!r}, private {private}")
    return zones[0]


FUNCTIONS: Final[Mapping[str, tuple[Function, tuple[str, ...]]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": (caller_identity, ("id",)),
    "aws:index/getPartition:getPartition": (partition, ("id",)),
    "aws:index/getRegion:getRegion": (region_of, ("id", "name", "endpoint")),
    "aws:index/getAvailabilityZones:getAvailabilityZones": (
        availability_zones,
        ("state", "excludeNames", "excludeZoneIds", "allAvailabilityZones"),
    ),
    "aws:lb/getHostedZoneId:getHostedZoneId": (hosted_zone_of_balancers, ("loadBalancerType",)),
    "aws:elb/getHostedZoneId:getHostedZoneId": (hosted_zone_of_classic, ()),
    "aws:route53/getZone:getZone": (zone, ("name", "zoneId", "privateZone", "vpcId")),
    "aws:eks/getAddonVersion:getAddonVersion": (addon_version, ("addonName", "kubernetesVersion", "mostRecent")),
}
