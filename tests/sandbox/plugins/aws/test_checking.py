"""Inputs are checked against the tables, and defaults are filled in."""

from typing import Any

import pytest

from sandbox.plugins.aws import settings
from sandbox.plugins.aws.checking import Checked, Naming, check
from sandbox.plugins.aws.naming import NameFaultError, name_from
from sandbox.plugins.aws.registry import RESOURCE_TYPES
from sandbox.plugins.aws.schema import AutoName
from sandbox.plugins.properties import UNKNOWN

NAMING = Naming(logical="web", seed=b"seed")
ROLE = {"assumeRolePolicy": "{}"}


def checked(token: str, inputs: dict[str, Any], *, old: dict[str, Any] | None = None, **tags: str) -> Checked:
    return check(RESOURCE_TYPES[token], old or {}, inputs, NAMING, tags)


def faults(token: str, inputs: dict[str, Any]) -> dict[str, str]:
    return {fault.property: fault.reason for fault in checked(token, inputs).faults}


def test_an_unknown_property_is_named_and_the_known_ones_are_listed() -> None:
    found = faults("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "ipv4IpamPoolId": "ipam-1"})
    assert "cidrBlock, enableDnsHostnames" in found["ipv4IpamPoolId"]


def test_an_unknown_nested_property_is_named_with_its_place() -> None:
    found = faults("aws:eks/cluster:Cluster", {"roleArn": "r", "vpcConfig": {"subnetIds": ["a"], "color": "red"}})
    assert list(found) == ["vpcConfig.color"]


def test_every_missing_property_is_named_at_once() -> None:
    assert set(faults("aws:ec2/subnet:Subnet", {})) == {"vpcId", "cidrBlock"}


@pytest.mark.parametrize(
    ("token", "inputs", "place"),
    [
        ("aws:ec2/vpc:Vpc", {"cidrBlock": ["10.0.0.0/16"]}, "cidrBlock"),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": "maybe"}, "enableDnsSupport"),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "tags": ["a"]}, "tags"),
        ("aws:iam/role:Role", ROLE | {"maxSessionDuration": "long"}, "maxSessionDuration"),
        ("aws:iam/role:Role", ROLE | {"name": "no/slash"}, "name"),
        ("aws:iam/role:Role", ROLE | {"name": "x" * 65}, "name"),
        ("aws:ec2/securityGroup:SecurityGroup", {"name": "sg-mine"}, "name"),
        ("aws:route53/record:Record", {"zoneId": "Z", "name": "n", "type": "A"}, "records"),
        ("aws:route53/record:Record", {"zoneId": "Z", "name": "n", "type": "A", "records": ["1"]}, "ttl"),
        (
            "aws:route53/record:Record",
            {"zoneId": "Z", "name": "n", "type": "Q", "records": ["1"], "ttl": 1},
            "type",
        ),
        (
            "aws:eks/nodeGroup:NodeGroup",
            {
                "clusterName": "c",
                "nodeRoleArn": "r",
                "subnetIds": ["s"],
                "scalingConfig": {"desiredSize": 5, "minSize": 1, "maxSize": 3},
            },
            "scalingConfig",
        ),
        (
            "aws:eks/cluster:Cluster",
            {"roleArn": "r", "vpcConfig": {"subnetIds": ["s"]}, "computeConfig": {"enabled": True}},
            "computeConfig",
        ),
    ],
)
def test_a_value_that_aws_would_refuse_is_named(token: str, inputs: dict[str, Any], place: str) -> None:
    assert place in faults(token, inputs)


def test_a_record_set_has_one_policy_and_needs_a_set_identifier() -> None:
    record = {"zoneId": "Z", "name": "n", "type": "A", "records": ["1"], "ttl": 1}
    both = {"weightedRoutingPolicies": [{"weight": 1}], "latencyRoutingPolicies": [{"region": "us-east-1"}]}
    assert set(faults("aws:route53/record:Record", record | both)) == {
        "weightedRoutingPolicies",
        "latencyRoutingPolicies",
    }


def test_values_that_are_not_known_yet_are_no_fault() -> None:
    assert faults("aws:ec2/subnet:Subnet", {"vpcId": UNKNOWN, "cidrBlock": UNKNOWN, "tags": UNKNOWN}) == {}


def test_a_name_is_made_of_the_logical_name_and_seven_digits_and_kept_afterwards() -> None:
    first = checked("aws:iam/role:Role", ROLE).inputs
    assert first["name"] == name_from(AutoName(), "web", b"seed")
    again = checked("aws:iam/role:Role", ROLE, old=first | {"name": "web-0000000"}).inputs
    assert again["name"] == "web-0000000"


def test_a_name_that_the_program_gave_before_is_not_kept_when_it_is_taken_out() -> None:
    given = checked("aws:iam/role:Role", ROLE | {"name": "mine"}).inputs
    assert checked("aws:iam/role:Role", ROLE, old=given).inputs["name"].startswith("web-")


def test_a_logical_name_that_makes_no_name_is_refused_with_the_remedy() -> None:
    with pytest.raises(NameFaultError, match=r"give name yourself"):
        name_from(AutoName(pattern=r"\w+"), "us-east/web", b"seed")


def test_default_tags_lie_under_the_programs_own() -> None:
    inputs = {"cidrBlock": "10.0.0.0/16", "tags": {"team": "web"}}
    found = checked("aws:ec2/vpc:Vpc", inputs, team="all", cell="one")
    assert found.inputs["tags"] == {"team": "web", "cell": "one"}


def test_a_policy_document_may_be_a_value() -> None:
    found = checked("aws:iam/role:Role", {"assumeRolePolicy": {"Version": "2012-10-17"}})
    assert found.inputs["assumeRolePolicy"] == '{"Version": "2012-10-17"}'


def test_a_setting_that_the_provider_does_not_know_is_named() -> None:
    found = settings.faults({"region": "us-east-1", "httpProxy": "http://proxy", "assumeRoles": '[{"roleArn": "r"}]'})
    assert [fault.property for fault in found] == ["httpProxy"]


def test_a_provider_reads_roles_tags_and_endpoints_out_of_their_json() -> None:
    read = settings.read(
        {
            "region": "eu-west-1",
            "assumeRoles": '[{"roleArn": "arn:aws:iam::1:role/deploy"}]',
            "defaultTags": '{"tags": {"a": "b"}}',
            "endpoints": '[{"ec2": "http://127.0.0.1:1"}]',
            "skipCredentialsValidation": "true",
        }
    )
    assert [role["roleArn"] for role in read.roles] == ["arn:aws:iam::1:role/deploy"]
    assert (read.default_tags, read.endpoints, read.validate) == ({"a": "b"}, {"ec2": "http://127.0.0.1:1"}, False)


def test_settings_do_not_show_keys() -> None:
    assert "planted" not in repr(settings.read({"secretKey": "planted", "token": "planted"}))
