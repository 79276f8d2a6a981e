"""Node groups, and the nodes they order."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.contract import ACCOUNT, ClusterKey
from sandbox.aws.eks import nodegroups
from tests.sandbox.aws.fakes import Client, FakePlanes, make_cluster, make_nodegroup


def key(name: str) -> ClusterKey:
    return ClusterKey(account=ACCOUNT, region="us-east-1", name=name)


def test_a_node_group_orders_its_nodes(client: Client, planes: FakePlanes, unique: str) -> None:
    group = make_nodegroup(
        client, make_cluster(client, unique), "main", instanceTypes=["m5.large"], labels={"tier": "web"}
    )
    ordered = planes.nodes[key(unique), "main"]
    assert (ordered.desired, ordered.instance_type, ordered.labels) == (2, "m5.large", {"tier": "web"})
    assert ordered.zones == ("us-east-1a", "us-east-1b")
    assert ordered.capacity == {"cpu": "2", "memory": "8192Mi", "pods": "29"}
    assert (group["version"], group["amiType"]) == ("1.34", "AL2023_x86_64_STANDARD")


def test_a_change_of_size_and_labels_orders_anew(client: Client, planes: FakePlanes, unique: str) -> None:
    make_nodegroup(client, make_cluster(client, unique), "main", labels={"a": "1", "b": "2"})
    eks = client("eks")
    update = eks.update_nodegroup_config(
        clusterName=unique,
        nodegroupName="main",
        scalingConfig={"desiredSize": 4},
        labels={"addOrUpdateLabels": {"c": "3"}, "removeLabels": ["a"]},
    )["update"]
    assert eks.describe_update(name=unique, updateId=update["id"], nodegroupName="main")["update"]["params"]
    ordered = planes.nodes[key(unique), "main"]
    assert (ordered.desired, ordered.labels) == (4, {"b": "2", "c": "3"})
    described = eks.describe_nodegroup(clusterName=unique, nodegroupName="main")["nodegroup"]
    assert described["scalingConfig"] == {"minSize": 1, "maxSize": 4, "desiredSize": 4}


def test_a_deleted_node_groups_nodes_go(client: Client, planes: FakePlanes, unique: str) -> None:
    make_nodegroup(client, make_cluster(client, unique), "main")
    eks = client("eks")
    eks.delete_nodegroup(clusterName=unique, nodegroupName="main")
    assert (key(unique), "main") not in planes.nodes
    assert eks.list_nodegroups(clusterName=unique)["nodegroups"] == []
    with pytest.raises(ClientError, match="No node group found for name: main"):
        eks.delete_nodegroup(clusterName=unique, nodegroupName="main")


@pytest.mark.parametrize(
    ("scaling", "message"),
    [
        ({"minSize": 3, "maxSize": 4, "desiredSize": 2}, "Minimum capacity 3 can't be greater than desired size 2"),
        ({"minSize": 1, "maxSize": 2, "desiredSize": 3}, "desired capacity 3 can't be greater than max size 2"),
    ],
)
def test_sizes_that_contradict_each_other_are_refused(
    client: Client, unique: str, scaling: dict[str, int], message: str
) -> None:
    cluster = make_cluster(client, unique)
    with pytest.raises(ClientError, match=message):
        make_nodegroup(client, cluster, "main", scalingConfig=scaling)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"instanceTypes": ["x9.huge"]}, "instance types do not exist"),
        ({"subnets": ["subnet-0"]}, "subnet-0' does not exist"),
        ({"nodeRole": f"arn:aws:iam::{ACCOUNT}:role/nobody"}, "has to trust ec2.amazonaws.com"),
        ({"taints": [{"key": "a", "effect": "NO_SCHEDULE"}]}, "taints is not in the sandbox"),
    ],
)
def test_what_cannot_be_is_refused(client: Client, unique: str, more: dict[str, Any], message: str) -> None:
    cluster = make_cluster(client, unique)
    with pytest.raises(ClientError, match=f"InvalidParameterException.*{message}"):
        make_nodegroup(client, cluster, "main", **more)


def test_a_second_group_of_the_same_name_is_refused(client: Client, unique: str) -> None:
    cluster = make_cluster(client, unique)
    group = make_nodegroup(client, cluster, "main")
    with pytest.raises(ClientError, match=r"ResourceInUseException.*NodeGroup already exists with name main"):
        client("eks").create_nodegroup(
            clusterName=unique, nodegroupName="main", subnets=group["subnets"], nodeRole=group["nodeRole"]
        )


def test_a_cluster_that_is_not_ready_takes_no_node_groups(client: Client, planes: FakePlanes, unique: str) -> None:
    planes.ready_at_once = False
    cluster = make_cluster(client, unique)
    with pytest.raises(ClientError, match="not in ACTIVE status: it is CREATING"):
        make_nodegroup(client, cluster, "main")


def test_a_group_is_never_newer_than_its_cluster(client: Client, unique: str) -> None:
    make_nodegroup(client, make_cluster(client, unique, version="1.33"), "main")
    eks = client("eks")
    with pytest.raises(ClientError, match=r"must not be newer than the cluster's, 1.33"):
        eks.update_nodegroup_version(clusterName=unique, nodegroupName="main", version="1.34")
    eks.update_cluster_version(name=unique, version="1.34")
    eks.update_nodegroup_version(clusterName=unique, nodegroupName="main", version="1.34")
    assert eks.describe_nodegroup(clusterName=unique, nodegroupName="main")["nodegroup"]["version"] == "1.34"


def test_listing_a_missing_clusters_groups_is_an_error(client: Client, unique: str) -> None:
    with pytest.raises(ClientError, match=r"ResourceNotFoundException"):
        client("eks").list_nodegroups(clusterName=unique)


@pytest.mark.parametrize(("kind", "pods"), [("t3.medium", "17"), ("t3.large", "35"), ("m5.xlarge", "58")])
def test_a_node_takes_as_many_pods_as_its_interfaces_have_addresses(kind: str, pods: str) -> None:
    assert nodegroups.capacity_of(kind)["pods"] == pods
