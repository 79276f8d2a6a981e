"""Make the resources that most others need: a network, roles, a cluster."""

import json
from dataclasses import dataclass
from typing import Any

from tests.sandbox.plugins.aws.driver import Driver, Resource


def trust(service: str) -> str:
    """Write a policy that lets a service assume a role."""
    actions = ["sts:AssumeRole", "sts:TagSession"]
    statement = {"Effect": "Allow", "Action": actions, "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A VPC and two subnets in two zones."""

    vpc: Resource
    subnets: tuple[Resource, Resource]

    @property
    def subnet_ids(self) -> list[str]:
        return [subnet.identifier for subnet in self.subnets]


def network(driver: Driver) -> Network:
    """Make a network."""
    vpc = driver.create("aws:ec2/vpc:Vpc", "vpc", {"cidrBlock": "10.0.0.0/16"})
    first, second = (driver.create("aws:ec2/subnet:Subnet", f"subnet-{zone}", subnet(vpc, zone)) for zone in "ab")
    return Network(vpc=vpc, subnets=(first, second))


def subnet(vpc: Resource, zone: str) -> dict[str, Any]:
    """Return a subnet's inputs."""
    number = "abc".index(zone)
    return {"vpcId": vpc.identifier, "cidrBlock": f"10.0.{number}.0/24", "availabilityZone": f"us-east-1{zone}"}


def role(driver: Driver, name: str, service: str) -> Resource:
    """Make a role that a service may assume."""
    return driver.create("aws:iam/role:Role", name, {"assumeRolePolicy": trust(service)})


def cluster_inputs(name: str, arn: str, subnet_ids: list[str]) -> dict[str, Any]:
    """Return a cluster's inputs."""
    return {
        "name": name,
        "roleArn": arn,
        "vpcConfig": {"subnetIds": subnet_ids},
        "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": True},
    }


def cluster(driver: Driver, name: str) -> Resource:
    """Make a cluster on a network of its own."""
    plane = role(driver, name, "eks.amazonaws.com")
    inputs = cluster_inputs(name, plane.state["arn"], network(driver).subnet_ids)
    return driver.create("aws:eks/cluster:Cluster", name, inputs)
