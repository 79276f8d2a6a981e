"""Control planes that are a dictionary, and the small pieces of AWS that many tests need."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.aws.contract import ClusterAccess, ClusterKey, NodeGroupSpec, PlaneStatus

Client = Callable[..., Any]
"""Makes a boto3 client: service, region, and optionally other keys."""


@dataclass(slots=True)
class FakePlanes:
    """Control planes that change only when a test sets them."""

    states: dict[ClusterKey, PlaneStatus] = field(default_factory=dict)
    failures: dict[ClusterKey, str] = field(default_factory=dict)
    versions: dict[ClusterKey, str] = field(default_factory=dict)
    nodes: dict[tuple[ClusterKey, str], NodeGroupSpec] = field(default_factory=dict)
    ready_at_once: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)

    def create(self, key: ClusterKey, version: str) -> ClusterAccess:
        with self.lock:
            self.states[key] = "ACTIVE" if self.ready_at_once else "CREATING"
            self.versions[key] = version
        return ClusterAccess(endpoint=f"https://127.0.0.1:1/{key.name}", certificate_authority="Q0E=")

    def status(self, key: ClusterKey) -> PlaneStatus:
        return self.states.get(key, "GONE")

    def failure(self, key: ClusterKey) -> str:
        return self.failures.get(key, "")

    def delete(self, key: ClusterKey) -> None:
        self.states[key] = "GONE" if self.ready_at_once else "DELETING"

    def set_nodes(self, group: NodeGroupSpec) -> None:
        self.nodes[group.cluster, group.name] = group

    def delete_nodes(self, cluster: ClusterKey, group: str) -> None:
        self.nodes.pop((cluster, group), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A VPC with an internet gateway and two subnets in two zones."""

    vpc: str
    gateway: str
    subnets: tuple[str, str]


def make_network(client: Client, region: str = "us-east-1") -> Network:
    """Make a VPC to put clusters and load balancers into."""
    ec2 = client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    zones = sorted(zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"])
    first, second = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zones[number])
        for number in range(2)
    )
    return Network(vpc=vpc, gateway=gateway, subnets=(first["Subnet"]["SubnetId"], second["Subnet"]["SubnetId"]))


def make_role(client: Client, name: str, principal: dict[str, str]) -> str:
    """Make an IAM role that a principal may assume, and return its ARN."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn: str = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    return arn


def make_cluster(client: Client, name: str, region: str = "us-east-1", **more: Any) -> dict[str, Any]:
    """Make a cluster with a network and a role of its own; access entries are on unless told otherwise."""
    network = make_network(client, region)
    role = make_role(client, f"{name}-cluster", {"Service": "eks.amazonaws.com"})
    asked: dict[str, Any] = {
        "name": name,
        "roleArn": role,
        "resourcesVpcConfig": {"subnetIds": list(network.subnets)},
        "accessConfig": {"authenticationMode": "API"},
    }
    cluster: dict[str, Any] = client("eks", region).create_cluster(**(asked | more))["cluster"]
    return cluster


def make_nodegroup(client: Client, cluster: dict[str, Any], name: str, **more: Any) -> dict[str, Any]:
    """Make a node group of two nodes in a cluster's own subnets."""
    role = make_role(client, f"{cluster['name']}-{name}", {"Service": "ec2.amazonaws.com"})
    asked: dict[str, Any] = {
        "clusterName": cluster["name"],
        "nodegroupName": name,
        "subnets": cluster["resourcesVpcConfig"]["subnetIds"],
        "nodeRole": role,
        "scalingConfig": {"minSize": 1, "maxSize": 4, "desiredSize": 2},
    }
    group: dict[str, Any] = client("eks").create_nodegroup(**(asked | more))["nodegroup"]
    return group
