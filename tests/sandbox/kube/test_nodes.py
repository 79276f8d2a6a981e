from dataclasses import replace

from sandbox.aws.contract import ClusterKey, NodeGroupSpec
from sandbox.kube import nodes

GROUP = NodeGroupSpec(
    cluster=ClusterKey(account="123456789012", region="eu-west-1", name="atlas"),
    name="main",
    desired=5,
    instance_type="t3.large",
    zones=("eu-west-1a", "eu-west-1b"),
    labels={"team": "web"},
    capacity={"cpu": "2", "memory": "8Gi", "pods": "35"},
)


def test_nodes_are_spread_over_the_zones_in_turn() -> None:
    zones = [nodes.manifest(GROUP, number)["metadata"]["labels"]["topology.kubernetes.io/zone"] for number in range(4)]
    assert zones == ["eu-west-1a", "eu-west-1b", "eu-west-1a", "eu-west-1b"]


def test_a_node_keeps_its_name_when_the_group_grows() -> None:
    grown = replace(GROUP, desired=50)
    assert [nodes.node_name(GROUP, number) for number in range(5)] == [
        nodes.node_name(grown, number) for number in range(5)
    ]


def test_no_two_nodes_of_a_large_group_share_a_name_or_an_instance() -> None:
    assert len({nodes.node_name(GROUP, number) for number in range(1000)}) == 1000
    assert len({nodes.instance_id(GROUP, number) for number in range(1000)}) == 1000


def test_names_are_ec2s_private_ones() -> None:
    virginia = replace(GROUP, cluster=replace(GROUP.cluster, region="us-east-1"))
    assert nodes.node_name(GROUP, 0).endswith(".eu-west-1.compute.internal")
    assert nodes.node_name(virginia, 0).endswith(".ec2.internal")


def test_a_node_says_where_it_is_and_what_it_holds() -> None:
    node = nodes.manifest(GROUP, 1)
    assert node["spec"]["providerID"].startswith("aws:///eu-west-1b/i-0")
    assert node["status"]["capacity"] == node["status"]["allocatable"] == GROUP.capacity
    expected = {
        "team": "web",
        "eks.amazonaws.com/nodegroup": "main",
        "node.kubernetes.io/instance-type": "t3.large",
        "topology.kubernetes.io/region": "eu-west-1",
        "kubernetes.io/hostname": node["metadata"]["name"],
    }
    assert expected.items() <= node["metadata"]["labels"].items()
