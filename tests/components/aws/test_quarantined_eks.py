"""All that the state has of a quarantined ``eks`` member's cluster is registered with the state's inputs, and nothing
else."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from federation.api.model.members import Nodes
from federation.components import last_update
from federation.components.aws import quarantined_eks
from federation.components.aws.on_aws import AwsResources
from federation.components.aws.quarantined_eks import StateNode
from tests.components.mocks import HELD_STATE, KUBECONFIG, THREE, Recorder, federation, run

pytestmark = pytest.mark.mocks

TOP = "eks-federation:index:Federation$eks-federation:index:EksCluster"
NETWORK = f"{TOP}$eks-federation:index:Network"
REMOTE = f"{TOP}$eks:index:Cluster"
ROLE = f"{REMOTE}$eks:index:ServiceRole"
STANDING = (
    (TOP, "us-east"),
    (NETWORK, "us-east/network"),
    (f"{NETWORK}$aws:ec2/vpc:Vpc", "us-east/vpc"),
    (f"{NETWORK}$aws:ec2/subnet:Subnet", "us-east/subnet/public/us-east-1a"),
    (REMOTE, "us-east-cluster"),
    (ROLE, "us-east-cluster-eksRole"),
    (f"{ROLE}$aws:iam/role:Role", "us-east-cluster-eksRole-role"),
    (f"{REMOTE}$aws:eks/cluster:Cluster", "us-east-cluster-eksCluster"),
    (f"{REMOTE}$pulumi:providers:kubernetes", "us-east-cluster-eks-k8s"),
    (f"{TOP}$eks:index:ManagedNodeGroup", "us-east-nodes"),
    (f"{TOP}$eks:index:ManagedNodeGroup$aws:eks/nodeGroup:NodeGroup", "us-east-nodes"),
)
NOTHING: Mapping[str, Any] = {}
OTHERS = (
    (TOP, "us"),
    (f"{NETWORK}$aws:ec2/vpc:Vpc", "us/vpc"),
    (f"{REMOTE}$aws:eks/cluster:Cluster", "us-cluster-eksCluster"),
    ("eks-federation:index:Federation$pulumi:providers:aws", "aws/us-east-1"),
)


def urn(types: str, name: str) -> str:
    return f"urn:pulumi:dev::eks-federation::{types}::{name}"


def outputs(types: str, name: str) -> dict[str, Any]:
    match types.rpartition("$")[2]:
        case "aws:eks/cluster:Cluster":
            return {"name": "atlas-dev-us-east", "tags": {"a": "b"}}
        case "aws:iam/role:Role":
            return {"name": f"{name}-0a1b2c3", "tags": {"a": "b"}, "__defaults": ["name"]}
        case "aws:eks/nodeGroup:NodeGroup":
            return {"nodeGroupName": f"{name}-0a1b2c3", "tags": {"a": "b"}}
        case "aws:ec2/vpc:Vpc":
            return {"tags": {"a": "b"}}
        case "pulumi:providers:kubernetes":
            return {"kubeconfig": KUBECONFIG, "kubeClientSettings": '{"timeout": 9}'}
        case _:
            return {}


def registered(
    *standing: tuple[str, str],
    is_joined: bool = True,
    protection: bool | None = None,
    was_protected: bool = True,
    left: Mapping[str, Any] = NOTHING,
) -> Recorder:
    """Register the quarantined us-east with ``standing`` in the state; ``left`` are its cluster's outputs."""
    quarantined = THREE[1].model_copy(
        update={
            "available": False,
            "nodes": Nodes(desired=5),
            "zones": ("us-east-1f",),
            "deletion_protection": protection,
        }
    )

    def make() -> Any:
        on_aws = AwsResources(
            pulumi.ComponentResource("eks-federation:index:Federation", "atlas"),
            federation(quarantined),
            last_update.engine_state(),
        )
        return pulumi.Output.all(*(each.urn for each in on_aws.quarantined_cluster(quarantined).ready))

    state = {
        urn(types, name): {"type": types.rpartition("$")[2], "outputs": outputs(types, name)}
        for types, name in standing
    }
    state[urn(TOP, "us-east")] = {"type": TOP.rpartition("$")[2], "outputs": dict(left)}
    return run(make, preview=False, state={**state, **(joined(is_protected=was_protected) if is_joined else {})})


def joined(*, is_protected: bool) -> dict[str, Any]:
    top = urn(TOP, "us-east")
    return {**HELD_STATE, top: {"outputs": {**HELD_STATE[top]["outputs"], "deletionProtection": is_protected}}}


def test_each_resource_of_it_keeps_its_urn() -> None:
    recorder = registered(*STANDING, *OTHERS)
    names = dict(STANDING)
    for types, name in STANDING[1:-2]:
        assert recorder.parents[name].endswith(f"::{names[types.rpartition('$')[0]]}")
    assert recorder.parents["us-east-nodes"].endswith("eks:index:ManagedNodeGroup::us-east-nodes")
    tokens = sorted(each.token for each in recorder.registered if each.name.startswith("us-east"))
    assert tokens == sorted(types.rpartition("$")[2] for types, _ in STANDING)


def test_no_property_of_it_is_changed_whatever_the_config_says() -> None:
    recorder = registered(*STANDING, *OTHERS)
    custom = [each for each in recorder.registered if each.token.startswith(("aws:", "pulumi:providers:kubernetes"))]
    found = [each for each in custom if each.name.startswith("us-east")]
    assert len(found) == 6
    assert {each.name: each.inputs for each in found if each.inputs} == {
        "us-east-cluster-eks-k8s": {"kubeClientSettings": '{"timeout": 2}'}
    }
    assert recorder.ignored["us-east/vpc"] == ["tags"]
    assert recorder.ignored["us-east-cluster-eks-k8s"] == ["kubeconfig"]


def test_a_name_that_was_made_up_stays_one_and_a_given_one_is_kept() -> None:
    recorder = registered(*STANDING, *OTHERS)
    assert recorder.ignored["us-east-cluster-eksRole-role"] == ["tags"]
    assert recorder.ignored["us-east-nodes"] == ["tags"]
    assert recorder.ignored["us-east-cluster-eksCluster"] == ["name", "tags"]


def test_a_resource_that_was_never_made_is_not_made_in_quarantine() -> None:
    recorder = registered(*STANDING[:3], is_joined=False)
    names = {each.name for each in recorder.registered}
    assert names == {"atlas", "eks", "aws/us-east-1", "us-east", "us-east/network", "us-east/vpc"}
    assert set(recorder.outputs["us-east"]) == {"deletionProtection"}


def test_an_unfinished_cluster_keeps_its_role_and_its_protection() -> None:
    left = {"roleArn": "arn:aws:iam::123456789012:role/deployer", "deletionProtection": True}
    kept = registered(*STANDING[:3], is_joined=False, left=left)
    assert kept.outputs["us-east"] == left
    assert kept.protected == {"us-east/vpc"}
    lifted = registered(*STANDING[:3], is_joined=False, left=left, protection=False)
    assert lifted.outputs["us-east"] == {**left, "deletionProtection": False}
    assert lifted.protected == set()


def test_an_unfinished_cluster_of_which_no_update_says_anything_is_protected_as_the_config_says() -> None:
    assert registered(*STANDING[:3], is_joined=False).protected == {"us-east/vpc"}
    assert registered(*STANDING[:3], is_joined=False, protection=False).protected == set()


def test_what_it_is_reached_by_stays_in_its_outputs() -> None:
    shown = registered(*STANDING).outputs["us-east"]
    assert (shown["endpoint"], shown["identifier"], shown["roleArn"]) == ("https://lost", "oidc/lost", "")
    assert shown["kubeconfig"]["value"] == KUBECONFIG


def below(member: str) -> list[StateNode]:
    urns = [urn(types, name) for types, name in (*STANDING, *OTHERS) if f"{TOP}$" in types]
    return quarantined_eks.nodes({key: {} for key in urns}, member, ("us", "us-east"))


def test_it_would_be_taken_apart_in_the_reverse_order_of_making() -> None:
    found = below("us-east")
    custom = [node.token for node in found if not node.is_component]
    assert custom == [
        "aws:ec2/vpc:Vpc",
        "aws:iam/role:Role",
        "aws:ec2/subnet:Subnet",
        "aws:eks/cluster:Cluster",
        "pulumi:providers:kubernetes",
        "aws:eks/nodeGroup:NodeGroup",
    ]


def test_members_whose_names_begin_alike_are_kept_apart() -> None:
    found = below("us")
    assert [node.name for node in found] == ["us/vpc", "us-cluster-eksCluster"]


def test_what_the_state_protects_stays_protected_unless_the_config_lifts_it() -> None:
    kept = registered(*STANDING)
    assert {"us-east/vpc", "us-east-cluster", "us-east-cluster-eksCluster"} <= kept.protected
    assert not {"us-east/network", "us-east/subnet/public/us-east-1a", "us-east-nodes"} & kept.protected
    assert kept.outputs["us-east"]["deletionProtection"] is True
    lifted = registered(*STANDING, protection=False)
    assert lifted.protected == set()
    assert lifted.outputs["us-east"]["deletionProtection"] is False


def test_a_resource_without_protection_gets_none_in_quarantine() -> None:
    assert registered(*STANDING, was_protected=False, protection=True).protected == set()
