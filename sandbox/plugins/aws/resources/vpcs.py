"""Networks: `Vpc`, `Subnet`, `InternetGateway`."""

from typing import Any

from sandbox.plugins.aws.call import Call, unless_missing
from sandbox.plugins.aws.resources.dependencies import when_free
from sandbox.plugins.aws.resources.tagging import change_ec2, mapping, specification
from sandbox.plugins.aws.schema import REGION, TAGS, ResourceType, Timeouts, Tree, flag, text

_SUBNET_FLAGS = {
    "mapPublicIpOnLaunch": "MapPublicIpOnLaunch",
    "assignIpv6AddressOnCreation": "AssignIpv6AddressOnCreation",
}


def create_vpc(call: Call, inputs: Tree) -> str:
    """Make a VPC."""
    tenancy = inputs.get("instanceTenancy") or "default"
    response = call.client("ec2").create_vpc(
        CidrBlock=inputs["cidrBlock"], InstanceTenancy=tenancy, **specification("vpc", inputs)
    )
    identifier = str(response["Vpc"]["VpcId"])
    call.wait(f"{identifier} available", lambda: (_vpc(call, identifier) or {}).get("State") == "available")
    _set_dns(call, identifier, {"enableDnsSupport": True}, inputs)
    return identifier


def read_vpc(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a VPC and the resources that AWS made with it."""
    vpc = _vpc(call, identifier)
    if vpc is None:
        return None
    ec2 = call.client("ec2")
    within = [{"Name": "vpc-id", "Values": [identifier]}]
    table = ec2.describe_route_tables(Filters=[*within, {"Name": "association.main", "Values": ["true"]}])
    acl = ec2.describe_network_acls(Filters=[*within, {"Name": "default", "Values": ["true"]}])
    group = ec2.describe_security_groups(Filters=[*within, {"Name": "group-name", "Values": ["default"]}])
    main = _first(table["RouteTables"], "RouteTableId")
    return {
        "region": call.region,
        "cidrBlock": vpc["CidrBlock"],
        "instanceTenancy": vpc.get("InstanceTenancy", "default"),
        "enableDnsSupport": _attribute(call, identifier, "enableDnsSupport"),
        "enableDnsHostnames": _attribute(call, identifier, "enableDnsHostnames"),
        "tags": mapping(vpc.get("Tags")),
        "arn": call.arn("ec2", f"vpc/{identifier}"),
        "ownerId": vpc.get("OwnerId") or call.aws.account(),
        "dhcpOptionsId": vpc.get("DhcpOptionsId", ""),
        "mainRouteTableId": main,
        "defaultRouteTableId": main,
        "defaultNetworkAclId": _first(acl["NetworkAcls"], "NetworkAclId"),
        "defaultSecurityGroupId": _first(group["SecurityGroups"], "GroupId"),
        "ipv6AssociationId": "",
    }


def update_vpc(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change DNS settings and tags."""
    _set_dns(call, identifier, old, new)
    change_ec2(call, identifier, old, new)


def delete_vpc(call: Call, identifier: str, _state: Tree) -> None:
    """Delete a VPC; while a resource in it is still being deleted, AWS returns `DependencyViolation`."""
    when_free(call, identifier, lambda: call.client("ec2").delete_vpc(VpcId=identifier))


def create_subnet(call: Call, inputs: Tree) -> str:
    """Make a subnet."""
    place = {"AvailabilityZone": "availabilityZone", "AvailabilityZoneId": "availabilityZoneId"}
    response = call.client("ec2").create_subnet(
        VpcId=inputs["vpcId"],
        CidrBlock=inputs["cidrBlock"],
        **{key: inputs[name] for key, name in place.items() if inputs.get(name)},
        **specification("subnet", inputs),
    )
    identifier = str(response["Subnet"]["SubnetId"])
    call.wait(f"{identifier} available", lambda: (_subnet(call, identifier) or {}).get("State") == "available")
    _set_subnet(call, identifier, {}, inputs)
    return identifier


def read_subnet(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a subnet."""
    subnet = _subnet(call, identifier)
    if subnet is None:
        return None
    return {
        "region": call.region,
        "vpcId": subnet["VpcId"],
        "cidrBlock": subnet["CidrBlock"],
        "availabilityZone": subnet["AvailabilityZone"],
        "availabilityZoneId": subnet.get("AvailabilityZoneId", ""),
        **{name: bool(subnet.get(key)) for name, key in _SUBNET_FLAGS.items()},
        "tags": mapping(subnet.get("Tags")),
        "arn": call.arn("ec2", f"subnet/{identifier}"),
        "ownerId": subnet.get("OwnerId") or call.aws.account(),
        "ipv6CidrBlockAssociationId": "",
    }


def update_subnet(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change addressing flags and tags."""
    _set_subnet(call, identifier, old, new)
    change_ec2(call, identifier, old, new)


def delete_subnet(call: Call, identifier: str, _state: Tree) -> None:
    """Delete a subnet."""
    when_free(call, identifier, lambda: call.client("ec2").delete_subnet(SubnetId=identifier))


def create_gateway(call: Call, inputs: Tree) -> str:
    """Make an internet gateway and attach it."""
    ec2 = call.client("ec2")
    response = ec2.create_internet_gateway(**specification("internet-gateway", inputs))
    identifier = str(response["InternetGateway"]["InternetGatewayId"])
    if inputs.get("vpcId"):
        ec2.attach_internet_gateway(InternetGatewayId=identifier, VpcId=inputs["vpcId"])
    return identifier


def read_gateway(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read an internet gateway."""
    gateway = _gateway(call, identifier)
    if gateway is None:
        return None
    return {
        "region": call.region,
        "vpcId": _first(gateway.get("Attachments", []), "VpcId"),
        "tags": mapping(gateway.get("Tags")),
        "arn": call.arn("ec2", f"internet-gateway/{identifier}"),
        "ownerId": gateway.get("OwnerId") or call.aws.account(),
    }


def update_gateway(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Move the gateway to another VPC, change its tags."""
    ec2 = call.client("ec2")
    if old.get("vpcId") != new.get("vpcId"):
        if old.get("vpcId"):
            ec2.detach_internet_gateway(InternetGatewayId=identifier, VpcId=old["vpcId"])
        if new.get("vpcId"):
            ec2.attach_internet_gateway(InternetGatewayId=identifier, VpcId=new["vpcId"])
    change_ec2(call, identifier, old, new)


def delete_gateway(call: Call, identifier: str, _state: Tree) -> None:
    """Detach the gateway from its VPC, then delete it."""
    gateway = _gateway(call, identifier)
    if gateway is None:
        return
    ec2 = call.client("ec2")
    if attached := _first(gateway.get("Attachments", []), "VpcId"):
        when_free(
            call,
            identifier,
            lambda: ec2.detach_internet_gateway(InternetGatewayId=identifier, VpcId=attached),
        )
    unless_missing(lambda: ec2.delete_internet_gateway(InternetGatewayId=identifier))


def _set_dns(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    for name, key in (("enableDnsSupport", "EnableDnsSupport"), ("enableDnsHostnames", "EnableDnsHostnames")):
        if name in new and bool(old.get(name)) != bool(new[name]):
            call.client("ec2").modify_vpc_attribute(VpcId=identifier, **{key: {"Value": bool(new[name])}})


def _set_subnet(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    for name, key in _SUBNET_FLAGS.items():
        if bool(old.get(name)) != bool(new.get(name)):
            call.client("ec2").modify_subnet_attribute(SubnetId=identifier, **{key: {"Value": bool(new.get(name))}})


def _vpc(call: Call, identifier: str) -> Any:
    response = unless_missing(lambda: call.client("ec2").describe_vpcs(VpcIds=[identifier]))
    return next(iter(response["Vpcs"]), None) if response else None


def _subnet(call: Call, identifier: str) -> Any:
    response = unless_missing(lambda: call.client("ec2").describe_subnets(SubnetIds=[identifier]))
    return next(iter(response["Subnets"]), None) if response else None


def _gateway(call: Call, identifier: str) -> Any:
    ec2 = call.client("ec2")
    response = unless_missing(lambda: ec2.describe_internet_gateways(InternetGatewayIds=[identifier]))
    return next(iter(response["InternetGateways"]), None) if response else None


def _attribute(call: Call, identifier: str, name: str) -> bool:
    response = call.client("ec2").describe_vpc_attribute(VpcId=identifier, Attribute=name)
    return bool(response[name[0].upper() + name[1:]]["Value"])


def _first(items: list[Any], key: str) -> str:
    return str(items[0].get(key, "")) if items else ""


TYPES = (
    ResourceType(
        name="aws:ec2/vpc:Vpc",
        properties={
            "cidrBlock": text(required=True, replaces=True),
            "instanceTenancy": text(default="default", replaces=True),
            "enableDnsSupport": flag(default=True),
            "enableDnsHostnames": flag(computed=True),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=(
            "arn",
            "ownerId",
            "dhcpOptionsId",
            "mainRouteTableId",
            "defaultRouteTableId",
            "defaultNetworkAclId",
            "defaultSecurityGroupId",
            "ipv6AssociationId",
        ),
        create=create_vpc,
        read=read_vpc,
        update=update_vpc,
        delete=delete_vpc,
        timeouts=Timeouts(delete=300.0),
    ),
    ResourceType(
        name="aws:ec2/subnet:Subnet",
        properties={
            "vpcId": text(required=True, replaces=True),
            "cidrBlock": text(required=True, replaces=True),
            "availabilityZone": text(replaces=True, computed=True),
            "availabilityZoneId": text(replaces=True, computed=True),
            "mapPublicIpOnLaunch": flag(default=False),
            "assignIpv6AddressOnCreation": flag(default=False),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=("arn", "ownerId", "ipv6CidrBlockAssociationId"),
        create=create_subnet,
        read=read_subnet,
        update=update_subnet,
        delete=delete_subnet,
        timeouts=Timeouts(delete=1200.0),
    ),
    ResourceType(
        name="aws:ec2/internetGateway:InternetGateway",
        properties={"vpcId": text(computed=True), "region": REGION, "tags": TAGS},
        outputs=("arn", "ownerId"),
        create=create_gateway,
        read=read_gateway,
        update=update_gateway,
        delete=delete_gateway,
        timeouts=Timeouts(delete=1200.0),
    ),
)
