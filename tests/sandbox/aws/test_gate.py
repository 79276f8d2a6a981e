"""The gate admits valid signatures, and refuses others with AWS's errors."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.contract import Credentials
from sandbox.aws.front import AwsFront, serve
from tests.sandbox.aws.fakes import Client, FakePlanes

CALLS = {
    "sts": "get_caller_identity",
    "eks": "list_clusters",
    "ec2": "describe_vpcs",
    "s3": "list_buckets",
    "route53": "list_hosted_zones",
    "iam": "list_roles",
}
UNKNOWN = {
    "sts": "InvalidClientTokenId",
    "eks": "UnrecognizedClientException",
    "ec2": "AuthFailure",
    "s3": "InvalidAccessKeyId",
    "route53": "InvalidClientTokenId",
    "iam": "InvalidClientTokenId",
}
WRONG = {
    "sts": "SignatureDoesNotMatch",
    "eks": "InvalidSignatureException",
    "ec2": "AuthFailure",
    "s3": "SignatureDoesNotMatch",
    "route53": "SignatureDoesNotMatch",
    "iam": "SignatureDoesNotMatch",
}


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    code: str = error.value.response["Error"]["Code"]
    return code


def fetch(url: str, data: bytes | None = None) -> tuple[int, bytes]:
    """GET or POST without any credentials."""
    try:
        with urllib.request.urlopen(url, data, timeout=10) as answer:  # noqa: S310 - the front's own address
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize("service", CALLS)
def test_a_known_key_gets_in(client: Client, service: str) -> None:
    assert getattr(client(service), CALLS[service])()["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("service", CALLS)
def test_an_unknown_key_is_refused_in_the_services_own_words(client: Client, service: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client(service, aws_access_key_id="AKIAUNKNOWNUNKNOWN00"), CALLS[service])()
    assert code_of(refused) == UNKNOWN[service]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == (401 if service == "ec2" else 403)


@pytest.mark.parametrize("service", CALLS)
def test_a_wrong_secret_is_refused(client: Client, service: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client(service, aws_secret_access_key="wrong"), CALLS[service])()
    assert code_of(refused) == WRONG[service]


def test_an_unsigned_request_is_refused(front: AwsFront) -> None:
    status, body = fetch(front.url + "/clusters")
    assert status == 403
    assert json.loads(body)["__type"] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize("path", ["/moto-api/", "/moto-api/reset", "/latest/meta-data/"])
def test_motos_own_routes_are_closed(front: AwsFront, path: str) -> None:
    assert fetch(front.url + path, b"")[0] == 403


def test_health_needs_no_credentials(front: AwsFront) -> None:
    assert fetch(front.url + "/sandbox/health") == (200, b'{"status": "ok"}')


def test_a_body_other_than_the_signed_one_is_refused(front: AwsFront, client: Client) -> None:
    sent: list[Any] = []
    sts = client("sts")
    sts.meta.events.register("before-send.sts", lambda request, **_: sent.append(request))
    sts.get_caller_identity()
    headers = {name: value if isinstance(value, str) else value.decode() for name, value in sent[0].headers.items()}
    body = sent[0].body if isinstance(sent[0].body, bytes) else str(sent[0].body).encode()
    changed = urllib.request.Request(front.url + "/", body + b"&X=1", headers)  # noqa: S310 - the front's own address
    changed.remove_header("Content-length")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(changed, timeout=10)  # noqa: S310 - the front's own address
    assert refused.value.code == 403
    refused.value.close()


def test_an_object_with_an_odd_name_goes_in_and_out(client: Client, unique: str) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=unique)
    s3.put_object(Bucket=unique, Key="a b/ü+x&y.txt", Body=b"hello")
    assert s3.get_object(Bucket=unique, Key="a b/ü+x&y.txt")["Body"].read() == b"hello"


def test_a_key_made_through_the_api_gets_in_until_it_is_deleted(client: Client, unique: str) -> None:
    iam = client("iam")
    iam.create_user(UserName=unique)
    key = iam.create_access_key(UserName=unique)["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    assert client("sts", **keys).get_caller_identity()["Arn"].endswith(f":user/{unique}")
    iam.delete_access_key(UserName=unique, AccessKeyId=key["AccessKeyId"])
    with pytest.raises(ClientError) as refused:
        client("sts", **keys).get_caller_identity()
    assert code_of(refused) == "InvalidClientTokenId"


def test_there_is_one_front_a_process(front: AwsFront, credentials: Credentials) -> None:
    assert front.url.startswith("http://127.0.0.1:")
    with pytest.raises(RuntimeError, match="close it first"):
        serve(FakePlanes(), credentials)


@pytest.mark.parametrize(
    ("service", "call", "arguments", "named"),
    [
        ("eks", "list_insights", {"clusterName": "x"}, "list_insights"),
        ("eks", "list_identity_provider_configs", {"clusterName": "x"}, "list_identity_provider_configs"),
        ("route53", "list_traffic_policies", {}, "/trafficpolicies"),
        ("ec2", "describe_fast_launch_images", {}, "describe_fast_launch_images"),
        ("sts", "get_session_token", {}, "GetSessionToken"),
        ("elb", "describe_account_limits", {}, "describe_account_limits"),
    ],
)  # fmt: skip
def test_a_call_that_is_not_there_is_named(
    client: Client, service: str, call: str, arguments: dict[str, Any], named: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client(service), call)(**arguments)
    assert code_of(refused) == "NotImplemented"
    assert named in refused.value.response["Error"]["Message"]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
