"""One front for these tests of a process, and a configured provider for each of them."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.sandbox.plugins.aws.driver import Driver

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="session")
def aws_settings() -> Iterator[dict[str, str]]:
    """Settings of a provider that asks this process's own front."""
    keys = ("AKIA" + secrets.token_hex(8).upper(), secrets.token_hex(20))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sandbox.plugins.aws.front_process", *keys],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    url = process.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:"), f"the front did not start: {url!r}"
    yield {"region": "us-east-1", "accessKey": keys[0], "secretKey": keys[1], "url": url}
    process.stdin.close()
    process.wait(timeout=60)
    process.stdout.close()


@pytest.fixture
def environment(aws_settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What `fed sandbox env` sets, and nothing else of AWS's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws_settings["url"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws_settings["accessKey"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws_settings["secretKey"])
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def driver(environment: None) -> Iterator[Driver]:
    made = Driver({"region": "us-east-1"})
    yield made
    made.close()


@pytest.fixture
def boto(aws_settings: dict[str, str]) -> Callable[[str], Any]:
    """Make a boto3 client, to look at what there is without the plugin."""

    def make(service: str, region: str = "us-east-1") -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=aws_settings["url"],
            aws_access_key_id=aws_settings["accessKey"],
            aws_secret_access_key=aws_settings["secretKey"],
        )

    return make


@pytest.fixture
def unique() -> str:
    """A name that no other test uses."""
    return f"t{secrets.token_hex(4)}"
