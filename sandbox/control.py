"""Carry requests from a command to the running supervisor.

A request and its response are one line of JSON each, over a socket in the sandbox's folder. The folder's mode is 0700,
so a user who may not read the sandbox's keys cannot connect either. The socket takes no port.
"""

import contextlib
import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sandbox.errors import NotRunningError, SandboxError

SOCKET = "control.sock"
ANSWER_SECONDS = 120.0

Handler = Callable[[Mapping[str, Any]], Any]
"""Answers one request; what it raises as `SandboxError` reaches the one who asked."""


def ask(folder: Path, operation: str, **arguments: Any) -> Any:
    """Send one request to a sandbox's supervisor and return its response.

    Raises `NotRunningError` when no supervisor listens, and `SandboxError` with the supervisor's own message.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            with _short(folder) as path:
                connection.connect(path)
            connection.sendall(json.dumps({"operation": operation, **arguments}).encode() + b"\n")
            response = json.loads(connection.makefile("rb").readline() or b"null")
        except (FileNotFoundError, NotADirectoryError, ConnectionError) as error:
            raise NotRunningError from error
        except TimeoutError as error:
            raise SandboxError(
                f"the supervisor does not answer within {ANSWER_SECONDS:.0f} s; see 'fed sandbox logs supervisor'"
            ) from error
    if response is None:
        raise NotRunningError
    if "error" in response:
        raise SandboxError(response["error"])
    return response["result"]


def serve(folder: Path, handle: Handler) -> socketserver.BaseServer:
    """Answer requests in threads, until the returned server is shut down."""

    class Request(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            request = json.loads(self.rfile.readline())
            try:
                response = {"result": handle(request)}
            except SandboxError as error:
                response = {"error": str(error)}
            self.wfile.write(json.dumps(response).encode() + b"\n")

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

    (folder / SOCKET).unlink(missing_ok=True)
    with _short(folder) as path:
        server = Server(path, Request)
    (folder / SOCKET).chmod(0o600)
    threading.Thread(target=server.serve_forever, name="control", daemon=True).start()
    return server


@contextlib.contextmanager
def _short(folder: Path) -> Iterator[str]:
    # A socket's path has 108 characters at most, and a folder's may be longer: use an open descriptor instead.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET}"
    finally:
        os.close(descriptor)
