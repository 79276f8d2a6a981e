"""Tokens: made by the shim and by botocore, read by the review."""

import base64
import json
import os
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Signer

from sandbox.aws import shim, signing, tokens
from sandbox.aws.contract import ACCESS_POLICY_GROUP, ACCOUNT, Credentials
from sandbox.aws.eks.access import POLICY_PREFIX
from sandbox.aws.front import AwsFront
from tests.sandbox.aws.fakes import Client, FakePlanes, make_cluster, make_role

# moto warns that STS's model has no AccessDenied; AWS answers with it all the same.
pytestmark = pytest.mark.filterwarnings("ignore:Exception.RefusalError. with code AccessDenied:UserWarning")

ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def review(front: AwsFront, cluster: str, token: str, region: str = "us-east-1") -> dict[str, Any]:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}}
    url = f"{front.url}/sandbox/token-review/{ACCOUNT}/{region}/{cluster}"
    with urllib.request.urlopen(url, json.dumps(body).encode(), timeout=10) as answer:  # noqa: S310 - the front's own
        reviewed: dict[str, Any] = json.load(answer)
    assert (reviewed["kind"], reviewed["apiVersion"]) == ("TokenReview", "authentication.k8s.io/v1")
    status: dict[str, Any] = reviewed["status"]
    return status


@pytest.fixture
def owner(credentials: Credentials) -> shim.Keys:
    return credentials.access_key_id, credentials.secret_access_key, ""


def assumed(client: Client, role: str) -> shim.Keys:
    made = client("sts").assume_role(RoleArn=role, RoleSessionName="ci")["Credentials"]
    return made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]


def test_the_creator_is_a_master(client: Client, front: AwsFront, owner: shim.Keys, unique: str) -> None:
    make_cluster(client, unique)
    status = review(front, unique, shim.token(unique, "us-east-1", owner))
    assert status["authenticated"] is True
    assert status["user"]["groups"] == ["system:masters"]
    assert status["user"]["username"] == f"arn:aws:iam::{ACCOUNT}:user/deployer"


def test_a_role_is_its_session_with_its_entrys_groups(client: Client, front: AwsFront, unique: str) -> None:
    make_cluster(client, unique)
    role, eks = make_role(client, f"{unique}-dev", ROOT), client("eks")
    keys = assumed(client, role)
    before = review(front, unique, shim.token(unique, "us-east-1", keys))
    assert (before["authenticated"], before["error"]) == (False, f"{role} has no access entry in cluster {unique}")
    eks.create_access_entry(clusterName=unique, principalArn=role, kubernetesGroups=["dev"])
    eks.associate_access_policy(
        clusterName=unique,
        principalArn=role,
        policyArn=POLICY_PREFIX + "AmazonEKSViewPolicy",
        accessScope={"type": "cluster"},
    )
    user = review(front, unique, shim.token(unique, "us-east-1", keys))["user"]
    assert user["username"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{unique}-dev/ci"
    assert user["groups"] == ["dev", f"{ACCESS_POLICY_GROUP}AmazonEKSViewPolicy"]


def test_a_token_is_good_for_its_own_cluster_only(
    client: Client, front: AwsFront, owner: shim.Keys, unique: str
) -> None:
    make_cluster(client, unique)
    make_cluster(client, f"{unique}b")
    status = review(front, f"{unique}b", shim.token(unique, "us-east-1", owner))
    assert status["authenticated"] is False
    assert "another cluster" in status["error"]


def test_a_token_made_with_a_wrong_secret_proves_nothing(
    client: Client, front: AwsFront, owner: shim.Keys, unique: str
) -> None:
    make_cluster(client, unique)
    assert not review(front, unique, shim.token(unique, "us-east-1", (owner[0], "wrong", "")))["authenticated"]


def test_a_token_is_refused_after_a_quarter_of_an_hour(
    client: Client, owner: shim.Keys, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_cluster(client, unique)
    token = shim.token(unique, "us-east-1", owner)
    real = signing.age_seconds
    monkeypatch.setattr(signing, "age_seconds", lambda timestamp: real(timestamp) + 890)
    assert tokens.principal_of(token, unique).iam_arn.endswith("user/deployer")
    monkeypatch.setattr(signing, "age_seconds", lambda timestamp: real(timestamp) + 901)
    with pytest.raises(tokens.RejectedError, match="it is good for 900 s"):
        tokens.principal_of(token, unique)


@pytest.mark.parametrize("token", ["", "abc", "k8s-aws-v1.", "k8s-aws-v1.%%%", "k8s-aws-v1.aHR0cDovL3g"])
def test_what_is_no_token_proves_nothing(client: Client, front: AwsFront, unique: str, token: str) -> None:
    assert review(front, unique, token)["authenticated"] is False


def test_a_token_for_a_missing_cluster_says_so(front: AwsFront, owner: shim.Keys, unique: str) -> None:
    assert review(front, unique, shim.token(unique, "us-east-1", owner))["error"] == (
        f"there is no cluster {unique} in us-east-1"
    )


def test_a_deleted_cluster_lets_nobody_in(
    client: Client, front: AwsFront, planes: FakePlanes, owner: shim.Keys, unique: str
) -> None:
    make_cluster(client, unique)
    client("eks").delete_cluster(name=unique)
    client("eks").list_clusters()
    assert review(front, unique, shim.token(unique, "us-east-1", owner))["authenticated"] is False


def test_a_token_of_botocores_is_read_as_well(client: Client, front: AwsFront, owner: shim.Keys, unique: str) -> None:
    make_cluster(client, unique)
    request = AWSRequest(
        "GET",
        f"{front.url}/?Action=GetCallerIdentity&Version=2011-06-15",
        headers={"x-k8s-aws-id": unique},
    )
    SigV4QueryAuth(Signer(owner[0], owner[1]), "sts", "us-east-1", expires=60).add_auth(request)
    token = "k8s-aws-v1." + base64.urlsafe_b64encode(request.url.encode()).decode().rstrip("=")
    assert review(front, unique, token)["authenticated"] is True


def test_the_installed_command_prints_a_credential_that_gets_in(
    client: Client, front: AwsFront, credentials: Credentials, unique: str, tmp_path: Path
) -> None:
    make_cluster(client, unique)
    role = make_role(client, f"{unique}-dev", ROOT)
    client("eks").create_access_entry(clusterName=unique, principalArn=role, kubernetesGroups=["dev"])
    command = shim.install(tmp_path, Path(sys.executable))
    assert stat.S_IMODE(command.stat().st_mode) & stat.S_IXUSR
    environ = {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": front.url,
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_REGION": "us-east-1",
    }
    asked = ["eks", "get-token", "--cluster-name", unique, "--output", "json", "--role-arn", role]
    printed = json.loads(subprocess.run([command, *asked], env=environ, check=True, capture_output=True).stdout)
    assert (printed["kind"], printed["apiVersion"]) == ("ExecCredential", "client.authentication.k8s.io/v1beta1")
    user = review(front, unique, printed["status"]["token"])["user"]
    assert (user["username"], user["groups"]) == (
        f"arn:aws:sts::{ACCOUNT}:assumed-role/{unique}-dev/EKSGetTokenAuth",
        ["dev"],
    )


def test_the_shim_says_who_is_asking(front: AwsFront, credentials: Credentials) -> None:
    environ = {
        "AWS_ENDPOINT_URL": front.url,
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
    }
    assert json.loads(shim.answer(["sts", "get-caller-identity"], environ))["Arn"].endswith(":user/deployer")


@pytest.mark.parametrize(
    ("arguments", "environ", "message"),
    [
        (["s3", "ls"], {}, "unknown command: s3 ls; this small aws knows"),
        ([], {}, "unknown command: (none)"),
        (["eks", "get-token"], {}, "needs --cluster-name"),
        (["eks", "get-token", "--cluster-name", "a"], {}, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"),
        (["eks", "get-token", "--nonsense", "a"], {}, "unknown option --nonsense"),
        (
            ["sts", "get-caller-identity"],
            {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
            "AWS_ENDPOINT_URL has to be",
        ),
    ],
)
def test_the_shim_says_what_it_does_not_know(
    arguments: list[str], environ: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shim.main(arguments, environ) == 255
    assert message in capsys.readouterr().err


def test_the_shim_passes_on_a_refusal(front: AwsFront, credentials: Credentials, unique: str) -> None:
    environ = {
        "AWS_ENDPOINT_URL": front.url,
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
    }
    role = f"arn:aws:iam::{ACCOUNT}:role/{unique}"
    with pytest.raises(shim.ShimError, match="STS refused AssumeRole: AccessDenied: User: "):
        shim.answer(["eks", "get-token", "--cluster-name", "a", "--role-arn", role], environ)


def test_the_shim_has_a_version() -> None:
    assert shim.answer(["--version"], {}).startswith("aws-cli/2")
