"""The components' children and outputs, with Pulumi's mocks in place of the engine."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_eks
import pytest
from pulumi.errors import InputPropertiesError
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from sandbox.plugins.eks import health
from sandbox.plugins.eks.provider import EksProvider

pytestmark = [
    pytest.mark.mocks,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the SDKs warn of their own old classes
]

CLUSTER: dict[str, Any] = {
    "authenticationMode": "API",
    "name": "atlas",
    "vpcId": "vpc-1",
    "publicSubnetIds": ["subnet-a"],
    "privateSubnetIds": ["subnet-b"],
    "skipDefaultNodeGroup": True,
    "version": "1.34",
}
CONTROL_PLANE = [
    ("aws:eks/cluster:Cluster", "web-eksCluster"),
    ("aws:iam/role:Role", "web-eksRole-role"),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "web-eksRole-4b490823"),
    ("eks:index:Cluster", "web"),
    ("eks:index:ServiceRole", "web-eksRole"),
    ("pulumi:providers:kubernetes", "web-eks-k8s"),
]


class Cloud(Mocks):
    """Gives every resource an id and what the components read of it."""

    def __init__(self) -> None:
        self.made: dict[str, MockResourceArgs] = {}
        self.tree: list[tuple[str, str]] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.made[args.name] = args
        self.tree = sorted([*self.tree, (args.typ, args.name)])
        state = {**args.inputs, "arn": f"arn:aws:x:us-east-1:1:{args.name}", "name": args.inputs.get("name", args.name)}
        if args.typ == "aws:eks/cluster:Cluster":
            issuer = {"issuer": "https://oidc.eks.us-east-1.amazonaws.com/id/1"}
            state |= {"endpoint": "https://127.0.0.1:1", "certificateAuthority": {"data": "Q0E="}}
            state |= {"identities": [{"oidcs": [issuer]}], "version": "1.34", "id": "atlas"}
            state["vpcConfig"] = {**args.inputs["vpcConfig"], "clusterSecurityGroupId": "sg-eks"}
        if args.typ == "aws:ec2/launchTemplate:LaunchTemplate":
            state["latestVersion"] = 1
        return f"{args.name}-id", state

    def call(self, args: MockCallArgs) -> Any:
        answers = {
            "aws:index/getPartition:getPartition": {"partition": "aws", "dnsSuffix": "amazonaws.com"},
            "aws:eks/getAddonVersion:getAddonVersion": {"version": "v1.0.0-eksbuild.1"},
        }
        return answers[args.token]


def construct(inputs: dict[str, Any], component: str = "eks:index:Cluster") -> Any:
    return EksProvider().construct("web", component, inputs, pulumi.ResourceOptions())


def pool(inputs: dict[str, Any]) -> Any:
    state: Any = EksProvider().construct("pool", "eks:index:ManagedNodeGroup", inputs).state
    return state["nodeGroup"].id


@pytest.fixture(params=[True, False], ids=["preview", "update"])
def cloud(request: pytest.FixtureRequest) -> Cloud:
    made = Cloud()
    pulumi.runtime.set_mocks(made, project="test", stack="dev", preview=request.param)
    return made


def run(program: Callable[[], Any]) -> None:
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call] # Pulumi has no types here


def test_a_cluster_without_security_groups_and_network_plugin_is_a_role_and_a_control_plane(cloud: Cloud) -> None:
    small = {"skipDefaultSecurityGroups": True, "useDefaultVpcCni": True, "kubeProxyAddonOptions": {"enabled": False}}
    run(lambda: construct(CLUSTER | small).state["kubeconfigJson"])
    assert cloud.tree == CONTROL_PLANE


def test_a_cluster_has_the_official_components_children(cloud: Cloud) -> None:
    run(lambda: construct(CLUSTER | {"createOidcProvider": True}).state["kubeconfigJson"])
    rule, group = "aws:ec2/securityGroupRule:SecurityGroupRule", "aws:ec2/securityGroup:SecurityGroup"
    assert (
        cloud.tree
        == sorted(
            [
                *CONTROL_PLANE,
                ("aws:eks/addon:Addon", "web-kube-proxy"),
                ("aws:eks/addon:Addon", "web-vpc-cni"),
                ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "web-oidcProvider"),
                ("eks:index:VpcCniAddon", "web-vpc-cni"),
                (group, "web-eksClusterSecurityGroup"),
                (group, "web-nodeSecurityGroup"),
                (rule, "web-eksClusterIngressRule"),
                (rule, "web-eksClusterInternetEgressRule"),
                (rule, "web-eksExtApiServerClusterIngressRule"),
                (rule, "web-eksNodeClusterIngressRule"),
                (rule, "web-eksNodeIngressRule"),
                (rule, "web-eksNodeInternetEgressRule"),
            ]
        )
        or [name for _, name in cloud.tree].count("web-vpc-cni") == 1
    )


def test_a_clusters_answer_has_every_output_of_the_sdk_and_core_every_key(cloud: Cloud) -> None:
    found: dict[str, Any] = {}

    def program() -> Any:
        found.update(construct(CLUSTER).state)
        return found["kubeconfigJson"]

    run(program)
    # The official component cannot answer with its provider, which is undefined in remote components.
    assert found.keys() == wire_names(pulumi_eks.Cluster) - {"awsProvider"}
    assert found["core"].keys() >= wire_names(pulumi_eks.outputs.CoreData) - {"awsProvider"}


def test_a_cluster_says_where_it_is(cloud: Cloud) -> None:
    def program() -> Any:
        state = construct(CLUSTER | {"providerCredentialOpts": {"roleArn": "arn:r", "profileName": "p"}}).state

        def look(known: list[Any]) -> None:
            written, issuer, url = known
            arguments = json.loads(written)["users"][0]["user"]["exec"]["args"]
            assert arguments[-2:] == ["--role", "arn:r"], "the profile is for the component's own provider only"
            assert url == f"https://{issuer}"

        return pulumi.Output.all(state["kubeconfigJson"], state["oidcIssuer"], state["oidcProviderUrl"]).apply(look)

    run(program)


def exec_arguments(cloud: Cloud, inputs: dict[str, Any]) -> list[str]:
    """What the component's own provider runs for a token."""
    run(lambda: construct(CLUSTER | inputs).state["kubeconfigJson"])
    kubeconfig = json.loads(cloud.made["web-eks-k8s"].inputs["kubeconfig"])
    arguments: list[str] = kubeconfig["users"][0]["user"]["exec"]["args"]
    return arguments


@pytest.mark.parametrize(("inputs", "named"), [({}, ["--profile", "mine"]), ({"providerCredentialOpts": {}}, [])])
def test_whoevers_profile_it_is_gets_in_unless_credential_options_are_given(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, inputs: dict[str, Any], named: list[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    assert exec_arguments(cloud, inputs)[8:] == named


@pytest.mark.parametrize(("given", "waits"), [({"endpointPublicAccess": True}, True), ({}, False)])
def test_an_update_waits_for_the_api_server_where_public_access_is_given(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], waits: bool
) -> None:
    asked: list[str] = []

    async def wait(endpoint: str) -> None:
        asked.append(endpoint)

    monkeypatch.setattr(health, "wait", wait)
    run(lambda: construct(CLUSTER | given).state["kubeconfigJson"])
    in_update = not pulumi.runtime.is_dry_run()
    assert bool(asked) is (waits and in_update)


def test_the_wait_is_bounded_and_nothing_fails_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    monkeypatch.setattr(health, "PAUSE_SECONDS", 0.0)

    def is_well(endpoint: str) -> bool:
        tried.append(endpoint)
        return False

    monkeypatch.setattr(health, "_is_well", is_well)
    asyncio.run(health.wait("https://127.0.0.1:1"))
    assert len(tried) == 60


def test_nobody_listening_is_not_well() -> None:
    assert health._is_well("https://127.0.0.1:1") is False


def test_access_entries_and_their_policies_are_resources(cloud: Cloud) -> None:
    policy = {"policyArn": "arn:policy", "accessScope": {"type": "cluster"}}
    entry = {"principalArn": "arn:team", "accessPolicies": {"view": policy}}
    run(lambda: construct(CLUSTER | {"accessEntries": {"team": entry}}).state["kubeconfigJson"])
    assert cloud.made["web-team"].inputs["principalArn"] == "arn:team"
    assert cloud.made["web-team-view"].inputs["accessScope"] == {"type": "cluster"}


def test_auto_mode_asks_for_all_three_settings_and_a_node_role(cloud: Cloud) -> None:
    inputs = CLUSTER | {"autoMode": {"enabled": True}}
    run(lambda: construct(inputs).state["autoModeNodeRoleName"])
    asked = cloud.made["web-eksCluster"].inputs
    assert asked["storageConfig"] == {"blockStorage": {"enabled": True}}
    assert asked["kubernetesNetworkConfig"]["elasticLoadBalancing"] == {"enabled": True}
    assert asked["bootstrapSelfManagedAddons"] is False
    assert {"web-nodeRole-role", "web-coredns"} <= cloud.made.keys()
    assert "web-vpc-cni" not in cloud.made


def test_a_node_group_takes_from_its_cluster_what_the_program_does_not_say(cloud: Cloud) -> None:
    def program() -> Any:
        core = construct(CLUSTER).state["core"]
        nodes = {"cluster": core, "nodeRoleArn": "arn:nodes", "instanceTypes": ["t3.medium"], "labels": {"a": "b"}}
        return pool(nodes)

    run(program)
    asked = cloud.made["pool"].inputs
    assert asked["scalingConfig"] == {"desiredSize": 2, "minSize": 1, "maxSize": 2}
    assert asked["subnetIds"] == ["subnet-a", "subnet-b"]
    assert (asked["nodeRoleArn"], asked["labels"]) == ("arn:nodes", {"a": "b"})


def test_a_node_group_that_demands_imdsv2_gets_a_launch_template(cloud: Cloud) -> None:
    def program() -> Any:
        core = construct(CLUSTER).state["core"]
        nodes = {"cluster": core, "nodeRoleArn": "arn:nodes", "enableIMDSv2": True, "diskSize": 50}
        return pool(nodes)

    run(program)
    template = cloud.made["pool-launchTemplate"].inputs
    assert template["metadataOptions"]["httpTokens"] == "required"
    assert template["blockDeviceMappings"][0]["ebs"] == {"volumeSize": 50}
    assert "diskSize" not in cloud.made["pool"].inputs


def test_a_component_that_is_not_known_is_named(cloud: Cloud) -> None:
    with pytest.raises(Exception, match=r"eks:index:NodeGroupV2 is not known .*eks:index:ManagedNodeGroup"):
        construct({}, "eks:index:NodeGroupV2")


def test_nothing_is_made_of_a_cluster_that_is_refused(cloud: Cloud) -> None:
    with pytest.raises(InputPropertiesError, match=r"fargate"):
        construct(CLUSTER | {"fargate": True})
    assert cloud.made == {}


def wire_names(cls: type) -> set[str]:
    """Return a class's outputs as the wire has them."""
    getters = [prop.fget for prop in vars(cls).values() if isinstance(prop, property)]
    return {str(getattr(getter, "_pulumi_name", getter.__name__)) for getter in getters if getter is not None}
