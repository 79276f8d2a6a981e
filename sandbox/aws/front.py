"""Serve the sandbox's AWS: one WSGI server on loopback, in threads of the supervisor's process.

A request passes the sandbox's own two routes, then the gate, then moto with its gaps filled. The server runs in
process, because a created cluster has to become processes of the supervisor's. moto keeps its state in modules, one
set for each process, so there is one front for each process too.
"""

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NoReturn

from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.aws import balancers, faults, gate, identity, network, principals, route53, strict, tokens
from sandbox.aws.contract import ClusterKey, ControlPlanes, Credentials
from sandbox.aws.eks import api
from sandbox.aws.outages import Outages
from sandbox.aws.services import KEY, Services
from sandbox.clients import OWN

_LOG = logging.getLogger("sandbox.aws")
_running = threading.Lock()

HEALTH = "/sandbox/health"
TOKEN_REVIEW = "/sandbox/token-review/"  # noqa: S105 - a path, no secret
MOTO_OWN = ("/moto-api", "/latest/", "/favicon.ico")
"""Routes of moto's that AWS does not have: resetting it all would be one request away."""


class AwsFront:
    """A running front. `url` has no slash at its end; `outages` defines what fails."""

    def __init__(self, server: BaseWSGIServer, thread: threading.Thread, outages: Outages) -> None:
        self._server = server
        self.outages = outages
        self._thread = thread
        self.url = f"http://127.0.0.1:{server.server_port}"

    def close(self) -> None:
        """Stop answering and forget everything that was created."""
        self.outages.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        _forget()
        _running.release()


def _forget() -> None:
    """Drop all that moto holds. Its own ``reset`` first fills each backend anew, which takes seconds."""
    for account in s3_backends.values():
        account.reset()  # closes its files
    for backends in BackendDict._instances:  # noqa: SLF001 - moto has no other list of them
        backends.clear()
    BackendDict._instances.clear()  # noqa: SLF001


def serve(
    planes: ControlPlanes, credentials: Credentials, outages: Outages | None = None, *, port: int = 0
) -> AwsFront:
    """Start the sandbox's AWS on 127.0.0.1 and return at once; `outages` defines what fails.

    Raises:
        RuntimeError: there is a front in this process already.
        OSError: the port is taken.
    """
    if not _running.acquire(blocking=False):
        raise RuntimeError("there is a front in this process already: close it first (moto's state is one a process)")
    try:
        for mount in (api.mount, route53.mount, balancers.mount, network.mount, identity.mount):
            mount()
        principals.install_owner(credentials)
        failing = outages or Outages()
        application = _application(Services(planes=planes), failing)
        server = make_server("127.0.0.1", port, application, threaded=True, request_handler=_Handler)
    except BaseException:
        _forget()
        _running.release()
        raise
    thread = threading.Thread(target=server.serve_forever, name="aws-front", daemon=True)
    thread.start()
    return AwsFront(server, thread, failing)


class _Handler(MotoRequestHandler):  # type: ignore[misc] # moto is not followed by mypy
    """Requests go to the log, not to the terminal; a connection left idle is given up."""

    timeout = 600
    # Headers and body are written apart; with Nagle's algorithm the second waits 40 ms for the first's acknowledgement.
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's own name
        _LOG.log(logging.WARNING if type == "error" else logging.DEBUG, message, *args)


def _application(shared: Services, outages: Outages) -> Callable[[gate.Environ, Any], Iterable[bytes]]:
    moto = strict.answering(DomainDispatcherApplication(create_backend_app))

    def call(environ: gate.Environ, start_response: Any) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        # Read before any refusal: an unread body would be parsed as the connection's next request.
        gate.read_body(environ)
        if path == HEALTH:
            return _json(start_response, 200, {"status": "ok"})
        if path.startswith(TOKEN_REVIEW):
            return _review(environ, start_response)
        if (failed := _failed(environ, outages)) is not None:
            return gate.respond(failed, start_response)
        try:
            gate.admit(environ)
        except gate.RefusedError as error:
            return gate.respond(gate.refusal(error, environ), start_response)
        if path.startswith(MOTO_OWN):
            refused = faults.answer("NotFound", f"AWS has nothing at {path}", "json", 404)
            return gate.respond(refused, start_response)
        environ[KEY] = shared
        return moto(environ, start_response)

    return call


def _failed(environ: gate.Environ, outages: Outages) -> faults.Answer | None:
    """Count a request, and fail it as its service's outage says; None when there is no outage."""
    scope = gate.scope_of(environ)
    if scope is None or OWN in environ.get("HTTP_USER_AGENT", ""):
        return None
    outages.count(scope.region, scope.service)
    match outages.effect(scope.region, scope.service):
        case "refuse":
            _hang_up(environ)
        case "throttle":
            return faults.throttling_answer(faults.shape_of(scope.service, environ.get("CONTENT_TYPE", "")))
        case "hang" | "slow":
            if not outages.wait(scope.region, scope.service):
                _hang_up(environ)
    return None


def _hang_up(environ: gate.Environ) -> NoReturn:
    """Close the connection without a response: a server can come no nearer to a refused connection."""
    with suppress(OSError):
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


def _review(environ: gate.Environ, start_response: Any) -> Iterable[bytes]:
    """Answer `/sandbox/token-review/<account>/<region>/<cluster>`."""
    parts = environ["PATH_INFO"].removeprefix(TOKEN_REVIEW).split("/")
    body = gate.read_body(environ)
    try:
        key = ClusterKey(account=parts[0], region=parts[1], name=parts[2])
        request = json.loads(body)
    except (IndexError, ValueError) as error:
        return _json(
            start_response, 400, {"error": f"POST a TokenReview to {TOKEN_REVIEW}<account>/<region>/<cluster>: {error}"}
        )
    review = tokens.review(request, key)
    if not review["status"]["authenticated"]:
        _LOG.info("token refused for %s in %s: %s", key.name, key.region, review["status"]["error"])
    return _json(start_response, 200, review)


def _json(start_response: Any, status: int, content: dict[str, Any]) -> Iterable[bytes]:
    body = json.dumps(content).encode()
    start_response(f"{status} -", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
