"""Make the boto3 clients of a provider, with its endpoint, credentials and assumed roles.

boto3 finds the sandbox by `AWS_ENDPOINT_URL`, as the official plugin does. Roles that the provider is configured to
assume are assumed with STS, one after the other, and again before their credentials expire.
"""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from sandbox.plugins.aws.call import message
from sandbox.plugins.aws.settings import Settings

_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 4},
    connect_timeout=10,
    read_timeout=60,
    max_pool_connections=64,
    parameter_validation=True,
)
GLOBAL_REGION = "us-east-1"
"""Where services without regions (IAM, Route 53) are asked."""


class NoAccessError(Exception):
    """AWS cannot be reached, or rejects the credentials."""


class Unconfigured:
    """Stand in for the clients of a provider whose settings are unknown in a preview."""

    region = ""

    def __call__(self, service: str, region: str) -> Any:
        """Refuse: there are no credentials yet."""
        raise NoAccessError(
            f"{service} cannot be asked{f' in {region}' if region else ''}: the provider's settings are not known yet"
        )

    def account(self) -> str:
        """Refuse: there are no credentials yet."""
        raise NoAccessError("the account is not known yet: the provider's settings are not")


class Clients:
    """boto3 clients by service and region, made once. Safe to use from many threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], Any] = {}
        self._session: Any = None
        self._account = ""

    @property
    def region(self) -> str:
        """The provider's region; empty when neither the program nor the environment gives one."""
        return self._settings.region

    def __call__(self, service: str, region: str) -> Any:
        """Return the client of a service in a region.

        Raises `NoAccessError` when a role cannot be assumed.
        """
        with self._lock:
            made = self._made.get((service, region))
            if made is None:
                made = self._make(self._get_session(), service, region)
                self._made[(service, region)] = made
            return made

    def account(self) -> str:
        """Return the number of the credentials' account; requested once.

        Raises `NoAccessError`, with what to do, when AWS cannot be reached, refuses the credentials, or the account is
        one that the provider's settings exclude.
        """
        if not self._account:
            try:
                found = self("sts", self.region or GLOBAL_REGION).get_caller_identity()["Account"]
            except ClientError as error:
                raise NoAccessError(
                    f"AWS refuses the credentials: {message(error)}; is the sandbox's env set?"
                ) from error
            except BotoCoreError as error:
                raise NoAccessError(
                    f"AWS cannot be asked: {error}; is AWS_ENDPOINT_URL right and the sandbox up?"
                ) from error
            self._refuse_excluded(found)
            self._account = found
        return self._account

    def _refuse_excluded(self, account: str) -> None:
        allowed, forbidden = self._settings.allowed_accounts, self._settings.forbidden_accounts
        if (allowed and account not in allowed) or account in forbidden:
            raise NoAccessError(
                f"account {account} is not one that allowedAccountIds and forbiddenAccountIds let through"
            )

    def _make(self, session: Any, service: str, region: str) -> Any:
        url = self._settings.endpoints.get(service)
        return session.client(service, region_name=region or GLOBAL_REGION, endpoint_url=url, config=_CONFIG)

    def _get_session(self) -> Any:
        if self._session is None:
            settings = self._settings
            self._session = boto3.Session(
                aws_access_key_id=settings.access_key or None,
                aws_secret_access_key=settings.secret_key or None,
                aws_session_token=settings.token or None,
                profile_name=settings.profile or None,
            )
            for role in settings.roles:
                self._session = self._assuming(self._session, dict(role))
        return self._session

    def _assuming(self, session: Any, role: dict[str, Any]) -> Any:
        sts = self._make(session, "sts", self._settings.sts_region or self.region)

        def fresh() -> dict[str, str]:
            try:
                response = sts.assume_role(**_assume_arguments(role))["Credentials"]
            except ClientError as error:
                raise NoAccessError(f"the role {role['roleArn']} cannot be assumed: {message(error)}") from error
            expiry = response["Expiration"]
            return {
                "access_key": response["AccessKeyId"],
                "secret_key": response["SecretAccessKey"],
                "token": response["SessionToken"],
                "expiry_time": (expiry if isinstance(expiry, datetime) else _in_an_hour()).isoformat(),
            }

        inner = get_session()
        inner._credentials = RefreshableCredentials.create_from_metadata(  # noqa: SLF001 - botocore's only way in
            metadata=fresh(), refresh_using=fresh, method="sts-assume-role"
        )
        return boto3.Session(botocore_session=inner)


def _in_an_hour() -> datetime:
    return datetime.now(tz=UTC) + timedelta(hours=1)


def _assume_arguments(role: dict[str, Any]) -> dict[str, Any]:
    arguments = {
        "RoleArn": role["roleArn"],
        "RoleSessionName": role.get("sessionName") or "pulumi",
        "ExternalId": role.get("externalId"),
        "Policy": role.get("policy"),
        "PolicyArns": [{"arn": arn} for arn in role.get("policyArns") or []] or None,
        "Tags": [{"Key": key, "Value": value} for key, value in (role.get("tags") or {}).items()] or None,
        "DurationSeconds": _seconds(role.get("duration")),
    }
    return {key: value for key, value in arguments.items() if value is not None}


def _seconds(duration: str | None) -> int | None:
    """Read a duration as the official provider takes it: `15m`, `1h`, `1h30m`, `3600s`."""
    if not duration:
        return None
    total, digits = 0, ""
    for character in duration:
        if character.isdigit():
            digits += character
        else:
            total += int(digits or 0) * {"h": 3600, "m": 60, "s": 1}.get(character, 0)
            digits = ""
    return total or None
