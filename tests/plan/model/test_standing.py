"""The AWS resources of each member are read from the state."""

from typing import Any

import pytest

from federation.plan.model import standing
from federation.plan.model.standing import CLUSTER, DNS, PROTECTED, Standing

TOP = f"eks-federation:index:Federation${CLUSTER}"
NETWORK = f"{TOP}$eks-federation:index:Network"
REMOTE = f"{TOP}$eks:index:Cluster"
NAMES = f"eks-federation:index:Federation${DNS}"


def urn(types: str, name: str) -> str:
    return f"urn:pulumi:dev::eks-federation::{types}::{name}"


def subnet(member: str, kind: str, zone: str, cidr: str) -> dict[str, Any]:
    return {urn(f"{NETWORK}$aws:ec2/subnet:Subnet", f"{member}/subnet/{kind}/{zone}"): {"cidrBlock": cidr}}


def member(name: str, cidr: str, *, protected: bool = True) -> dict[str, Any]:
    nodes = {"instanceTypes": ["m6i.large"], "scalingConfig": {"desiredSize": 3.0}}
    return {
        urn(TOP, name): {PROTECTED: protected},
        urn(NETWORK, f"{name}/network"): {},
        urn(f"{NETWORK}$aws:ec2/vpc:Vpc", f"{name}/vpc"): {"cidrBlock": f"{cidr}.0.0/16"},
        **subnet(name, "public", "z-1a", f"{cidr}.0.0/20"),
        **subnet(name, "private", "z-1a", f"{cidr}.16.0/20"),
        urn(f"{NETWORK}$aws:ec2/natGateway:NatGateway", f"{name}/nat/z-1a"): {},
        urn(REMOTE, f"{name}-cluster"): {},
        urn(f"{REMOTE}$aws:eks/cluster:Cluster", f"{name}-cluster-eksCluster"): {
            "name": f"atlas-dev-{name}",
            "version": "1.33",
        },
        urn(f"{REMOTE}$pulumi:providers:kubernetes", f"{name}-cluster-eks-k8s"): {},
        urn(f"{TOP}$eks:index:ManagedNodeGroup$aws:eks/nodeGroup:NodeGroup", f"{name}-nodes"): nodes,
    }


def zone(name: str, *, protected: bool) -> dict[str, Any]:
    return {
        urn(NAMES, f"dns/names/{name}"): {PROTECTED: protected},
        urn(f"{NAMES}$aws:route53/zone:Zone", f"dns/zone/{name}"): {"name": name},
    }


def test_a_member_has_its_cluster_its_network_and_its_nodes() -> None:
    found = standing.clusters({**member("us", "10.1", protected=False), **member("us-east", "10.2")})
    assert list(found) == ["us", "us-east"]
    assert found["us-east"] == Standing(
        resources={
            "aws:ec2/natGateway:NatGateway": 1,
            "aws:ec2/subnet:Subnet": 2,
            "aws:ec2/vpc:Vpc": 1,
            "aws:eks/cluster:Cluster": 1,
            "aws:eks/nodeGroup:NodeGroup": 1,
        },
        cluster="atlas-dev-us-east",
        kubernetes_version="1.33",
        cidr="10.2.0.0/16",
        instance_types=("m6i.large",),
        nodes=3,
        ranges={"z-1a": {"public": "10.2.0.0/20", "private": "10.2.16.0/20"}},
        nat_zones=("z-1a",),
        is_protected=True,
    )
    assert (found["us"].count, found["us"].is_protected, found["us"].cidr) == (6, False, "10.1.0.0/16")


ACCOUNT = "123456789012"
ROLE = urn(f"{REMOTE}$aws:iam/role:Role", "us-cluster-role")


def test_the_federation_is_that_of_the_tags() -> None:
    role = {"tags": {"eks-federation/federation": "atlas"}}
    assert standing.clusters({**member("us", "10.1"), ROLE: role})["us"].federation == "atlas"
    for other in ({"tags": {"Name": "x"}}, {"tags": None}, {"tags": {"eks-federation/federation": 1}}):
        assert standing.clusters({**member("us", "10.1"), ROLE: other})["us"].federation == ""


ARNS = [
    pytest.param(f"arn:aws:iam::{ACCOUNT}:role/us", ACCOUNT, id="of a role"),
    pytest.param(f"arn:aws-cn:ec2:cn-north-1:{ACCOUNT}:vpc/vpc-1", ACCOUNT, id="of a region"),
    pytest.param("arn:aws:ec2:us-east-1::vpc/vpc-1", "", id="built without an account"),
    pytest.param("arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy", "", id="of AWS itself"),
    pytest.param("04da6b54-80e4-46f7-96ec-b56ff0331ba9", "", id="not known"),
    pytest.param(None, "", id="none"),
]


@pytest.mark.parametrize(("arn", "account"), ARNS)
def test_the_account_is_that_of_the_arns(arn: str | None, account: str) -> None:
    assert standing.clusters({**member("us", "10.1"), ROLE: {"arn": arn}})["us"].account == account


def test_a_cluster_that_was_never_made_has_nothing() -> None:
    assert standing.clusters({urn(TOP, "us"): {}}) == {"us": Standing()}
    assert standing.clusters({}) == {}


def test_a_zone_is_protected_where_the_last_update_says_so() -> None:
    assert standing.protected_zone(zone("fed.test", protected=True)) == "fed.test"
    assert standing.protected_zone(zone("fed.test", protected=False)) == ""
    assert standing.protected_zone(member("us", "10.1")) == ""


def test_what_has_no_part_in_it_need_not_be_read() -> None:
    needed = {**member("us", "10.1"), **zone("fed.test", protected=True)}
    assert all(map(standing.is_needed, needed))
    assert not standing.is_needed(urn("eks-federation:index:Federation$kubernetes:core/v1:Secret", "us/demo/Secret/x"))
    assert not standing.is_needed(urn(f"{NAMES}$aws:route53/record:Record", "dns/leaf/x"))
