"""One front for all tests of a process, in front of control planes that are a dictionary."""

import functools
import secrets
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.aws.contract import Credentials
from sandbox.aws.front import AwsFront, serve
from tests.sandbox.aws.fakes import Client, FakePlanes


@pytest.fixture(scope="session")
def credentials() -> Credentials:
    return Credentials(access_key_id="AKIA" + secrets.token_hex(8).upper(), secret_access_key=secrets.token_hex(20))


@pytest.fixture(scope="session")
def all_planes() -> FakePlanes:
    return FakePlanes()


@pytest.fixture
def planes(all_planes: FakePlanes) -> Iterator[FakePlanes]:
    """The front's control planes; a test may make them slow, and they are quick again afterwards."""
    yield all_planes
    all_planes.ready_at_once = True


@pytest.fixture(scope="session")
def front(all_planes: FakePlanes, credentials: Credentials) -> Iterator[AwsFront]:
    running = serve(all_planes, credentials)
    yield running
    running.close()


@pytest.fixture(scope="session")
def client(front: AwsFront, credentials: Credentials) -> Client:
    @functools.cache
    def make(service: str, region: str = "us-east-1", **keys: str) -> Any:
        own = {
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key,
        }
        config = Config(retries={"total_max_attempts": 1}, read_timeout=20)
        return boto3.client(service, region_name=region, endpoint_url=front.url, config=config, **(own | keys))

    return make


@pytest.fixture
def unique() -> str:
    """A name that no other test uses."""
    return f"t{secrets.token_hex(4)}"
