"""Make an EKS cluster for a test through AWS's API: roles, a VPC, subnets, cluster, node group."""

import json
from typing import Any

from tests.sandbox.cloud import Cloud
from tests.sandbox.waiting import wait_for

REGION = "us-west-2"


def create(cloud: Cloud, name: str, *, nodes: int = 0) -> dict[str, Any]:
    """Create a cluster whose two subnets are tagged for load balancers; returns its description when it is ACTIVE."""
    ec2, eks = cloud.aws("ec2", REGION), cloud.aws("eks", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnets = [_subnet(ec2, vpc, number, f"{REGION}{zone}") for number, zone in enumerate("ab")]
    eks.create_cluster(
        name=name,
        version="1.34",
        roleArn=_role(cloud, f"{name}-cluster", "eks"),
        resourcesVpcConfig={"subnetIds": subnets},
        accessConfig={"authenticationMode": "API"},
        tags={"eks-federation/member": f"{name}-member"},
    )
    wait_for(lambda: eks.describe_cluster(name=name)["cluster"]["status"] == "ACTIVE", seconds=90)
    if nodes:
        eks.create_nodegroup(
            clusterName=name,
            nodegroupName="main",
            subnets=subnets,
            nodeRole=_role(cloud, f"{name}-nodes", "ec2"),
            scalingConfig={"minSize": 0, "maxSize": 10, "desiredSize": nodes},
            instanceTypes=["t3.large"],
            labels={"team": "web"},
        )
    cluster: dict[str, Any] = eks.describe_cluster(name=name)["cluster"]
    return cluster


def delete(cloud: Cloud, name: str) -> None:
    """Delete a cluster and its node groups, and wait until it is gone."""
    eks = cloud.aws("eks", REGION)
    for group in eks.list_nodegroups(clusterName=name)["nodegroups"]:
        eks.delete_nodegroup(clusterName=name, nodegroupName=group)
        wait_for(lambda: not eks.list_nodegroups(clusterName=name)["nodegroups"], seconds=30)
    eks.delete_cluster(name=name)
    wait_for(lambda: name not in eks.list_clusters()["clusters"], seconds=30)


def _subnet(ec2: Any, vpc: str, number: int, zone: str) -> str:
    tags = [{"ResourceType": "subnet", "Tags": [{"Key": "kubernetes.io/role/elb", "Value": "1"}]}]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.7.{number}.0/24", AvailabilityZone=zone, TagSpecifications=tags)
    return str(made["Subnet"]["SubnetId"])


def _role(cloud: Cloud, name: str, service: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = cloud.aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)
    return str(role["Role"]["Arn"])
