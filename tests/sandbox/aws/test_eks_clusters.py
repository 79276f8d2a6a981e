"""Clusters in the API and behind it."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.contract import ACCOUNT, ClusterKey
from tests.sandbox.aws.fakes import Client, FakePlanes, make_cluster, make_network, make_nodegroup, make_role


def key(name: str, region: str = "us-east-1") -> ClusterKey:
    return ClusterKey(account=ACCOUNT, region=region, name=name)


def test_a_cluster_has_its_control_planes_address(client: Client, planes: FakePlanes, unique: str) -> None:
    cluster = make_cluster(client, unique)
    assert cluster["endpoint"] == f"https://127.0.0.1:1/{unique}"
    assert cluster["certificateAuthority"] == {"data": "Q0E="}
    assert cluster["version"] == planes.versions[key(unique)] == "1.34"


def test_a_cluster_is_creating_until_its_control_plane_is_ready(
    client: Client, planes: FakePlanes, unique: str
) -> None:
    planes.ready_at_once = False
    assert make_cluster(client, unique)["status"] == "CREATING"
    eks = client("eks")
    assert eks.describe_cluster(name=unique)["cluster"]["status"] == "CREATING"
    planes.states[key(unique)] = "ACTIVE"
    assert eks.describe_cluster(name=unique)["cluster"]["status"] == "ACTIVE"


def test_a_failed_control_plane_says_why(client: Client, planes: FakePlanes, unique: str) -> None:
    make_cluster(client, unique)
    planes.states[key(unique)], planes.failures[key(unique)] = "FAILED", "kube-apiserver ended with 1"
    cluster = client("eks").describe_cluster(name=unique)["cluster"]
    assert cluster["status"] == "FAILED"
    assert cluster["health"]["issues"][0]["message"] == "kube-apiserver ended with 1"


def test_every_cluster_has_an_issuer_of_its_own(client: Client, unique: str) -> None:
    first, second = (make_cluster(client, f"{unique}{n}")["identity"]["oidc"]["issuer"] for n in "ab")
    assert re.fullmatch(r"https://oidc\.eks\.us-east-1\.amazonaws\.com/id/[0-9A-F]{32}", first)
    assert first != second


def test_a_cluster_belongs_to_its_region(client: Client, unique: str) -> None:
    cluster = make_cluster(client, unique, "ap-northeast-1")
    assert cluster["arn"] == f"arn:aws:eks:ap-northeast-1:{ACCOUNT}:cluster/{unique}"
    assert unique in client("eks", "ap-northeast-1").list_clusters()["clusters"]
    with pytest.raises(ClientError, match=r"ResourceNotFoundException"):
        client("eks").describe_cluster(name=unique)


def test_a_second_cluster_of_the_same_name_is_refused(client: Client, unique: str) -> None:
    cluster = make_cluster(client, unique)
    with pytest.raises(ClientError, match=r"ResourceInUseException.*Cluster already exists with name"):
        client("eks").create_cluster(
            name=unique,
            roleArn=cluster["roleArn"],
            resourcesVpcConfig={"subnetIds": cluster["resourcesVpcConfig"]["subnetIds"]},
        )


def test_of_two_creates_at_once_one_succeeds(client: Client, unique: str) -> None:
    network = make_network(client)
    role = make_role(client, unique, {"Service": "eks.amazonaws.com"})
    eks = client("eks")

    def create(_: int) -> str:
        try:
            eks.create_cluster(name=unique, roleArn=role, resourcesVpcConfig={"subnetIds": list(network.subnets)})
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "created"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(create, range(4))) == ["ResourceInUseException"] * 3 + ["created"]


def test_a_cluster_gets_a_security_group_that_goes_with_it(client: Client, unique: str) -> None:
    vpc = make_cluster(client, unique)["resourcesVpcConfig"]
    ec2 = client("ec2")
    groups = ec2.describe_security_groups(GroupIds=[vpc["clusterSecurityGroupId"]])["SecurityGroups"]
    assert groups[0]["VpcId"] == vpc["vpcId"]
    client("eks").delete_cluster(name=unique)
    assert unique not in client("eks").list_clusters()["clusters"]
    with pytest.raises(ClientError, match=r"InvalidGroup.NotFound"):
        ec2.describe_security_groups(GroupIds=[vpc["clusterSecurityGroupId"]])


def test_a_deleted_cluster_is_there_until_its_control_plane_is_gone(
    client: Client, planes: FakePlanes, unique: str
) -> None:
    make_cluster(client, unique)
    planes.ready_at_once = False
    eks = client("eks")
    assert eks.delete_cluster(name=unique)["cluster"]["status"] == "DELETING"
    assert eks.describe_cluster(name=unique)["cluster"]["status"] == "DELETING"
    planes.states[key(unique)] = "GONE"
    with pytest.raises(ClientError, match="No cluster found for name"):
        eks.describe_cluster(name=unique)


def test_a_cluster_with_node_groups_is_not_deleted(client: Client, planes: FakePlanes, unique: str) -> None:
    make_nodegroup(client, make_cluster(client, unique), "main")
    with pytest.raises(ClientError, match=r"ResourceInUseException.*Cluster has nodegroups attached"):
        client("eks").delete_cluster(name=unique)
    assert planes.states[key(unique)] == "ACTIVE"


def test_a_protected_cluster_is_not_deleted(client: Client, unique: str) -> None:
    make_cluster(client, unique, deletionProtection=True)
    eks = client("eks")
    with pytest.raises(ClientError, match="deletion protection"):
        eks.delete_cluster(name=unique)
    eks.update_cluster_config(name=unique, deletionProtection=False)
    eks.delete_cluster(name=unique)


@pytest.mark.parametrize("version", ["1.29", "1.35", "latest"])
def test_a_version_that_is_not_offered_is_refused(client: Client, unique: str, version: str) -> None:
    with pytest.raises(ClientError, match=r"InvalidParameterException.*the sandbox takes 1.30"):
        make_cluster(client, unique, version=version)


def test_a_version_moves_one_minor_forward_at_a_time(client: Client, unique: str) -> None:
    make_cluster(client, unique, version="1.32")
    eks = client("eks")
    for wrong in ("1.31", "1.32", "1.34"):
        with pytest.raises(ClientError, match=f"Unsupported Kubernetes minor version update from 1.32 to {wrong}"):
            eks.update_cluster_version(name=unique, version=wrong)
    update = eks.update_cluster_version(name=unique, version="1.33")["update"]
    assert (update["type"], update["status"]) == ("VersionUpdate", "Successful")
    assert eks.describe_update(name=unique, updateId=update["id"])["update"]["id"] == update["id"]
    assert eks.list_updates(name=unique)["updateIds"] == [update["id"]]
    assert eks.describe_cluster(name=unique)["cluster"]["version"] == "1.33"


def test_subnets_have_to_be_in_two_zones_and_to_exist(client: Client, unique: str) -> None:
    network = make_network(client)
    with pytest.raises(ClientError, match="at least two different AZs"):
        make_cluster(client, unique, resourcesVpcConfig={"subnetIds": [network.subnets[0]]})
    with pytest.raises(ClientError, match="The subnet ID 'subnet-0' does not exist"):
        make_cluster(client, f"{unique}b", resourcesVpcConfig={"subnetIds": [network.subnets[0], "subnet-0"]})


def test_a_role_has_to_exist_and_to_trust_eks(client: Client, unique: str) -> None:
    nodes = make_role(client, f"{unique}-nodes", {"Service": "ec2.amazonaws.com"})
    for number, role in enumerate((nodes, f"arn:aws:iam::{ACCOUNT}:role/nobody")):
        with pytest.raises(ClientError, match=r"could not be assumed.*eks.amazonaws.com"):
            make_cluster(client, f"{unique}{number}", roleArn=role)


def test_auto_mode_is_refused_by_name(client: Client, unique: str) -> None:
    with pytest.raises(ClientError, match="computeConfig: auto mode is not in the sandbox"):
        make_cluster(client, unique, computeConfig={"enabled": True})


def test_the_endpoints_access_may_change_and_the_authentication_mode_only_forward(client: Client, unique: str) -> None:
    make_cluster(client, unique, accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})
    eks = client("eks")
    update = eks.update_cluster_config(name=unique, resourcesVpcConfig={"endpointPrivateAccess": True})["update"]
    assert update["type"] == "EndpointAccessUpdate"
    eks.update_cluster_config(name=unique, accessConfig={"authenticationMode": "API"})
    with pytest.raises(ClientError, match="Unsupported authentication mode update from API to API_AND_CONFIG_MAP"):
        eks.update_cluster_config(name=unique, accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})
    cluster = eks.describe_cluster(name=unique)["cluster"]
    assert cluster["accessConfig"]["authenticationMode"] == "API"
    assert cluster["resourcesVpcConfig"]["endpointPrivateAccess"] is True
    assert cluster["resourcesVpcConfig"]["clusterSecurityGroupId"].startswith("sg-")


def test_an_update_changes_one_thing(client: Client, unique: str) -> None:
    make_cluster(client, unique)
    with pytest.raises(ClientError, match="exactly one of"):
        client("eks").update_cluster_config(
            name=unique, deletionProtection=True, resourcesVpcConfig={"endpointPrivateAccess": True}
        )


def test_tags_come_and_go(client: Client, unique: str) -> None:
    cluster = make_cluster(client, unique, tags={"a": "1"})
    group = make_nodegroup(client, cluster, "main")
    eks = client("eks")
    for arn in (cluster["arn"], group["nodegroupArn"]):
        eks.tag_resource(resourceArn=arn, tags={"b": "2", "c": "3"})
        eks.untag_resource(resourceArn=arn, tagKeys=["c"])
    assert eks.list_tags_for_resource(resourceArn=cluster["arn"])["tags"] == {"a": "1", "b": "2"}
    assert eks.describe_nodegroup(clusterName=unique, nodegroupName="main")["nodegroup"]["tags"] == {"b": "2"}
    with pytest.raises(ClientError, match="was not found"):
        eks.list_tags_for_resource(resourceArn=cluster["arn"] + "x")
