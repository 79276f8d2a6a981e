"""What the program asks of AWS for an ``eks`` member: nothing that a lost region could hold up."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from federation.api.model.members import Addons, FederationSettings, Member
from federation.components import last_update
from federation.components.aws.on_aws import AwsResources, sts_region
from federation.errors.fault import FederationError
from federation.plan.changes.renames import Renames
from tests.components.mocks import HELD_STATE, THREE, Recorder, Registered, federation, run

pytestmark = pytest.mark.mocks

ROLE = "arn:aws:iam::123456789012:role/deployer"


def registered(settings: FederationSettings, state: Mapping[str, Any] | None = None) -> Recorder:
    def make() -> Any:
        whole = pulumi.ComponentResource("test:index:Whole", "whole")
        on_aws = AwsResources(whole, settings, last_update.engine_state(Renames.from_config(settings)))
        return pulumi.Output.all(*(on_aws.cluster(member).endpoint for member in settings.members))

    return run(make, preview=False, state=state)


def cluster(member: Member, **more: Any) -> Registered:
    (found,) = registered(federation(member).model_copy(update=more)).of("eks:index:Cluster").values()
    return found


def test_both_add_ons_have_a_version_so_that_none_is_looked_up() -> None:
    inputs = cluster(THREE[1]).inputs
    assert inputs["vpcCniOptions"]["addonVersion"] == "v1.20.4-eksbuild.2"
    assert inputs["kubeProxyAddonOptions"]["version"] == "v1.34.0-eksbuild.2"


def test_versions_of_add_ons_follow_the_kubernetes_version_unless_the_config_says_one() -> None:
    addons = Addons(vpc_cni="v1.19.6-eksbuild.7")
    member = THREE[1].model_copy(update={"kubernetes_version": "1.32", "addons": addons})
    inputs = cluster(member).inputs
    assert inputs["vpcCniOptions"]["addonVersion"] == "v1.19.6-eksbuild.7"
    assert inputs["kubeProxyAddonOptions"]["version"] == "v1.32.0-eksbuild.2"


def test_a_cluster_without_known_add_ons_is_refused() -> None:
    with pytest.raises(FederationError, match=r"us-east: addons for Kubernetes 1\.40 must be given"):
        cluster(THREE[1].model_copy(update={"kubernetes_version": "1.40"}))


def test_public_access_is_left_to_aws_because_the_component_waits_for_the_api_server_otherwise() -> None:
    assert "endpointPublicAccess" not in cluster(THREE[1]).inputs


def test_credential_options_are_always_given_so_that_no_profile_gets_into_the_kubeconfig() -> None:
    assert cluster(THREE[1]).inputs["providerCredentialOpts"] == {}
    assert cluster(THREE[1], role_arn=ROLE).inputs["providerCredentialOpts"] == {"roleArn": ROLE}


def providers(**more: Any) -> list[Registered]:
    found = registered(federation().model_copy(update=more)).of("pulumi:providers:aws")
    assert len(found) == 3
    return list(found.values())


def test_configuring_a_regions_provider_sends_no_request() -> None:
    for each in providers():
        assert json.loads(each.inputs["skipCredentialsValidation"]) is True
        assert json.loads(each.inputs["skipRequestingAccountId"]) is True
        assert "stsRegion" not in each.inputs


def test_the_role_is_assumed_in_one_region_for_all() -> None:
    assert {each.inputs["stsRegion"] for each in providers(role_arn=ROLE)} == {"us-east-1"}


def lost(*names: str) -> tuple[Member, ...]:
    return tuple(each.model_copy(update={"available": each.name not in names}) for each in THREE)


@pytest.mark.parametrize(
    ("members", "dns", "region"),
    [
        (THREE, {}, "us-east-1"),
        (lost("us-west"), {}, "us-east-1"),
        (lost("us-east"), {}, "ap-northeast-1"),
        (lost("us-east", "ap-northeast"), {}, "us-west-2"),
        (lost("us-east", "ap-northeast", "us-west"), {}, "us-east-1"),
        (THREE, {"region": "eu-west-1"}, "eu-west-1"),
        (THREE, {"provider": "none"}, "ap-northeast-1"),
    ],
)
def test_that_region_is_no_lost_members(members: tuple[Member, ...], dns: dict[str, str], region: str) -> None:
    settings = federation(*members)
    settings = settings.model_copy(update={"dns": settings.dns.model_copy(update=dns)})
    assert sts_region(settings) == region


def test_clusters_and_their_vpcs_are_protected_and_nothing_else_is() -> None:
    recorder = registered(federation(*THREE[1:]))
    assert recorder.protected == {"us-east/vpc", "us-east-cluster", "us-west/vpc", "us-west-cluster"}
    assert recorder.outputs["us-east"]["deletionProtection"] is True


@pytest.mark.parametrize(
    ("whole", "own", "protected"), [(False, None, False), (True, False, False), (False, True, True), (True, None, True)]
)
def test_a_member_has_the_protection_of_the_federation_or_its_own(
    *, whole: bool, own: bool | None, protected: bool
) -> None:
    member = THREE[1].model_copy(update={"deletion_protection": own})
    recorder = registered(federation(member).model_copy(update={"deletion_protection": whole}))
    assert recorder.protected == ({"us-east/vpc", "us-east-cluster"} if protected else set())
    assert recorder.outputs["us-east"]["deletionProtection"] is protected


NETWORK = (
    "urn:pulumi:dev::eks-federation::eks-federation:index:Federation$eks-federation:index:EksCluster"
    "$eks-federation:index:Network$aws:ec2/"
)
BY_POSITION: Mapping[str, Any] = {
    **HELD_STATE,
    f"{NETWORK}subnet:Subnet::us-east/subnet/public/us-east-1b": {"outputs": {"cidrBlock": "10.0.0.0/20"}},
    f"{NETWORK}subnet:Subnet::us-east/subnet/private/us-east-1b": {"outputs": {"cidrBlock": "10.0.16.0/20"}},
    f"{NETWORK}subnet:Subnet::us-east/subnet/public/us-east-1a": {"outputs": {"cidrBlock": "10.0.32.0/20"}},
    f"{NETWORK}subnet:Subnet::us-east/subnet/private/us-east-1a": {"outputs": {"cidrBlock": "10.0.48.0/20"}},
    f"{NETWORK}natGateway:NatGateway::us-east/nat/us-east-1b": {"outputs": {}},
}
"""A network of zones that were written in the order b, a, when ranges went by position."""


@pytest.mark.parametrize("zones", ["ab", "ba", "cab", "abc"])
def test_subnets_and_nat_gateway_that_stand_keep_their_ranges_and_zone(zones: str) -> None:
    member = THREE[1].model_copy(update={"zones": tuple(f"us-east-1{letter}" for letter in zones)})
    recorder = registered(federation(member), BY_POSITION)
    found = {name: each.inputs["cidrBlock"] for name, each in recorder.of("aws:ec2/subnet:Subnet").items()}
    standing = {
        "us-east/subnet/public/us-east-1b": "10.0.0.0/20",
        "us-east/subnet/private/us-east-1b": "10.0.16.0/20",
        "us-east/subnet/public/us-east-1a": "10.0.32.0/20",
        "us-east/subnet/private/us-east-1a": "10.0.48.0/20",
    }
    assert {name: cidr for name, cidr in found.items() if not name.endswith("1c")} == standing
    assert list(recorder.of("aws:ec2/natGateway:NatGateway")) == ["us-east/nat/us-east-1b"]
    if "c" in zones:
        assert found["us-east/subnet/public/us-east-1c"] == "10.0.64.0/20"
