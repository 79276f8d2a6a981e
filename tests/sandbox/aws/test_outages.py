"""A region's APIs fail as set, by region and service, and each request is counted."""

import secrets
import threading
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from sandbox.aws.contract import Credentials
from sandbox.aws.front import AwsFront
from sandbox.aws.outages import GLOBAL_REGION, Outages
from sandbox.errors import SandboxError
from tests.sandbox.aws.fakes import Client
from tests.sandbox.aws.test_gate import CALLS
from tests.sandbox.waiting import wait_for

REGION = "eu-south-1"
THROTTLED = {
    "sts": "Throttling",
    "eks": "ThrottlingException",
    "ec2": "RequestLimitExceeded",
    "s3": "SlowDown",
}


@pytest.fixture
def outages(front: AwsFront) -> Iterator[Outages]:
    yield front.outages
    front.outages.heal()


def ask(client: Client, service: str, region: str = REGION) -> object:
    return getattr(client(service, region), CALLS[service])()


def counted(outages: Outages, region: str, service: str) -> int:
    found = [each["count"] for each in outages.requests() if (each["region"], each["service"]) == (region, service)]
    return sum(found)


def test_a_region_that_refuses_answers_nothing_and_the_others_go_on(client: Client, outages: Outages) -> None:
    outages.fail(REGION, (), "refuse")
    for service in ("sts", "eks", "ec2"):
        with pytest.raises(HTTPClientError):
            ask(client, service)
    assert ask(client, "eks", "us-east-1")
    assert outages.heal(REGION) == [REGION]
    assert ask(client, "eks")


def test_only_the_apis_that_are_named_fail(client: Client, outages: Outages) -> None:
    outages.fail(REGION, ("eks", "ec2"), "refuse")
    assert ask(client, "sts")
    with pytest.raises(HTTPClientError):
        ask(client, "ec2")


@pytest.mark.parametrize("service", THROTTLED)
def test_a_throttled_request_has_the_error_of_its_service(client: Client, outages: Outages, service: str) -> None:
    outages.fail(REGION, (), "throttle")
    with pytest.raises(ClientError) as error:
        ask(client, service)
    assert error.value.response["Error"]["Code"] == THROTTLED[service]


def test_a_request_that_hangs_is_answered_once_its_region_is_healed(client: Client, outages: Outages) -> None:
    outages.fail(REGION, (), "hang")
    before = counted(outages, REGION, "eks")
    answers: list[object] = []
    asking = threading.Thread(target=lambda: answers.append(ask(client, "eks")))
    asking.start()
    wait_for(lambda: counted(outages, REGION, "eks") > before)
    asking.join(0.3)
    assert not answers
    outages.heal(REGION)
    asking.join(20)
    assert answers


def test_what_hangs_is_let_go_when_the_front_closes() -> None:
    outages = Outages()
    outages.fail(REGION, (), "hang")
    waiting = threading.Thread(target=outages.wait, args=(REGION, "eks"))
    waiting.start()
    outages.close()
    waiting.join(10)
    assert not waiting.is_alive()


def test_a_slow_service_answers_all_the_same(client: Client, outages: Outages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.aws.outages.SLOW_SECONDS", 0.1)
    outages.fail(REGION, (), "slow")
    assert ask(client, "eks")


def test_services_of_the_world_fail_by_name_alone(client: Client, outages: Outages) -> None:
    outages.fail(GLOBAL_REGION, (), "refuse")
    assert ask(client, "route53", GLOBAL_REGION)
    assert ask(client, "iam", GLOBAL_REGION)
    outages.fail(GLOBAL_REGION, ("route53",), "refuse")
    with pytest.raises(HTTPClientError):
        ask(client, "route53", "eu-west-1")
    with pytest.raises(SandboxError, match="signed for us-east-1: fed sandbox fail us-east-1 --apis iam"):
        outages.fail(REGION, ("iam",), "refuse")


def test_an_api_that_is_not_known_is_refused_with_those_that_are(outages: Outages) -> None:
    with pytest.raises(SandboxError, match=r"^no API elb \(APIs: autoscaling, ec2, eks, .*\)$"):
        outages.fail(REGION, ("elb",), "refuse")


def test_each_request_is_counted_by_region_and_service(client: Client, outages: Outages) -> None:
    before = counted(outages, REGION, "eks"), counted(outages, "global", "route53")
    ask(client, "eks")
    ask(client, "route53")
    assert (counted(outages, REGION, "eks"), counted(outages, "global", "route53")) == (before[0] + 1, before[1] + 1)


def test_what_fails_is_listed_until_it_is_healed(outages: Outages) -> None:
    outages.fail(REGION, ("eks",), "hang")
    assert outages.failing() == [{"region": REGION, "api": "eks", "how": "hang"}]
    assert outages.heal() == [REGION]
    assert outages.failing() == []
    assert outages.heal() == []


def test_a_request_of_a_stranger_is_counted_and_fails_too(client: Client, outages: Outages) -> None:
    keys = Credentials(access_key_id="AKIA" + secrets.token_hex(8).upper(), secret_access_key="x")
    outages.fail(REGION, (), "refuse")
    stranger = client("eks", REGION, aws_access_key_id=keys.access_key_id, aws_secret_access_key=keys.secret_access_key)
    with pytest.raises(HTTPClientError):
        stranger.list_clusters()
