"""VPCs and all that is in them, from making to deleting."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.plugins.aws import world
from tests.sandbox.plugins.aws.cycle import born, changed, gone
from tests.sandbox.plugins.aws.driver import Driver, RefusedError

VPC = {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, "tags": {"Name": "one"}}


def test_a_vpc_lives(driver: Driver) -> None:
    vpc = born(driver, "aws:ec2/vpc:Vpc", "main", VPC)
    assert vpc.state["arn"].endswith(f":123456789012:vpc/{vpc.identifier}")
    changed(driver, vpc, VPC | {"enableDnsHostnames": False, "tags": {"b": "2"}}, "enableDnsHostnames", "tags")
    assert driver.diff(vpc, VPC | {"cidrBlock": "10.9.0.0/16"}).replaces == ("cidrBlock",)
    gone(driver, vpc)


def test_a_vpc_is_imported_as_it_is(driver: Driver) -> None:
    vpc = driver.create("aws:ec2/vpc:Vpc", "main", VPC)
    found = driver.import_("aws:ec2/vpc:Vpc", "main", vpc.identifier)
    assert found is not None
    assert driver.diff(found, VPC).changed == ()


def test_what_somebody_else_changed_is_drift_and_the_next_update_takes_it_back(
    driver: Driver, boto: Callable[[str], Any]
) -> None:
    vpc = driver.create("aws:ec2/vpc:Vpc", "main", VPC)
    boto("ec2").create_tags(Resources=[vpc.identifier], Tags=[{"Key": "Name", "Value": "other"}])
    found = driver.read(vpc)
    assert found is not None
    assert found.inputs["tags"] == {"Name": "other"}
    assert driver.diff(found, VPC).detailed.keys() == {"tags.Name"}
    driver.update(found, VPC)
    assert found.state["tags"] == {"Name": "one"}


def test_a_subnet_lives(driver: Driver) -> None:
    vpc = driver.create("aws:ec2/vpc:Vpc", "main", VPC)
    inputs = {**world.subnet(vpc, "a"), "tags": {"kubernetes.io/role/elb": "1"}}
    subnet = born(driver, "aws:ec2/subnet:Subnet", "public", inputs)
    changed(driver, subnet, inputs | {"mapPublicIpOnLaunch": True}, "mapPublicIpOnLaunch")
    gone(driver, subnet, vpc)


def test_a_second_subnet_on_the_same_addresses_is_refused_with_awss_code(driver: Driver) -> None:
    network = world.network(driver)
    with pytest.raises(RefusedError, match=r'creating aws:ec2/subnet:Subnet "again": CreateSubnet: InvalidSubnet'):
        driver.create("aws:ec2/subnet:Subnet", "again", world.subnet(network.vpc, "a"))


def test_public_and_private_routes_live(driver: Driver) -> None:
    network = world.network(driver)
    vpc, subnet = network.vpc.identifier, network.subnets[0]
    gateway = born(driver, "aws:ec2/internetGateway:InternetGateway", "gateway", {"vpcId": vpc})
    route = {"cidrBlock": "0.0.0.0/0", "gatewayId": gateway.identifier}
    table = born(driver, "aws:ec2/routeTable:RouteTable", "public", {"vpcId": vpc, "routes": [route]})
    other = born(driver, "aws:ec2/routeTable:RouteTable", "private", {"vpcId": vpc})
    bound = {"subnetId": subnet.identifier, "routeTableId": table.identifier}
    binding = born(driver, "aws:ec2/routeTableAssociation:RouteTableAssociation", "binding", bound)
    address = born(driver, "aws:ec2/eip:Eip", "address", {"domain": "vpc"})
    nat_inputs = {"subnetId": subnet.identifier, "allocationId": address.identifier}
    nat = born(driver, "aws:ec2/natGateway:NatGateway", "nat", nat_inputs)
    out = {"routeTableId": other.identifier, "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": nat.identifier}
    alone = born(driver, "aws:ec2/route:Route", "out", out)
    assert driver.read(address) == address, "what an address is bound to is no drift of the address"
    assert driver.read(other) == other, "a route of its own is no drift of its table"
    more = {"cidrBlock": "192.0.2.0/24", "gatewayId": gateway.identifier}
    changed(driver, table, {"vpcId": vpc, "routes": [more, route]}, "routes")
    gone(driver, alone, nat, address, binding, table, other, gateway)


def test_a_binding_that_moved_to_another_table_is_found_again(driver: Driver) -> None:
    network = world.network(driver)
    tables = [
        driver.create("aws:ec2/routeTable:RouteTable", name, {"vpcId": network.vpc.identifier}) for name in ("a", "b")
    ]
    bound = {"subnetId": network.subnet_ids[0], "routeTableId": tables[0].identifier}
    binding = driver.create("aws:ec2/routeTableAssociation:RouteTableAssociation", "binding", bound)
    moved = bound | {"routeTableId": tables[1].identifier}
    assert driver.diff(binding, moved).replaces == ()
    driver.update(binding, moved)
    found = driver.read(binding)
    assert found is not None
    assert found.state["routeTableId"] == tables[1].identifier
    gone(driver, found)


def test_security_groups_and_their_rules_live(driver: Driver) -> None:
    vpc = world.network(driver).vpc.identifier
    https = {"fromPort": 443, "toPort": 443, "protocol": "tcp", "cidrBlocks": ["10.0.0.0/8"]}
    among = {"fromPort": 0, "toPort": 0, "protocol": "-1", "self": True}
    inputs = {"vpcId": vpc, "ingress": [https, among]}
    token = "aws:ec2/securityGroup:SecurityGroup"
    plane = born(driver, token, "plane", inputs)
    nodes = born(driver, token, "nodes", {"vpcId": vpc, "revokeRulesOnDelete": True})
    rule = {
        "securityGroupId": nodes.identifier,
        "type": "ingress",
        "protocol": "tcp",
        "fromPort": 1025,
        "toPort": 65535,
        "sourceSecurityGroupId": plane.identifier,
    }
    single = born(driver, "aws:ec2/securityGroupRule:SecurityGroupRule", "kubelets", rule)
    leave = {"securityGroupId": nodes.identifier, "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}
    egress = born(driver, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "leave", leave)
    assert driver.read(nodes) == nodes, "rules of their own are no drift of their group"
    changed(driver, plane, inputs | {"ingress": [among]}, "ingress")
    gone(driver, egress, single, nodes, plane)


def test_a_launch_template_gets_a_new_version_when_it_changes(driver: Driver) -> None:
    inputs: dict[str, Any] = {
        "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 2, "httpEndpoint": "enabled"},
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 30}}],
    }
    template = born(driver, "aws:ec2/launchTemplate:LaunchTemplate", "template", inputs)
    bigger = inputs | {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 50}}]}
    changed(driver, template, bigger, "blockDeviceMappings")
    assert template.state["latestVersion"] == 2
    gone(driver, template)
