"""How is one request made to an API server?

One pool of kept-alive connections for the life of the process. The server's certificate is always verified.
"""

import asyncio
import json
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from sandbox.plugins.kubernetes.credentials import Tokens
from sandbox.plugins.kubernetes.errors import ApiError, UnreachableError
from sandbox.plugins.kubernetes.kubeconfig import Access

Tree = dict[str, Any]

APPLY: Final = "application/apply-patch+yaml"
_CONNECT_SECONDS: Final = 5.0
_BUSY: Final = frozenset({429, 503})
_BUSY_SECONDS: Final = 10.0


class Client:
    """Requests to one API server. All methods raise `UnreachableError` and `ApiError`."""

    def __init__(self, access: Access, *, timeout: float) -> None:
        """`timeout` is how long one answer may take, in seconds."""
        self.server = access.server
        self._tokens = Tokens(access)
        self._server_name = access.server_name
        self._http = httpx.AsyncClient(
            base_url=access.server,
            verify=_verification(access),
            timeout=httpx.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS)),
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=60),
            # The proxies of the user's environment are for the internet, and a sandbox's clusters are on loopback.
            trust_env=False,
        )

    async def get(self, path: str, *, parameters: Mapping[str, str] | None = None, accept: str = "") -> Tree:
        """Read an object or a list."""
        return await self._send("GET", path, parameters=parameters, accept=accept)

    async def apply(self, path: str, body: Tree, *, manager: str, force: bool, dry_run: bool) -> Tree:
        """Apply an object server-side and return what became, or would become, of it."""
        parameters = {"fieldManager": manager, "force": "true" if force else "false"}
        if dry_run:
            parameters["dryRun"] = "All"
        return await self._send("PATCH", path, parameters=parameters, content=json.dumps(body), kind=APPLY)

    async def delete(self, path: str, options: Tree) -> None:
        """Ask for an object's deletion; returns when the API server has noted it."""
        await self._send("DELETE", path, content=json.dumps(options))

    async def _send(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        content: str | None = None,
        kind: str = "application/json",
        accept: str = "",
    ) -> Tree:
        headers = {"Content-Type": kind, "Accept": accept or "application/json"}
        extensions = {"sni_hostname": self._server_name} if self._server_name else {}
        login = await self._tokens.header()
        patience = asyncio.get_running_loop().time() + _BUSY_SECONDS
        pause = 0.1
        while True:
            try:
                answer = await self._http.request(
                    method, path, params=parameters, content=content, headers=headers | login, extensions=extensions
                )
            except httpx.TransportError as error:
                why = str(error) or type(error).__name__
                raise UnreachableError(f"the API server at {self.server} does not answer: {why}") from error
            if answer.status_code == 401 and self._tokens.forget(login):
                renewed = await self._tokens.header()
                if renewed != login:
                    login = renewed
                    continue
            if answer.status_code in _BUSY and asyncio.get_running_loop().time() < patience:
                await asyncio.sleep(pause)
                pause = min(2 * pause, 1.0)
                continue
            return _content(answer)


def _content(answer: httpx.Response) -> Tree:
    body: Any = answer.text
    if answer.headers.get("Content-Type", "").startswith("application/json"):
        body = answer.json()
    if answer.is_success and isinstance(body, dict):
        return body
    raise ApiError.of(answer.status_code, body)


def _verification(access: Access) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=access.authority or None)
    if access.certificate and access.key:
        # ssl reads client certificates from files only; these are gone again at the end of the block.
        with tempfile.TemporaryDirectory(prefix="kubernetes-login-") as folder:
            certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
            certificate.write_text(access.certificate)
            key.touch(mode=0o600)
            key.write_text(access.key)
            context.load_cert_chain(certificate, key)
    return context
