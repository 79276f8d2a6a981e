"""How is one request made to an API server?

One pool of kept-alive connections for the life of the process. The server's certificate is always verified. httpx's
own engine, httpcore, is used without httpx: it starts twice as fast and costs a third less a request, and what httpx
adds (cookies, redirects, proxies, content of any kind) has no use here.
"""

import asyncio
import importlib.util
import json
import ssl
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpcore

from sandbox.plugins.kubernetes.credentials import Tokens
from sandbox.plugins.kubernetes.errors import ApiError, UnreachableError
from sandbox.plugins.kubernetes.kubeconfig import Access

# httpcore looks for this optional package at every request; finding that it is absent costs more than the request.
if importlib.util.find_spec("sniffio") is None:
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type] # None is how the import system marks "absent"

Tree = dict[str, Any]

APPLY: Final = "application/apply-patch+yaml"
_CONNECT_SECONDS: Final = 5.0
_BUSY: Final = frozenset({429, 503})
_BUSY_SECONDS: Final = 10.0
_WHY: Final[Mapping[type[Exception], str]] = {
    httpcore.ConnectTimeout: "no connection in time",
    httpcore.ReadTimeout: "no answer in time",
}


class Client:
    """Requests to one API server. All methods raise `UnreachableError` and `ApiError`."""

    def __init__(self, access: Access, *, timeout: float) -> None:
        """`timeout` is how long one answer may take, in seconds."""
        self.server = access.server
        self._tokens = Tokens(access)
        connect = min(timeout, _CONNECT_SECONDS)
        self._options: dict[str, Any] = {
            "timeout": {"connect": connect, "read": timeout, "write": timeout, "pool": None}
        }
        if access.server_name:
            self._options["sni_hostname"] = access.server_name
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_verification(access), max_connections=16, max_keepalive_connections=16, keepalive_expiry=60
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def login(self) -> None:
        """Get the token that requests will carry, so that a login command's time is not taken for the server's."""
        await self._tokens.header()

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
        content: str = "",
        kind: str = "application/json",
        accept: str = "",
    ) -> Tree:
        url = f"{self.server}{path}" + (f"?{urlencode(parameters)}" if parameters else "")
        headers = {"Accept": accept or "application/json", "User-Agent": "eks-federation-sandbox"}
        if content:
            headers["Content-Type"] = kind
        login = await self._tokens.header()
        answer = await self._patiently(method, url, headers | login, content)
        if answer.status == 401 and self._tokens.forget(login):
            answer = await self._patiently(method, url, headers | await self._tokens.header(), content)
        return _content(answer)

    async def _patiently(self, method: str, url: str, headers: dict[str, str], content: str) -> httpcore.Response:
        """Make a request, and make it again while the API server says that it is too busy."""
        patience = asyncio.get_running_loop().time() + _BUSY_SECONDS
        pause = 0.1
        while True:
            answer = await self._once(method, url, headers, content)
            if answer.status not in _BUSY or asyncio.get_running_loop().time() > patience:
                return answer
            await asyncio.sleep(pause)
            pause = min(2 * pause, 1.0)

    async def _once(self, method: str, url: str, headers: dict[str, str], content: str) -> httpcore.Response:
        """Make a request; again on another connection if the server closed the kept-alive one meanwhile.

        That is safe: applying, reading and deleting the same thing twice is the same as once.
        """
        for attempt in (1, 2):
            try:
                return await self._pool.request(
                    method,
                    url,
                    headers=list(headers.items()),
                    content=content.encode() if content else None,
                    extensions=self._options,
                )
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError) as error:
                if attempt == 2:
                    raise self._unreachable(error) from error
            except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
                raise self._unreachable(error) from error
        raise AssertionError("the second attempt returns or raises")

    def _unreachable(self, error: Exception) -> UnreachableError:
        why = str(error) or _WHY.get(type(error), type(error).__name__)
        return UnreachableError(f"the API server at {self.server} does not answer: {why}")


def _content(answer: httpcore.Response) -> Tree:
    types = [value for name, value in answer.headers if name.lower() == b"content-type"]
    is_json = bool(types) and types[0].startswith(b"application/json")
    body: Any = json.loads(answer.content) if is_json else answer.content.decode(errors="replace")
    if 200 <= answer.status < 300 and isinstance(body, dict):
        return body
    raise ApiError.of(answer.status, body)


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
