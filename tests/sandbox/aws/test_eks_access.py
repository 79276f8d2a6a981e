"""Access entries, add-ons and pod identity associations."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.eks.access import POLICY_PREFIX
from tests.sandbox.aws.fakes import Client, make_cluster, make_role

ADMIN = POLICY_PREFIX + "AmazonEKSClusterAdminPolicy"
VIEW = POLICY_PREFIX + "AmazonEKSViewPolicy"
CREATOR = "arn:aws:iam::123456789012:user/deployer"
WHOLE = {"type": "cluster"}


def test_the_creator_is_admin_unless_told_otherwise(client: Client, unique: str) -> None:
    make_cluster(client, unique)
    eks = client("eks")
    policies = eks.list_associated_access_policies(clusterName=unique, principalArn=CREATOR)
    assert [policy["policyArn"] for policy in policies["associatedAccessPolicies"]] == [ADMIN]
    config = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}
    make_cluster(client, f"{unique}b", accessConfig=config)
    assert eks.list_access_entries(clusterName=f"{unique}b")["accessEntries"] == []


def test_listing_the_creator_as_an_access_entry_is_refused(client: Client, unique: str) -> None:
    make_cluster(client, unique)
    with pytest.raises(ClientError, match=r"ResourceInUseException.*already in use on this cluster"):
        client("eks").create_access_entry(clusterName=unique, principalArn=CREATOR)


def test_an_access_entry_lives_and_goes(client: Client, unique: str) -> None:
    make_cluster(client, unique)
    eks, role = client("eks"), make_role(client, f"{unique}-dev", {"AWS": CREATOR})
    entry = eks.create_access_entry(clusterName=unique, principalArn=role, kubernetesGroups=["dev"])["accessEntry"]
    assert entry["username"] == f"arn:aws:sts::123456789012:assumed-role/{unique}-dev/{{{{SessionName}}}}"
    assert entry["type"] == "STANDARD"
    eks.update_access_entry(clusterName=unique, principalArn=role, kubernetesGroups=["ops"], username="dev")
    described = eks.describe_access_entry(clusterName=unique, principalArn=role)["accessEntry"]
    assert (described["kubernetesGroups"], described["username"]) == (["ops"], "dev")
    assert set(eks.list_access_entries(clusterName=unique)["accessEntries"]) == {CREATOR, role}
    eks.delete_access_entry(clusterName=unique, principalArn=role)
    with pytest.raises(ClientError, match=r"ResourceNotFoundException"):
        eks.describe_access_entry(clusterName=unique, principalArn=role)


def test_a_policy_is_associated_and_disassociated(client: Client, unique: str) -> None:
    make_cluster(client, unique)
    eks, role = client("eks"), make_role(client, f"{unique}-dev", {"AWS": CREATOR})
    entry = {"clusterName": unique, "principalArn": role}
    eks.create_access_entry(**entry)
    made = eks.associate_access_policy(**entry, policyArn=VIEW, accessScope=WHOLE)
    assert made["associatedAccessPolicy"]["accessScope"]["type"] == "cluster"
    assert eks.list_access_entries(clusterName=unique, associatedPolicyArn=VIEW)["accessEntries"] == [role]
    eks.disassociate_access_policy(**entry, policyArn=VIEW)
    assert eks.list_associated_access_policies(**entry)["associatedAccessPolicies"] == []
    with pytest.raises(ClientError, match="is not associated"):
        eks.disassociate_access_policy(**entry, policyArn=VIEW)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"policyArn": POLICY_PREFIX + "Nonsense", "accessScope": WHOLE}, "does not exist; the sandbox knows"),
        ({"policyArn": VIEW, "accessScope": {"type": "namespace", "namespaces": ["a"]}}, "whole cluster only"),
    ],
)
def test_a_policy_that_is_not_there_is_refused(client: Client, unique: str, more: dict[str, Any], message: str) -> None:
    make_cluster(client, unique)
    with pytest.raises(ClientError, match=message):
        client("eks").associate_access_policy(clusterName=unique, principalArn=CREATOR, **more)


def test_groups_of_the_systems_own_are_refused(client: Client, unique: str) -> None:
    make_cluster(client, unique)
    role = make_role(client, f"{unique}-dev", {"AWS": CREATOR})
    with pytest.raises(ClientError, match="kubernetes group name system:masters is invalid"):
        client("eks").create_access_entry(clusterName=unique, principalArn=role, kubernetesGroups=["system:masters"])


def test_a_cluster_without_access_entries_refuses_the_calls(client: Client, unique: str) -> None:
    make_cluster(client, unique, accessConfig={"authenticationMode": "CONFIG_MAP"})
    with pytest.raises(ClientError, match="authentication mode must be set to one of"):
        client("eks").list_access_entries(clusterName=unique)


def test_access_calls_on_a_missing_cluster_say_so(client: Client, unique: str) -> None:
    with pytest.raises(ClientError, match=r"ResourceNotFoundException.*No cluster found for name"):
        client("eks").create_access_entry(clusterName=unique, principalArn=CREATOR)


def test_an_add_on_lives_and_goes(client: Client, unique: str) -> None:
    make_cluster(client, unique, version="1.33")
    eks = client("eks")
    addon = eks.create_addon(clusterName=unique, addonName="kube-proxy")["addon"]
    assert (addon["status"], addon["addonVersion"]) == ("ACTIVE", "v1.33.0-eksbuild.2")
    with pytest.raises(ClientError, match=r"ResourceInUseException.*Addon already exists"):
        eks.create_addon(clusterName=unique, addonName="kube-proxy")
    eks.update_addon(clusterName=unique, addonName="kube-proxy", configurationValues="{}")
    assert eks.describe_addon(clusterName=unique, addonName="kube-proxy")["addon"]["configurationValues"] == "{}"
    assert eks.list_addons(clusterName=unique)["addons"] == ["kube-proxy"]
    assert eks.delete_addon(clusterName=unique, addonName="kube-proxy")["addon"]["status"] == "DELETING"
    with pytest.raises(ClientError, match="No addon: kube-proxy found"):
        eks.describe_addon(clusterName=unique, addonName="kube-proxy")


def test_an_add_on_or_version_that_is_not_offered_is_refused(client: Client, unique: str) -> None:
    make_cluster(client, unique)
    eks = client("eks")
    with pytest.raises(ClientError, match="there are: vpc-cni, coredns, kube-proxy, eks-pod-identity-agent"):
        eks.create_addon(clusterName=unique, addonName="toaster")
    with pytest.raises(ClientError, match="v0; there are: v1"):
        eks.create_addon(clusterName=unique, addonName="coredns", addonVersion="v0")


def test_add_on_versions_are_told_by_cluster_version(client: Client) -> None:
    eks = client("eks")
    everything = eks.describe_addon_versions()["addons"]
    assert [addon["addonName"] for addon in everything] == [
        "vpc-cni", "coredns", "kube-proxy", "eks-pod-identity-agent"
    ]  # fmt: skip
    (proxy,) = eks.describe_addon_versions(addonName="kube-proxy", kubernetesVersion="1.31")["addons"]
    assert [version["addonVersion"] for version in proxy["addonVersions"]] == [
        "v1.31.2-eksbuild.3",
        "v1.31.0-eksbuild.2",
    ]
    assert proxy["addonVersions"][0]["compatibilities"][0]["defaultVersion"] is True


def test_a_pod_identity_association_lives_and_goes(client: Client, unique: str) -> None:
    make_cluster(client, unique)
    eks, role = client("eks"), make_role(client, f"{unique}-pod", {"Service": "pods.eks.amazonaws.com"})
    asked = {"clusterName": unique, "namespace": "demo", "serviceAccount": "web", "roleArn": role}
    made = eks.create_pod_identity_association(**asked)["association"]
    with pytest.raises(ClientError, match="ResourceInUseException"):
        eks.create_pod_identity_association(**asked)
    same = {"clusterName": unique, "associationId": made["associationId"]}
    assert eks.describe_pod_identity_association(**same)["association"]["roleArn"] == role
    assert len(eks.list_pod_identity_associations(clusterName=unique, namespace="demo")["associations"]) == 1
    assert eks.list_pod_identity_associations(clusterName=unique, namespace="x")["associations"] == []
    eks.delete_pod_identity_association(**same)
    with pytest.raises(ClientError, match=r"ResourceNotFoundException"):
        eks.describe_pod_identity_association(**same)
