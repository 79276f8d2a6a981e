"""Arguments are implemented, or refused by name."""

import json
from typing import Any

import pulumi_eks
import pytest
from pulumi.errors import InputPropertiesError

from sandbox.plugins.eks import arguments, cni, node_group
from sandbox.plugins.eks.kubeconfig import kubeconfig

GOOD: dict[str, Any] = {"authenticationMode": "API", "vpcId": "vpc-1", "skipDefaultNodeGroup": True}
NODES: dict[str, Any] = {"cluster": {}, "nodeRoleArn": "arn:aws:iam::1:role/nodes"}


def names(cls: type) -> set[str]:
    """Return a class's properties as the wire has them."""
    getters = [prop.fget for prop in vars(cls).values() if isinstance(prop, property)]
    return {str(getattr(getter, "_pulumi_name", getter.__name__)) for getter in getters if getter is not None}


def test_every_argument_that_is_done_is_one_of_the_sdks() -> None:
    assert names(pulumi_eks.ClusterArgs) >= arguments.CLUSTER
    assert names(pulumi_eks.ManagedNodeGroupArgs) >= arguments.NODE_GROUP


@pytest.mark.parametrize("name", sorted(names(pulumi_eks.ClusterArgs) - arguments.CLUSTER))
def test_every_other_argument_of_a_cluster_is_refused_by_name(name: str) -> None:
    assert [place for place, _ in arguments.cluster_faults({**GOOD, name: "x"})] == [name]


@pytest.mark.parametrize("name", sorted(names(pulumi_eks.ManagedNodeGroupArgs) - arguments.NODE_GROUP))
def test_every_other_argument_of_a_node_group_is_refused_by_name(name: str) -> None:
    assert [place for place, _ in arguments.node_group_faults({**NODES, name: "x"})] == [name]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"authenticationMode": "CONFIG_MAP"}, "authenticationMode"),
        ({"authenticationMode": None}, "authenticationMode"),
        ({"skipDefaultNodeGroup": None}, "skipDefaultNodeGroup"),
        ({"vpcId": None}, "vpcId"),
        ({"instanceRoles": ["role"]}, "instanceRoles"),
        ({"subnetIds": ["a"], "publicSubnetIds": ["b"]}, "subnetIds"),
    ],
)
def test_a_cluster_that_cannot_be_made_is_refused_by_the_argument(change: dict[str, Any], place: str) -> None:
    assert [found for found, _ in arguments.cluster_faults(GOOD | change)] == [place]


def test_auto_mode_needs_no_node_group_to_be_skipped() -> None:
    assert arguments.cluster_faults(GOOD | {"skipDefaultNodeGroup": None, "autoMode": {"enabled": True}}) == []


def test_every_fault_is_in_one_error() -> None:
    with pytest.raises(InputPropertiesError, match=r"the cluster web cannot be made .*: fargate, vpcId") as raised:
        arguments.refuse("the cluster web", arguments.cluster_faults(GOOD | {"fargate": True, "vpcId": None}))
    assert [fault["property_path"] for fault in raised.value.errors or []] == ["fargate", "vpcId"]


def test_a_node_group_needs_one_role() -> None:
    assert [place for place, _ in arguments.node_group_faults({"cluster": {}})] == ["nodeRole"]
    assert [place for place, _ in arguments.node_group_faults(NODES | {"nodeRole": "x"})] == ["nodeRole"]


def test_sizes_that_are_not_given_are_the_official_ones() -> None:
    assert node_group.sizes(None).__dict__ == node_group.sizes({}).__dict__
    assert (node_group.sizes({"desiredSize": 0, "maxSize": 9}).desired_size, node_group.sizes(None).max_size) == (0, 2)


@pytest.mark.parametrize(("types", "arm"), [(["m7g.large"], True), (["t3.medium", "g5.xlarge"], False), ([], False)])
def test_the_architecture_is_read_off_the_instance_types(types: list[str], arm: bool) -> None:
    assert node_group.is_arm(types) is arm


def test_instance_types_of_two_architectures_are_refused() -> None:
    with pytest.raises(ValueError, match=r"m7g.large, t3.medium do not share"):
        node_group.is_arm(["m7g.large", "t3.medium"])


def test_a_kubeconfig_holds_a_command_and_no_token() -> None:
    written = kubeconfig("atlas", "https://127.0.0.1:1", "Q0E=", "us-east-1", role="arn:r", profile="p")
    execute = written["users"][0]["user"]["exec"]
    command = "aws --region us-east-1 eks get-token --cluster-name atlas --output json --role arn:r --profile p"
    assert [execute["command"], *execute["args"]] == command.split()
    assert written["users"][0]["user"].keys() == {"exec"}
    assert written["clusters"][0]["cluster"]["certificate-authority-data"] == "Q0E="


def test_network_plugin_options_become_its_environment_and_the_programs_own_values_win() -> None:
    own = {"env": {"WARM_ENI_TARGET": "7"}}
    written = json.loads(cni.configuration({"eniMtu": 1500.0, "enableNetworkPolicy": True, "configurationValues": own}))
    assert written["env"]["AWS_VPC_ENI_MTU"] == "1500"
    assert written["env"]["WARM_ENI_TARGET"] == "7"
    assert written["enableNetworkPolicy"] == "true"
    assert written["init"] == {"env": {"DISABLE_TCP_EARLY_DEMUX": "false"}}


def test_an_unknown_option_of_the_network_plugin_is_named() -> None:
    assert [place for place, _ in cni.faults({"securityContextPrivileged": True})] == [
        "vpcCniOptions.securityContextPrivileged"
    ]
