"""Assuming roles."""

import json

import pytest
from botocore.exceptions import ClientError

from sandbox.aws import identity
from sandbox.aws.principals import OWNER, Principal
from tests.sandbox.aws.fakes import Client, make_role

# moto warns that STS's model has no AccessDenied; AWS answers with it all the same.
pytestmark = pytest.mark.filterwarnings("ignore:Exception.RefusalError. with code AccessDenied:UserWarning")

ROOT = {"AWS": "arn:aws:iam::123456789012:root"}


def keys_of(client: Client, role: str, session: str) -> dict[str, str]:
    made = client("sts").assume_role(RoleArn=role, RoleSessionName=session)["Credentials"]
    return {
        "aws_access_key_id": made["AccessKeyId"],
        "aws_secret_access_key": made["SecretAccessKey"],
        "aws_session_token": made["SessionToken"],
    }


def test_the_sandboxs_own_key_is_the_deployers(client: Client) -> None:
    caller = client("sts").get_caller_identity()
    assert caller["Arn"] == f"arn:aws:iam::123456789012:user/{OWNER}"
    assert caller["Account"] == "123456789012"


def test_an_assumed_roles_keys_get_in_as_that_role(client: Client, unique: str) -> None:
    keys = keys_of(client, make_role(client, unique, ROOT), "ci")
    arn = client("sts", **keys).get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::123456789012:assumed-role/{unique}/ci"


def test_an_assumed_roles_keys_need_their_session_token(client: Client, unique: str) -> None:
    keys = keys_of(client, make_role(client, unique, ROOT), "ci")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client("sts", **(keys | {"aws_session_token": "another"})).get_caller_identity()


def test_a_role_that_does_not_exist_cannot_be_assumed(client: Client, unique: str) -> None:
    with pytest.raises(ClientError, match=r"AccessDenied.*not authorized to perform: sts:AssumeRole"):
        client("sts").assume_role(RoleArn=f"arn:aws:iam::123456789012:role/{unique}", RoleSessionName="ci")


def test_a_role_that_trusts_others_only_cannot_be_assumed(client: Client, unique: str) -> None:
    role = make_role(client, unique, {"Service": "eks.amazonaws.com"})
    with pytest.raises(ClientError, match="AccessDenied"):
        client("sts").assume_role(RoleArn=role, RoleSessionName="ci")


@pytest.mark.parametrize(
    ("principal", "trusted"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": ["arn:aws:iam::1:user/other", "arn:aws:iam::1:user/me"]}, True),
        ({"AWS": "1"}, True),
        ({"AWS": "arn:aws:iam::2:root"}, False),
        ({"Federated": "arn:aws:iam::1:saml-provider/x"}, False),
    ],
)
def test_a_trust_policy_names_its_callers(principal: object, trusted: bool) -> None:
    me = "arn:aws:iam::1:user/me"
    caller = Principal(key_id="k", secret="s", session_token=None, account="1", arn=me, iam_arn=me, user_id="u")
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    assert identity.trusts(json.loads(json.dumps({"Statement": statement})), caller) is trusted
    assert not identity.trusts({"Statement": [statement | {"Condition": {"Bool": {}}}]}, caller)


@pytest.mark.parametrize(
    "policy",
    [
        "AmazonEKSClusterPolicy",
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKS_CNI_Policy",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonSSMManagedInstanceCore",
    ],
)
def test_awss_own_policies_can_be_attached(client: Client, unique: str, policy: str) -> None:
    make_role(client, unique, ROOT)
    arn = f"arn:aws:iam::aws:policy/{policy}"
    client("iam").attach_role_policy(RoleName=unique, PolicyArn=arn)
    attached = client("iam").list_attached_role_policies(RoleName=unique)["AttachedPolicies"]
    assert attached == [{"PolicyName": policy, "PolicyArn": arn}]
