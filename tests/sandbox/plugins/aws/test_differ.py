"""`Diff` reports what changed, and what replaces the resource."""

from typing import Any

import pytest

from sandbox.plugins.aws.differ import Difference, difference
from sandbox.plugins.aws.registry import RESOURCE_TYPES
from sandbox.plugins.properties import UNKNOWN, text

RECORD: dict[str, Any] = {
    "zoneId": "Z1",
    "name": "web.example.com",
    "type": "A",
    "setIdentifier": "one",
    "weightedRoutingPolicies": [{"weight": 3}],
    "aliases": [{"name": "lb.example.com", "zoneId": "Z2", "evaluateTargetHealth": True}],
}
TRUST = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}'


def compare(token: str, old: dict[str, Any], new: dict[str, Any]) -> Difference:
    return difference(RESOURCE_TYPES[token], old, new)


def paths(found: Difference) -> dict[str, str]:
    return {text(change.path): change.kind for change in found.changes}


@pytest.mark.parametrize(
    ("token", "old", "new"),
    [
        ("aws:route53/record:Record", RECORD, RECORD | {"name": "Web.Example.com."}),
        ("aws:route53/record:Record", RECORD | {"ttl": 60}, RECORD | {"ttl": "60"}),
        ("aws:route53/record:Record", RECORD | {"records": ["b", "a"]}, RECORD | {"records": ["a", "b"]}),
        ("aws:iam/role:Role", {"assumeRolePolicy": TRUST}, {"assumeRolePolicy": TRUST.replace(" ", "")}),
        ("aws:ec2/subnet:Subnet", {"availabilityZone": "us-east-1a"}, {}),
        ("aws:ec2/subnet:Subnet", {"mapPublicIpOnLaunch": False}, {}),
        ("aws:eks/cluster:Cluster", {"vpcConfig": {"subnetIds": ["b", "a"]}}, {"vpcConfig": {"subnetIds": ["a", "b"]}}),
    ],
)
def test_what_says_the_same_is_no_change(token: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    assert compare(token, old, new).changes == ()


def test_a_weight_changes_in_place_and_is_named_to_the_leaf() -> None:
    found = compare("aws:route53/record:Record", RECORD, RECORD | {"weightedRoutingPolicies": [{"weight": 0}]})
    assert paths(found) == {"weightedRoutingPolicies[0].weight": "update"}
    assert found.replaces == ()


def test_a_change_of_policy_is_in_place_too_and_aws_is_left_to_refuse_it() -> None:
    latency = {key: value for key, value in RECORD.items() if key != "weightedRoutingPolicies"}
    found = compare(
        "aws:route53/record:Record", RECORD, latency | {"latencyRoutingPolicies": [{"region": "us-east-1"}]}
    )
    assert paths(found) == {"weightedRoutingPolicies": "delete", "latencyRoutingPolicies": "add"}
    assert found.replaces == ()


@pytest.mark.parametrize("change", [{"zoneId": "Z9"}, {"name": "other.example.com"}])
def test_zone_and_name_replace_a_record(change: dict[str, str]) -> None:
    assert compare("aws:route53/record:Record", RECORD, RECORD | change).replaces == tuple(change)


@pytest.mark.parametrize("change", [{"type": "AAAA"}, {"setIdentifier": "two"}])
def test_type_and_set_identifier_of_a_record_change_in_place(change: dict[str, str]) -> None:
    found = compare("aws:route53/record:Record", RECORD, RECORD | change)
    assert (found.changed, found.replaces) == (tuple(change), ())


def test_a_value_that_is_not_known_yet_counts_as_changed_and_replaces_where_it_would() -> None:
    found = compare("aws:ec2/subnet:Subnet", {"vpcId": "vpc-1"}, {"vpcId": UNKNOWN})
    assert found.replaces == ("vpcId",)


def test_a_nested_property_replaces_where_only_it_is_immutable() -> None:
    old = {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.0.0.0/16", "elasticLoadBalancing": {"enabled": False}}}
    fresh = {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.9.0.0/16"}}
    assert compare("aws:eks/cluster:Cluster", old, fresh).replaces == ("kubernetesNetworkConfig",)
    mode = {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.0.0.0/16", "elasticLoadBalancing": {"enabled": True}}}
    assert compare("aws:eks/cluster:Cluster", old, mode).replaces == ()


@pytest.mark.parametrize(("filled", "first"), [([], True), (["name"], False)])
def test_a_name_that_the_program_chose_makes_room_before_it_is_taken_again(filled: list[str], first: bool) -> None:
    old = {"name": "atlas", "roleArn": "arn:old", "__defaults": filled}
    found = compare("aws:eks/cluster:Cluster", old, old | {"roleArn": "arn:new"})
    assert found.replaces == ("roleArn",)
    assert found.delete_first is first


def test_single_tags_are_named() -> None:
    found = compare("aws:ec2/vpc:Vpc", {"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "9", "c": "3"}})
    assert paths(found) == {"tags.a": "update", "tags.b": "delete", "tags.c": "add"}
