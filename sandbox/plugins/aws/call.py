"""Give an operation on a resource its clients, its waiting and its progress messages.

It has a client for each AWS service in the resource's region, a wait for a condition with a deadline that the program
may set, and a way to report progress. Operations run in threads: boto3 is synchronous, and hundreds wait at the same
time.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from botocore.exceptions import ClientError

POLL_SECONDS = 0.25
_SAY_EVERY_SECONDS = 5.0

Found = TypeVar("Found")


class WaitFailedError(Exception):
    """A wait ended without success: the deadline passed, the resource failed, or the engine cancelled."""


class Aws(Protocol):
    """A provider's connection to AWS: its clients by service and region, and its account."""

    def __call__(self, service: str, region: str) -> Any:
        """Return the boto3 client of a service in a region."""
        ...

    def account(self) -> str:
        """Return the account's number."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation on one resource.

    `say(text)` shows a line beside the resource while it runs. `seconds` is how long the operation may take in all.
    """

    aws: Aws
    region: str
    say: Callable[[str], None]
    seconds: float
    stop: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)

    def client(self, service: str) -> Any:
        """Return the client of a service in this resource's region."""
        return self.aws(service, self.region)

    def arn(self, service: str, what: str, *, regional: bool = True) -> str:
        """Return the ARN of something in this account: `arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1`."""
        return f"arn:aws:{service}:{self.region if regional else ''}:{self.aws.account()}:{what}"

    def overdue(self) -> bool:
        """Return whether the operation has taken longer than it may."""
        return time.monotonic() - self.started > self.seconds

    def wait(self, what: str, probe: Callable[[], Found | None]) -> Found:
        """Call `probe` until it returns something true, and return that.

        Raises `WaitFailedError`, naming what was waited for, when the deadline passes or the engine cancels; whatever
        `probe` raises goes through.
        """
        reported = time.monotonic()
        while not (result := probe()):
            now = time.monotonic()
            if self.overdue():
                raise WaitFailedError(f"{what}: not after {self.seconds:.0f} s; customTimeouts can give it longer")
            if now - reported > _SAY_EVERY_SECONDS:
                reported = now
                self.say(f"waiting: {what} ({now - self.started:.0f} s)")
            if self.stop.wait(POLL_SECONDS):
                raise WaitFailedError(f"{what}: cancelled")
        return result


def code(error: ClientError) -> str:
    """Return AWS's error code."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message(error: ClientError) -> str:
    """Return AWS's code and message as text."""
    text = error.response.get("Error", {}).get("Message") or str(error)
    return f"{error.operation_name}: {code(error)}: {text}"


def is_missing(error: ClientError) -> bool:
    """Return whether AWS's error says that the resource does not exist."""
    error_code = code(error)
    return error_code.endswith((".NotFound", ".Malformed", "NotFoundException", "NotFound")) or error_code in {
        "NoSuchEntity",
        "NoSuchHostedZone",
        "NoSuchHealthCheck",
        "NoSuchBucket",
        "404",
    }


def unless_missing(ask: Callable[[], Found]) -> Found | None:
    """Call AWS; None when the resource does not exist."""
    try:
        return ask()
    except ClientError as error:
        if is_missing(error):
            return None
        raise
