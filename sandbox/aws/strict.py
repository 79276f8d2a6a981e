"""Report a call that neither moto nor the sandbox implements as one error in the service's own shape.

moto raises, and its web server turns that into a page of HTML with status 500, which every SDK retries and then
reports as an unknown error. The error here names the operation; its status is 501, which no SDK retries.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.aws import faults
from sandbox.aws.gate import SERVICE, Environ, respond

Application = Callable[[Environ, Any], Iterable[bytes]]

_LOG = logging.getLogger("sandbox.aws")
_HTML = (b"<!doctype html", b"<!DOCTYPE HTML", b"<!DOCTYPE html")


def answering(application: Application) -> Application:
    """Wrap a WSGI application so that it never answers with a page of HTML."""

    def call(environ: Environ, start_response: Any) -> Iterable[bytes]:
        begun: list[Any] = []

        def capture(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
            begun[:] = [status, headers]
            return lambda _: None

        try:
            body = b"".join(application(environ, capture))
        except NotImplementedError as error:
            return respond(_unknown(environ, str(error)), start_response)
        except Exception as error:  # noqa: BLE001 - the sender gets every fault of moto's, as an AWS error; logged as well
            _LOG.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return respond(_broken(environ, error), start_response)
        if body.startswith(_HTML):
            return respond(_unknown(environ, f"no operation answers at this path ({begun[0]})"), start_response)
        start_response(*begun)
        return [body]

    return call


def _unknown(environ: Environ, detail: str) -> faults.Answer:
    service = environ.get(SERVICE, "")
    message = (
        f"The sandbox's AWS does not know this call: {service} {environ['REQUEST_METHOD']} {environ['PATH_INFO']}: "
        f"{detail}. What it knows is listed in sandbox/README.md."
    )
    return faults.answer("NotImplemented", message, _shape(environ), 501)


def _broken(environ: Environ, error: Exception) -> faults.Answer:
    message = (
        f"The sandbox's AWS failed at {environ.get(SERVICE, '')} {environ['REQUEST_METHOD']} {environ['PATH_INFO']}: "
        f"{type(error).__name__}: {error}. The traceback is in the sandbox's log."
    )
    return faults.answer("InternalFailure", message, _shape(environ), 500)


def _shape(environ: Environ) -> faults.Shape:
    return faults.shape_of(environ.get(SERVICE, ""), environ.get("CONTENT_TYPE", ""))
