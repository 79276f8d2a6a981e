"""The AWS resource types that can be looked up: how each is found, and the command that removes one.

Where names are unique, a resource is found by its name, else by all tags of its inputs. Its tags are returned too,
since a name does not prove the owner.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["KINDS", "Inputs", "Kind", "Standing"]

Inputs = Mapping[str, Any]
Standing = tuple[str, Mapping[str, str]]
"""The id of a resource on AWS, and its tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How resources of one type are found by their inputs, and the command that removes one."""

    service: str
    find: Callable[[Any, Inputs], list[Standing]]
    remove: str


def _tags(inputs: Inputs) -> dict[str, str]:
    tags = {key: value for key, value in (inputs.get("tags") or {}).items() if isinstance(value, str)}
    if not tags:
        raise KeyError("it has no tags to find it by")
    return tags


def _pairs(tags: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as most services write them, by key."""
    return {each["Key"]: each["Value"] for each in tags or ()}


def _tagged(
    call: str, items: str, identifier: str, argument: str = "Filters"
) -> Callable[[Any, Inputs], list[Standing]]:
    """Find EC2 resources that have all tags of the inputs."""

    def found(client: Any, inputs: Inputs) -> list[Standing]:
        wanted = [{"Name": f"tag:{key}", "Values": [value]} for key, value in sorted(_tags(inputs).items())]
        response = getattr(client, call)(**{argument: wanted})[items]
        standing = [each for each in response if each.get("State") not in {"deleted", "deleting"}]
        return [(str(each[identifier]), _pairs(each.get("Tags"))) for each in standing]

    return found


def _security_group(client: Any, inputs: Inputs) -> list[Standing]:
    wanted = {"group-name": inputs["name"], "vpc-id": inputs["vpcId"]}
    filters = [{"Name": key, "Values": [value]} for key, value in wanted.items()]
    groups = client.describe_security_groups(Filters=filters)["SecurityGroups"]
    return [(str(each["GroupId"]), _pairs(each.get("Tags"))) for each in groups]


def _launch_template(client: Any, inputs: Inputs) -> list[Standing]:
    response = client.describe_launch_templates(LaunchTemplateNames=[inputs["name"]])
    return [(str(each["LaunchTemplateId"]), _pairs(each.get("Tags"))) for each in response["LaunchTemplates"]]


def _cluster(client: Any, inputs: Inputs) -> list[Standing]:
    cluster = client.describe_cluster(name=inputs["name"])["cluster"]
    return [(str(cluster["name"]), cluster.get("tags") or {})]


def _node_group(client: Any, inputs: Inputs) -> list[Standing]:
    names = {"clusterName": inputs["clusterName"], "nodegroupName": inputs["nodeGroupName"]}
    group = client.describe_nodegroup(**names)["nodegroup"]
    return [(str(group["nodegroupName"]), group.get("tags") or {})]


def _addon(client: Any, inputs: Inputs) -> list[Standing]:
    addon = client.describe_addon(clusterName=inputs["clusterName"], addonName=inputs["addonName"])["addon"]
    return [(str(addon["addonName"]), addon.get("tags") or {})]


def _role(client: Any, inputs: Inputs) -> list[Standing]:
    role = client.get_role(RoleName=inputs["name"])["Role"]
    return [(str(role["RoleName"]), _pairs(role.get("Tags")))]


def _oidc(client: Any, inputs: Inputs) -> list[Standing]:
    issuer = inputs["url"].removeprefix("https://")
    found = client.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    arns = [str(each["Arn"]) for each in found if each["Arn"].endswith(f"oidc-provider/{issuer}")]
    described = {arn: client.get_open_id_connect_provider(OpenIDConnectProviderArn=arn) for arn in arns}
    return [(arn, _pairs(each.get("Tags"))) for arn, each in described.items()]


def _zone(client: Any, inputs: Inputs) -> list[Standing]:
    name = inputs["name"].rstrip(".") + "."
    zones = client.list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    ids = [str(each["Id"]).removeprefix("/hostedzone/") for each in zones if each["Name"] == name]
    return _with_tags(client, "hostedzone", ids, inputs)


def _health_check(client: Any, inputs: Inputs) -> list[Standing]:
    pages = client.get_paginator("list_health_checks").paginate()
    ids = [str(each["Id"]) for page in pages for each in page["HealthChecks"]]
    return _with_tags(client, "healthcheck", ids, inputs)


def _with_tags(client: Any, kind: str, identifiers: Sequence[str], inputs: Inputs) -> list[Standing]:
    """The Route53 resources of a kind that have all tags of the inputs: names there are not unique."""
    wanted = _tags(inputs).items()
    found: list[Standing] = []
    for each in identifiers:
        response = client.list_tags_for_resource(ResourceType=kind, ResourceId=each)["ResourceTagSet"]
        if wanted <= (tags := _pairs(response.get("Tags"))).items():
            found.append((each, tags))
    return found


def _record(client: Any, inputs: Inputs) -> list[Standing]:
    """The record set of the inputs. It has no tags, so nothing proves its owner in a zone with several writers."""
    name, kind, own = inputs["name"].rstrip(".").lower(), inputs["type"], inputs.get("setIdentifier")
    pages = client.get_paginator("list_resource_record_sets").paginate(
        HostedZoneId=inputs["zoneId"], StartRecordName=name, StartRecordType=kind
    )
    for page in pages:
        for each in page["ResourceRecordSets"]:
            if each["Name"].rstrip(".").replace("\\052", "*") != name:
                return []
            if each["Type"] == kind and each.get("SetIdentifier") == own:
                return [("_".join(part for part in (inputs["zoneId"], name, kind, own) if part), {})]
    return []


def _kind(service: str, finder: Callable[[Any, Inputs], list[Standing]], remove: str) -> Kind:
    return Kind(service=service, find=finder, remove=remove)


KINDS: Final[Mapping[str, Kind]] = {
    "aws:ec2/eip:Eip": _kind(
        "ec2", _tagged("describe_addresses", "Addresses", "AllocationId"), "release-address --allocation-id {id}"
    ),
    "aws:ec2/internetGateway:InternetGateway": _kind(
        "ec2",
        _tagged("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
        "delete-internet-gateway --internet-gateway-id {id}",
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": _kind(
        "ec2", _launch_template, "delete-launch-template --launch-template-id {id}"
    ),
    "aws:ec2/natGateway:NatGateway": _kind(
        "ec2",
        _tagged("describe_nat_gateways", "NatGateways", "NatGatewayId", "Filter"),
        "delete-nat-gateway --nat-gateway-id {id}",
    ),
    "aws:ec2/routeTable:RouteTable": _kind(
        "ec2",
        _tagged("describe_route_tables", "RouteTables", "RouteTableId"),
        "delete-route-table --route-table-id {id}",
    ),
    "aws:ec2/securityGroup:SecurityGroup": _kind("ec2", _security_group, "delete-security-group --group-id {id}"),
    "aws:ec2/subnet:Subnet": _kind(
        "ec2", _tagged("describe_subnets", "Subnets", "SubnetId"), "delete-subnet --subnet-id {id}"
    ),
    "aws:ec2/vpc:Vpc": _kind("ec2", _tagged("describe_vpcs", "Vpcs", "VpcId"), "delete-vpc --vpc-id {id}"),
    "aws:eks/addon:Addon": _kind("eks", _addon, "delete-addon --cluster-name {clusterName} --addon-name {id}"),
    "aws:eks/cluster:Cluster": _kind("eks", _cluster, "delete-cluster --name {id}"),
    "aws:eks/nodeGroup:NodeGroup": _kind(
        "eks", _node_group, "delete-nodegroup --cluster-name {clusterName} --nodegroup-name {id}"
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _kind(
        "iam", _oidc, "delete-open-id-connect-provider --open-id-connect-provider-arn {id}"
    ),
    "aws:iam/role:Role": _kind("iam", _role, "delete-role --role-name {id}"),
    "aws:route53/healthCheck:HealthCheck": _kind(
        "route53", _health_check, "delete-health-check --health-check-id {id}"
    ),
    "aws:route53/record:Record": _kind(
        "route53", _record, "change-resource-record-sets --hosted-zone-id {zoneId} ... (DELETE {name} {type})"
    ),
    "aws:route53/zone:Zone": _kind("route53", _zone, "delete-hosted-zone --id {id}"),
}
