"""Regions and clusters fail as `fed sandbox fail` says, and what cannot fail is named with what can."""

from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import HTTPClientError

from sandbox.errors import SandboxError
from tests.sandbox import cloud as running
from tests.sandbox.cloud import Cloud, MemberCluster

pytestmark = pytest.mark.sandbox

REGION = "me-south-1"


@pytest.fixture
def lost(cloud: Cloud, worker_id: str) -> MemberCluster:
    return running.member(cloud, f"lost-failing-{worker_id}", nodes=0)


def status(cloud: Cloud, name: str) -> str:
    return next(str(one["status"]) for one in cloud.ask("status")["clusters"] if one["name"] == name)


def test_a_cluster_that_refuses_or_hangs_comes_back_with_heal(cloud: Cloud, lost: MemberCluster) -> None:
    with lost.connect() as client:
        assert cloud.ask("fail", name=lost.name) == f"the API server of {lost.name} fails: refuse"
        assert status(cloud, lost.name) == "STOPPED"
        with pytest.raises(httpx.ConnectError):
            client.get("/readyz")
        assert cloud.ask("heal", name=lost.name) == [lost.name]
        cloud.ask("fail", name=lost.name, how="hang")
        assert status(cloud, lost.name) == "HANGING"
        with pytest.raises(httpx.TimeoutException):
            client.get("/readyz", timeout=1)
        cloud.ask("heal", name=lost.name)
    with lost.connect() as client:
        assert client.get("/readyz").is_success
    cloud.ask("cluster-delete", name=lost.name)


def test_a_region_fails_in_the_status_until_it_is_healed(cloud: Cloud) -> None:
    assert cloud.ask("fail", name=REGION, apis=["eks"]) == f"eks of {REGION}: refuse"
    assert {"region": REGION, "api": "eks", "how": "refuse"} in cloud.ask("status")["failing"]
    with pytest.raises(HTTPClientError):
        guest(cloud).list_clusters()
    assert cloud.ask("heal", name=REGION) == [REGION]
    assert guest(cloud).list_clusters()["clusters"] == []
    (found,) = (each for each in cloud.ask("status")["requests"] if each["region"] == REGION)
    assert (found["service"], found["count"]) == ("eks", 2)


def guest(cloud: Cloud) -> Any:
    """A client of a program's, without the mark that the sandbox's own requests carry."""

    variables = cloud.environment
    return boto3.client(
        "eks",
        region_name=REGION,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"name": "mars-1"},
            r"^mars-1 is no region of AWS \(regions: af-south-1, .*us-west-2\), and no cluster mars-1 \(clusters: ",
        ),
        ({"name": REGION, "how": "burn"}, r"^nothing fails like burn \(ways: refuse, hang, throttle, slow\)$"),
        ({"name": REGION, "apis": ["elb"]}, r"^no API elb \(APIs: autoscaling, ec2, "),
        ({"name": "shared", "apis": ["eks"]}, "^shared is no region: --apis and --clusters go with one$"),
        ({"name": "shared", "how": "slow"}, "^an API server can refuse or hang, and not slow$"),
    ],
)
def test_what_cannot_fail_is_said_with_what_can(
    cloud: Cloud, kubeconfig_cluster: MemberCluster, request_: dict[str, Any], message: str
) -> None:
    with pytest.raises(SandboxError, match=message):
        cloud.ask("fail", **request_)


def test_what_does_not_fail_cannot_be_healed(cloud: Cloud) -> None:
    with pytest.raises(SandboxError, match=r"^me-south-1 does not fail \(failing: .*\)$"):
        cloud.ask("heal", name=REGION)
