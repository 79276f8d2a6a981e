"""Make boto3 clients for the sandbox's own AWS, with its owner's keys and the front's own address.

They never use the machine's settings: an endpoint or a profile of the user's must not lead these calls to a real
account.
"""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox import private
from sandbox.aws.contract import Credentials

OWN = "eks-federation-sandbox"
"""In the user agent of the sandbox's own requests: its load balancers and kubeconfigs are no program's doing."""
SETTINGS: dict[str, Any] = {
    "connect_timeout": 5,
    "read_timeout": 30,
    "retries": {"total_max_attempts": 2},
    "user_agent_extra": OWN,
    "response_checksum_validation": "when_required",
}


class Clients:
    """boto3 clients of one sandbox, made once for each service and region; thread-safe."""

    def __init__(self, credentials: Credentials, url: Callable[[], str]) -> None:
        # These imports take half of a command's start, and few commands make a client.
        import boto3
        from botocore.config import Config

        self._settings = Config(**SETTINGS)
        self._session = boto3.Session(
            aws_access_key_id=credentials.access_key_id, aws_secret_access_key=credentials.secret_access_key
        )
        self._url = url
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], Any] = {}

    def connect(self, service: str, region: str) -> Any:
        """Return the client of a service in a region."""
        with self._lock:
            if (service, region) not in self._made:
                self._made[service, region] = self._session.client(
                    service, region_name=region, endpoint_url=self._url(), config=self._settings
                )
            return self._made[service, region]


def load_credentials(path: Path) -> Credentials:
    """Return the key pair that was saved."""
    return Credentials(**json.loads(path.read_text(encoding="utf-8")))


def save_credentials(path: Path, credentials: Credentials) -> None:
    """Write a key pair to a file that only its owner can read."""
    content = {"access_key_id": credentials.access_key_id, "secret_access_key": credentials.secret_access_key}
    private.write(path, json.dumps(content).encode())
