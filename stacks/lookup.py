"""Does a thing stand on AWS whose creation was never reported back?

Each type is found by what AWS itself knows it by: a name where names are unique, the tags that this project puts on
everything where they are not. It counts as this stack's only with the tags of this federation and stack. What is found
is said and never taken over: two runs may have left two of them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import boto3
import botocore.exceptions

from stacks.pending import Operation

__all__ = ["Found", "SearchFailedError", "can_find", "find", "is_refused_twice", "is_repeatable", "removal"]

REPEATABLE: Final = frozenset(
    {
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    }
)
"""Creating one of these again gives the same one."""

REFUSED_TWICE: Final = frozenset(
    {
        "aws:ec2/route:Route",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "aws:eks/accessEntry:AccessEntry",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    }
)
"""AWS refuses a second one of these, so nothing can be doubled."""

OWNER: Final = ("eks-federation/federation", "eks-federation/stack")
"""The tags that tell whose a thing is; every taggable one that this project makes has them."""

Inputs = Mapping[str, Any]
MISSING: Final = ("NotFound", "NoSuch")  # within the codes of the services asked here


class SearchFailedError(Exception):
    """AWS did not answer the question; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing on AWS; ``is_ours``: it carries the tags of this federation and stack."""

    identifier: str
    is_ours: bool


Standing = tuple[str, Mapping[str, str]]
"""The id of a thing on AWS, and its tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How things of one type are found by the inputs, and the command that removes one."""

    service: str
    find: Callable[[Any, Inputs], list[Standing]]
    remove: str


def is_repeatable(operation: Operation) -> bool:
    """Whether creating the same again changes nothing, as with a record set that may be overwritten."""
    return operation.token in REPEATABLE or bool(operation.inputs.get("allowOverwrite"))


def is_refused_twice(operation: Operation) -> bool:
    """Whether AWS itself refuses a second one."""
    return operation.token in REFUSED_TWICE


def can_find(operation: Operation) -> bool:
    """Whether things of this type can be looked for."""
    return operation.token in KINDS


def find(operation: Operation) -> tuple[Found, ...]:
    """What ``operation`` may have made on AWS. ``SearchFailedError`` when AWS does not say."""
    kind = KINDS[operation.token]
    try:
        client = _session(operation.provider).client(kind.service)
        found = kind.find(client, operation.inputs)
        return tuple(Found(identifier=each, is_ours=_is_ours(tags, operation.inputs)) for each, tags in found)
    except botocore.exceptions.ClientError as error:
        if any(part in error.response["Error"]["Code"] for part in MISSING):
            return ()
        raise SearchFailedError(str(error)) from None
    except (botocore.exceptions.BotoCoreError, KeyError) as error:
        raise SearchFailedError(f"{type(error).__name__}: {error}") from None


def removal(operation: Operation, identifier: str) -> str:
    """The command of AWS's own tool that removes what was found."""
    kind = KINDS[operation.token]
    filled = kind.remove.format(id=identifier, **{key: value for key, value in operation.inputs.items() if key != "id"})
    region = operation.provider.get("region", "")
    return f"aws {kind.service} {filled}" + (f" --region {region}" if region else "")


def _session(provider: Inputs) -> boto3.Session:
    """A session as the provider has one: its region, and its role when it assumes one."""
    region = provider.get("region")
    own = boto3.Session(region_name=region)
    roles = provider.get("assumeRoles")
    found = json.loads(roles) if isinstance(roles, str) else roles
    if not found:
        return own
    granted = own.client("sts").assume_role(RoleArn=found[0]["roleArn"], RoleSessionName="fed-up")["Credentials"]
    return boto3.Session(
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
        region_name=region,
    )


def _tags(inputs: Inputs) -> dict[str, str]:
    tags = {key: value for key, value in (inputs.get("tags") or {}).items() if isinstance(value, str)}
    if not tags:
        raise KeyError("it has no tags to find it by")
    return tags


def _is_ours(tags: Mapping[str, str], inputs: Inputs) -> bool:
    wanted = {key: value for key, value in (inputs.get("tags") or {}).items() if key in OWNER}
    return len(wanted) == len(OWNER) and wanted.items() <= tags.items()


def _pairs(tags: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as most services write them, by key."""
    return {each["Key"]: each["Value"] for each in tags or ()}


def _tagged(
    call: str, items: str, identifier: str, argument: str = "Filters"
) -> Callable[[Any, Inputs], list[Standing]]:
    """Find things of EC2 that have all tags of the inputs."""

    def found(client: Any, inputs: Inputs) -> list[Standing]:
        wanted = [{"Name": f"tag:{key}", "Values": [value]} for key, value in sorted(_tags(inputs).items())]
        answer = getattr(client, call)(**{argument: wanted})[items]
        standing = [each for each in answer if each.get("State") not in {"deleted", "deleting"}]
        return [(str(each[identifier]), _pairs(each.get("Tags"))) for each in standing]

    return found


def _security_group(client: Any, inputs: Inputs) -> list[Standing]:
    wanted = {"group-name": inputs["name"], "vpc-id": inputs["vpcId"]}
    filters = [{"Name": key, "Values": [value]} for key, value in wanted.items()]
    groups = client.describe_security_groups(Filters=filters)["SecurityGroups"]
    return [(str(each["GroupId"]), _pairs(each.get("Tags"))) for each in groups]


def _launch_template(client: Any, inputs: Inputs) -> list[Standing]:
    answer = client.describe_launch_templates(LaunchTemplateNames=[inputs["name"]])
    return [(str(each["LaunchTemplateId"]), _pairs(each.get("Tags"))) for each in answer["LaunchTemplates"]]


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
    """Those of Route53's things of a kind that have all tags of the inputs: names there are not unique."""
    wanted = _tags(inputs).items()
    found: list[Standing] = []
    for each in identifiers:
        answer = client.list_tags_for_resource(ResourceType=kind, ResourceId=each)["ResourceTagSet"]
        if wanted <= (tags := _pairs(answer.get("Tags"))).items():
            found.append((each, tags))
    return found


def _record(client: Any, inputs: Inputs) -> list[Standing]:
    """A record set has no tags, so in a zone that others write to as well nothing proves whose it is."""
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
