"""AWS resources whose creation was never reported are found by their AWS identifiers."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from federation.operations.recovery import aws_lookup
from federation.operations.recovery.pending import OpenOperation
from tests.sandbox.cloud import Cloud

pytestmark = pytest.mark.sandbox

REGION = "eu-central-1"
TAGS = {"eks-federation/federation": "lookup-test", "eks-federation/stack": "dev"}
NOBODYS = {"eks-federation/federation": "nobodys", "eks-federation/stack": "dev"}
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}]}


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def standing(token: str, **inputs: Any) -> tuple[aws_lookup.FoundResource, ...]:
    operation = OpenOperation(
        doing="creating", token=token, name="x", urn="urn", inputs=inputs, provider={"region": REGION}
    )
    return aws_lookup.find_resources(operation)


def found(token: str, **inputs: Any) -> tuple[str, ...]:
    return tuple(each.identifier for each in standing(token, **inputs))


def owned(token: str, **inputs: Any) -> tuple[bool, ...]:
    """By what is found, whether it is proven to be of the stack that ``tags`` name."""
    return tuple(each.is_ours for each in standing(token, **inputs))


@pytest.fixture(autouse=True)
def owner(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a user's shell in the sandbox."""
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def network(cloud: Cloud) -> Iterator[dict[str, str]]:
    """A VPC with what is in one, all tagged: ids by type."""
    ec2 = cloud.aws("ec2", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.98.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.98.0.0/20")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = {"vpc": vpc, "subnet": subnet, "routeTable": table, "internetGateway": gateway, "eip": address}
    ec2.create_tags(Resources=list(made.values()), Tags=pairs(TAGS))
    yield made
    ec2.release_address(AllocationId=address)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_route_table(RouteTableId=table)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)


@pytest.mark.parametrize("kind", ["vpc", "subnet", "routeTable", "internetGateway", "eip"])
def test_parts_of_a_network_are_found_by_their_tags(network: Mapping[str, str], kind: str) -> None:
    token = f"aws:ec2/{kind}:{kind[0].upper()}{kind[1:]}"
    assert found(token, tags=TAGS) == (network[kind],)
    assert found(token, tags=NOBODYS) == ()
    assert owned(token, tags=TAGS) == (True,)


def test_nat_gateways_are_looked_for_by_their_tags() -> None:
    assert found("aws:ec2/natGateway:NatGateway", tags=NOBODYS) == ()


def test_what_has_no_tags_cannot_be_told_from_others() -> None:
    with pytest.raises(aws_lookup.SearchFailedError, match="no tags"):
        found("aws:ec2/vpc:Vpc", cidrBlock="10.98.0.0/16")


def test_a_security_group_is_found_by_its_name_in_its_vpc(cloud: Cloud, network: Mapping[str, str]) -> None:
    ec2 = cloud.aws("ec2", REGION)
    group = ec2.create_security_group(GroupName="lookup", Description="x", VpcId=network["vpc"])["GroupId"]
    inputs = {"name": "lookup", "vpcId": network["vpc"], "tags": TAGS}
    assert found("aws:ec2/securityGroup:SecurityGroup", **inputs) == (group,)
    assert owned("aws:ec2/securityGroup:SecurityGroup", **inputs) == (False,)
    ec2.create_tags(Resources=[group], Tags=pairs(TAGS))
    assert owned("aws:ec2/securityGroup:SecurityGroup", **inputs) == (True,)
    ec2.delete_security_group(GroupId=group)
    assert found("aws:ec2/securityGroup:SecurityGroup", name="lookup", vpcId=network["vpc"]) == ()


def test_a_role_is_found_by_its_name(cloud: Cloud) -> None:
    iam = cloud.aws("iam")
    iam.create_role(RoleName="lookup-test", AssumeRolePolicyDocument=json.dumps(TRUST))
    assert found("aws:iam/role:Role", name="lookup-test") == ("lookup-test",)
    assert owned("aws:iam/role:Role", name="lookup-test", tags=TAGS) == (False,)
    iam.tag_role(RoleName="lookup-test", Tags=pairs({**TAGS, "eks-federation/stack": "prod"}))
    assert owned("aws:iam/role:Role", name="lookup-test", tags=TAGS) == (False,)
    iam.tag_role(RoleName="lookup-test", Tags=pairs(TAGS))
    assert owned("aws:iam/role:Role", name="lookup-test", tags=TAGS) == (True,)
    assert owned("aws:iam/role:Role", name="lookup-test") == (False,)
    iam.delete_role(RoleName="lookup-test")
    assert found("aws:iam/role:Role", name="lookup-test") == ()


def test_an_identity_provider_is_found_by_its_issuer(cloud: Cloud) -> None:
    iam, issuer = cloud.aws("iam"), "https://oidc.example.com/id/LOOKUP"
    arn = iam.create_open_id_connect_provider(Url=issuer, ThumbprintList=["a" * 40])["OpenIDConnectProviderArn"]
    assert found("aws:iam/openIdConnectProvider:OpenIdConnectProvider", url=issuer) == (arn,)
    assert owned("aws:iam/openIdConnectProvider:OpenIdConnectProvider", url=issuer, tags=TAGS) == (False,)
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=pairs(TAGS))
    assert owned("aws:iam/openIdConnectProvider:OpenIdConnectProvider", url=issuer, tags=TAGS) == (True,)
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert found("aws:iam/openIdConnectProvider:OpenIdConnectProvider", url=issuer) == ()


def test_a_zone_is_found_by_its_name_and_tags_and_a_record_in_it(cloud: Cloud) -> None:
    route53, token = cloud.aws("route53"), "aws:route53/zone:Zone"
    zone = route53.create_hosted_zone(Name="lookup.example.com", CallerReference="lookup")["HostedZone"]["Id"]
    bare = zone.removeprefix("/hostedzone/")
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=bare, AddTags=pairs(TAGS))
    assert found(token, name="lookup.example.com", tags=TAGS) == (bare,)
    assert found(token, name="lookup.example.com", tags=NOBODYS) == ()
    record = {"Name": "a.lookup.example.com", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"x"'}]}
    change = {"Action": "CREATE", "ResourceRecordSet": record}
    route53.change_resource_record_sets(HostedZoneId=bare, ChangeBatch={"Changes": [change]})
    inputs = {"zoneId": bare, "name": "a.lookup.example.com", "type": "TXT"}
    assert found("aws:route53/record:Record", **inputs) == (f"{bare}_a.lookup.example.com_TXT",)
    assert owned("aws:route53/record:Record", **inputs) == (False,)
    assert found("aws:route53/record:Record", **{**inputs, "type": "A"}) == ()
    route53.change_resource_record_sets(HostedZoneId=bare, ChangeBatch={"Changes": [{**change, "Action": "DELETE"}]})
    route53.delete_hosted_zone(Id=bare)


def test_a_health_check_is_found_by_its_tags(cloud: Cloud) -> None:
    route53, token = cloud.aws("route53"), "aws:route53/healthCheck:HealthCheck"
    config = {"Type": "TCP", "FullyQualifiedDomainName": "lookup.example.com", "Port": 80}
    check = route53.create_health_check(CallerReference="lookup-test", HealthCheckConfig=config)["HealthCheck"]["Id"]
    route53.change_tags_for_resource(ResourceType="healthcheck", ResourceId=check, AddTags=pairs(TAGS))
    assert found(token, tags=TAGS) == (check,)
    route53.delete_health_check(HealthCheckId=check)
    assert found(token, tags=TAGS) == ()


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        ("aws:eks/cluster:Cluster", {"name": "nowhere"}),
        ("aws:eks/nodeGroup:NodeGroup", {"clusterName": "nowhere", "nodeGroupName": "none"}),
        ("aws:eks/addon:Addon", {"clusterName": "nowhere", "addonName": "vpc-cni"}),
        ("aws:ec2/launchTemplate:LaunchTemplate", {"name": "nowhere"}),
        ("aws:route53/record:Record", {"zoneId": "Z0000NOWHERE", "name": "a.example.com", "type": "A"}),
    ],
)
def test_what_is_not_there_is_not_found(token: str, inputs: Mapping[str, str]) -> None:
    assert found(token, **inputs) == ()


def test_a_refusal_of_aws_is_not_taken_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(aws_lookup.SearchFailedError, match=r"Signature|Auth"):
        found("aws:iam/role:Role", name="nowhere")
