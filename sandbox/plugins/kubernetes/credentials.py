"""Which token is sent with a request?

A token is asked for once, shared by all requests, and asked for again when it runs out or the API server says 401.
"""

import asyncio
import asyncio.subprocess
import datetime as dt
import json
import os
from pathlib import Path

from sandbox.plugins.kubernetes.errors import UnreachableError
from sandbox.plugins.kubernetes.kubeconfig import Access, ExecLogin

LOGIN_SECONDS = 30.0
_SPARE = dt.timedelta(seconds=30)


class Tokens:
    """The bearer token for one cluster."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._token = access.token
        self._expires: dt.datetime | None = None
        self._turn = asyncio.Lock()

    async def header(self) -> dict[str, str]:
        """Return the authorisation header; empty for logins by certificate. Raises `UnreachableError`."""
        async with self._turn:
            if not self._token or self._ran_out():
                await self._renew()
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def forget(self, header: dict[str, str]) -> bool:
        """Drop the token that was refused, unless it has been renewed meanwhile; False if there is no other."""
        if self._access.login is None and not self._access.token_file:
            return False
        if header.get("Authorization") == f"Bearer {self._token}":
            self._token = ""
        return True

    def _ran_out(self) -> bool:
        return self._expires is not None and dt.datetime.now(dt.UTC) >= self._expires - _SPARE

    async def _renew(self) -> None:
        if self._access.login is not None:
            self._token, self._expires = await run(self._access.login)
        elif self._access.token_file:
            try:
                self._token = Path(self._access.token_file).read_text().strip()
            except OSError as error:
                raise UnreachableError(f"{self._access.token_file} cannot be read: {error.strerror}") from error


async def run(login: ExecLogin) -> tuple[str, dt.datetime | None]:
    """Run a login command and return its token and when that runs out (None: it does not say).

    Raises `UnreachableError` with what the command wrote to stderr.
    """
    said = f"`{' '.join([login.command, *login.arguments])}`"
    request = {"apiVersion": login.api_version, "kind": "ExecCredential", "spec": {"interactive": False}}
    try:
        process = await asyncio.create_subprocess_exec(
            login.command,
            *login.arguments,
            env={**os.environ, **login.environment, "KUBERNETES_EXEC_INFO": json.dumps(request)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise UnreachableError(f"the kubeconfig's login command {said} cannot be started: {error.strerror}") from error
    try:
        written, complaint = await asyncio.wait_for(process.communicate(), LOGIN_SECONDS)
    except TimeoutError as error:
        process.kill()
        raise UnreachableError(f"the login command {said} did not end within {LOGIN_SECONDS:.0f} s") from error
    if process.returncode:
        why = complaint.decode(errors="replace").strip() or f"exit code {process.returncode}"
        raise UnreachableError(f"the login command {said} failed: {why}")
    return _parse(written, said)


def _parse(written: bytes, said: str) -> tuple[str, dt.datetime | None]:
    try:
        status = json.loads(written)["status"]
        token = status["token"]
        expires = status.get("expirationTimestamp")
        return token, dt.datetime.fromisoformat(expires) if expires else None
    except (ValueError, KeyError, TypeError) as error:
        raise UnreachableError(f"the login command {said} did not print an ExecCredential with a token") from error
