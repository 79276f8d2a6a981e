"""Load balancers' names and zones, and what may not be deleted beneath them."""

import re

import pytest
from botocore.exceptions import ClientError

from sandbox.aws import zone_ids
from tests.sandbox.aws.fakes import Client, Network, make_cluster, make_network, make_nodegroup

LISTENERS = [{"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 30080}]


def make_network_balancer(client: Client, name: str, network: Network, region: str = "us-east-1") -> dict[str, str]:
    elb = client("elbv2", region)
    asked = {"Name": name, "Type": "network", "Subnets": list(network.subnets), "Tags": [{"Key": "a", "Value": "1"}]}
    made: dict[str, str] = elb.create_load_balancer(**asked)["LoadBalancers"][0]
    return made


@pytest.mark.parametrize("region", ["ap-northeast-1", "us-east-1", "us-west-2", "eu-west-1"])
def test_a_network_load_balancer_is_named_as_on_aws(client: Client, unique: str, region: str) -> None:
    made = make_network_balancer(client, unique, make_network(client, region), region)
    assert re.fullmatch(rf"{unique}-[0-9a-f]{{16}}\.elb\.{region}\.amazonaws\.com", made["DNSName"])
    assert f":loadbalancer/net/{unique}/" in made["LoadBalancerArn"]
    assert made["CanonicalHostedZoneId"] == zone_ids.NETWORK[region]
    assert made["Scheme"] == "internet-facing"
    elb = client("elbv2", region)
    (found,) = elb.describe_load_balancers(LoadBalancerArns=[made["LoadBalancerArn"]])["LoadBalancers"]
    assert found["DNSName"] == made["DNSName"]
    (tags,) = elb.describe_tags(ResourceArns=[made["LoadBalancerArn"]])["TagDescriptions"]
    assert tags["Tags"] == [{"Key": "a", "Value": "1"}]


def test_a_network_load_balancer_takes_listeners(client: Client, unique: str) -> None:
    network, elb = make_network(client), client("elbv2")
    made = make_network_balancer(client, unique, network)
    group = elb.create_target_group(Name=unique, Protocol="TCP", Port=80, VpcId=network.vpc)["TargetGroups"][0]
    forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
    elb.create_listener(LoadBalancerArn=made["LoadBalancerArn"], Protocol="TCP", Port=80, DefaultActions=forward)
    (listener,) = elb.describe_listeners(LoadBalancerArn=made["LoadBalancerArn"])["Listeners"]
    assert listener["Port"] == 80


def test_a_classic_load_balancer_is_named_as_on_aws(client: Client, unique: str) -> None:
    network, elb = make_network(client), client("elb")
    name = elb.create_load_balancer(LoadBalancerName=unique, Listeners=LISTENERS, Subnets=list(network.subnets))
    assert re.fullmatch(rf"{unique}-\d+\.us-east-1\.elb\.amazonaws\.com", name["DNSName"])
    (found,) = elb.describe_load_balancers(LoadBalancerNames=[unique])["LoadBalancerDescriptions"]
    assert found["DNSName"] == name["DNSName"]
    assert found["CanonicalHostedZoneNameID"] == zone_ids.APPLICATION["us-east-1"]
    assert found["AvailabilityZones"] == ["us-east-1a", "us-east-1b"]


def test_an_internal_application_load_balancer_says_so_in_its_name(client: Client, unique: str) -> None:
    made = client("elbv2").create_load_balancer(
        Name=unique, Scheme="internal", Subnets=list(make_network(client).subnets)
    )["LoadBalancers"][0]
    assert re.fullmatch(rf"internal-{unique}-\d+\.us-east-1\.elb\.amazonaws\.com", made["DNSName"])
    assert made["CanonicalHostedZoneId"] == zone_ids.APPLICATION["us-east-1"]


def test_a_second_load_balancer_of_the_same_name_is_the_first_or_refused(client: Client, unique: str) -> None:
    network, elb = make_network(client), client("elbv2")
    first = make_network_balancer(client, unique, network)
    assert make_network_balancer(client, unique, network)["LoadBalancerArn"] == first["LoadBalancerArn"]
    with pytest.raises(ClientError, match="DuplicateLoadBalancerName"):
        elb.create_load_balancer(Name=unique, Type="network", Subnets=[network.subnets[0]])
    with pytest.raises(ClientError, match="DuplicateLoadBalancerName"):
        elb.create_load_balancer(Name=unique, Subnets=list(network.subnets))


def test_no_zone_id_is_used_twice() -> None:
    assert set(zone_ids.NETWORK) == set(zone_ids.APPLICATION)
    everything = [*zone_ids.NETWORK.values(), *zone_ids.APPLICATION.values()]
    assert len(set(everything)) == len(everything)


def test_a_region_without_a_known_zone_is_refused(client: Client, unique: str) -> None:
    network = make_network(client, "ap-southeast-6")
    with pytest.raises(ClientError, match="does not know the zone of load balancers in ap-southeast-6"):
        make_network_balancer(client, unique, network, "ap-southeast-6")


def test_nothing_is_deleted_from_under_a_load_balancer(client: Client, unique: str) -> None:
    ec2, network = client("ec2"), make_network(client)
    made = make_network_balancer(client, unique, network)
    with pytest.raises(ClientError, match=rf"DependencyViolation.*has dependencies.*load balancer {unique}"):
        ec2.delete_subnet(SubnetId=network.subnets[0])
    with pytest.raises(ClientError, match=r"DependencyViolation.*has some mapped public address"):
        ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)
    client("elbv2").delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])
    for subnet in network.subnets:
        ec2.delete_subnet(SubnetId=subnet)
    with pytest.raises(ClientError, match=rf"DependencyViolation.*{network.gateway}"):
        ec2.delete_vpc(VpcId=network.vpc)
    ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)
    ec2.delete_internet_gateway(InternetGatewayId=network.gateway)
    ec2.delete_vpc(VpcId=network.vpc)


def test_nothing_is_deleted_from_under_a_classic_load_balancer(client: Client, unique: str) -> None:
    ec2, network, elb = client("ec2"), make_network(client), client("elb")
    elb.create_load_balancer(LoadBalancerName=unique, Listeners=LISTENERS, Subnets=list(network.subnets))
    with pytest.raises(ClientError, match=f"load balancer {unique}"):
        ec2.delete_subnet(SubnetId=network.subnets[1])
    elb.delete_load_balancer(LoadBalancerName=unique)
    ec2.delete_subnet(SubnetId=network.subnets[1])


def test_nothing_is_deleted_from_under_a_cluster_and_its_nodes(client: Client, unique: str) -> None:
    ec2, eks = client("ec2"), client("eks")
    cluster = make_cluster(client, unique)
    make_nodegroup(client, cluster, "main")
    subnet = cluster["resourcesVpcConfig"]["subnetIds"][0]
    with pytest.raises(ClientError, match=f"cluster {unique}, node group main"):
        ec2.delete_subnet(SubnetId=subnet)
    with pytest.raises(ClientError, match="has a dependent object"):
        ec2.delete_security_group(GroupId=cluster["resourcesVpcConfig"]["clusterSecurityGroupId"])
    eks.delete_nodegroup(clusterName=unique, nodegroupName="main")
    eks.delete_cluster(name=unique)
    ec2.delete_subnet(SubnetId=subnet)


def test_a_subnet_with_a_nat_gateway_stays_until_that_is_deleted(client: Client) -> None:
    ec2, network = client("ec2"), make_network(client)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=network.subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    with pytest.raises(ClientError, match=f"NAT gateway {gateway}"):
        ec2.delete_subnet(SubnetId=network.subnets[0])
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    ec2.delete_subnet(SubnetId=network.subnets[0])


def test_a_vpc_with_a_security_group_stays(client: Client, unique: str) -> None:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName=unique, Description="x", VpcId=vpc)["GroupId"]
    with pytest.raises(ClientError, match=f"DependencyViolation.*{group}"):
        ec2.delete_vpc(VpcId=vpc)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc)
