"""Outbound traffic of private subnets: `Eip` and `NatGateway`."""

from typing import Any

from sandbox.plugins.aws.call import Call, WaitFailedError, unless_missing
from sandbox.plugins.aws.resources.dependencies import when_free
from sandbox.plugins.aws.resources.tagging import change_ec2, mapping, specification
from sandbox.plugins.aws.schema import REGION, TAGS, ResourceType, Timeouts, Tree, text


def create_address(call: Call, inputs: Tree) -> str:
    """Take an address."""
    response = call.client("ec2").allocate_address(
        Domain=inputs.get("domain") or "vpc", **specification("elastic-ip", inputs)
    )
    return str(response["AllocationId"])


def read_address(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read an address. Its association is left out: it belongs to the associated resource."""
    response = unless_missing(lambda: call.client("ec2").describe_addresses(AllocationIds=[identifier]))
    if not response or not response["Addresses"]:
        return None
    address = response["Addresses"][0]
    public = address["PublicIp"]
    return {
        "region": call.region,
        "domain": address.get("Domain", "vpc"),
        "networkBorderGroup": address.get("NetworkBorderGroup", call.region),
        "publicIpv4Pool": address.get("PublicIpv4Pool", "amazon"),
        "tags": mapping(address.get("Tags")),
        "allocationId": identifier,
        "arn": call.arn("ec2", f"elastic-ip/{identifier}"),
        "publicIp": public,
        "publicDns": f"ec2-{public.replace('.', '-')}.{_dns_zone(call.region)}",
        **dict.fromkeys(("associationId", "carrierIp", "customerOwnedIp", "privateDns", "privateIp", "ptrRecord"), ""),
    }


def delete_address(call: Call, identifier: str, _state: Tree) -> None:
    """Give an address back."""
    when_free(call, identifier, lambda: call.client("ec2").release_address(AllocationId=identifier))


def create_gateway(call: Call, inputs: Tree) -> str:
    """Make a NAT gateway."""
    arguments = {"AllocationId": inputs.get("allocationId"), "PrivateIpAddress": inputs.get("privateIp")}
    response = call.client("ec2").create_nat_gateway(
        SubnetId=inputs["subnetId"],
        ConnectivityType=inputs.get("connectivityType") or "public",
        **{key: value for key, value in arguments.items() if value},
        **specification("natgateway", inputs),
    )
    return str(response["NatGateway"]["NatGatewayId"])


def settle_gateway(call: Call, identifier: str, _inputs: Tree) -> None:
    """Wait until the gateway is available."""

    def available() -> bool:
        gateway = _gateway(call, identifier) or {}
        if gateway.get("State") == "failed":
            raise WaitFailedError(f"{identifier} failed: {gateway.get('FailureMessage', 'AWS does not say why')}")
        return gateway.get("State") == "available"

    call.wait(f"{identifier} available", available)


def read_gateway(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a NAT gateway; AWS shows deleted ones for an hour."""
    gateway = _gateway(call, identifier)
    if gateway is None or gateway["State"] in ("deleting", "deleted"):
        return None
    address: Any = next(iter(gateway.get("NatGatewayAddresses", [])), {})
    return {
        "region": call.region,
        "subnetId": gateway["SubnetId"],
        "connectivityType": gateway.get("ConnectivityType", "public"),
        "allocationId": address.get("AllocationId"),
        "privateIp": address.get("PrivateIp", ""),
        "vpcId": gateway.get("VpcId"),
        "availabilityMode": "zonal",
        "tags": mapping(gateway.get("Tags")),
        "associationId": address.get("AssociationId", ""),
        "networkInterfaceId": address.get("NetworkInterfaceId", ""),
        "publicIp": address.get("PublicIp", ""),
        "routeTableId": "",
        "autoProvisionZones": "",
        "autoScalingIps": "",
        "regionalNatGatewayAutoMode": "",
        "regionalNatGatewayAddresses": [],
    }


def delete_gateway(call: Call, identifier: str, _state: Tree) -> None:
    """Delete a NAT gateway and wait until it lets go of its address."""
    ec2 = call.client("ec2")
    unless_missing(lambda: ec2.delete_nat_gateway(NatGatewayId=identifier))
    call.wait(f"{identifier} gone", lambda: (_gateway(call, identifier) or {}).get("State", "deleted") == "deleted")


def _gateway(call: Call, identifier: str) -> Any:
    response = unless_missing(lambda: call.client("ec2").describe_nat_gateways(NatGatewayIds=[identifier]))
    return next(iter(response["NatGateways"]), None) if response else None


def _dns_zone(region: str) -> str:
    return "compute-1.amazonaws.com" if region == "us-east-1" else f"{region}.compute.amazonaws.com"


TYPES = (
    ResourceType(
        name="aws:ec2/eip:Eip",
        properties={
            "domain": text(replaces=True, computed=True),
            "networkBorderGroup": text(replaces=True, computed=True),
            "publicIpv4Pool": text(replaces=True, computed=True),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=(
            "allocationId",
            "arn",
            "associationId",
            "carrierIp",
            "customerOwnedIp",
            "privateDns",
            "privateIp",
            "ptrRecord",
            "publicDns",
            "publicIp",
        ),
        create=create_address,
        read=read_address,
        update=change_ec2,
        delete=delete_address,
        timeouts=Timeouts(create=900.0, delete=180.0),
    ),
    ResourceType(
        name="aws:ec2/natGateway:NatGateway",
        properties={
            "subnetId": text(required=True, replaces=True),
            "allocationId": text(replaces=True),
            "connectivityType": text(default="public", replaces=True),
            "privateIp": text(replaces=True, computed=True),
            "availabilityMode": text(replaces=True, computed=True),
            "vpcId": text(replaces=True, computed=True),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=(
            "associationId",
            "autoProvisionZones",
            "autoScalingIps",
            "networkInterfaceId",
            "publicIp",
            "regionalNatGatewayAddresses",
            "regionalNatGatewayAutoMode",
            "routeTableId",
        ),
        create=create_gateway,
        settle=settle_gateway,
        read=read_gateway,
        update=change_ec2,
        delete=delete_gateway,
        timeouts=Timeouts(delete=1800.0),
    ),
)
