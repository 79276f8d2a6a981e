"""What reaches the sender when moto breaks."""

import json
import logging
from collections.abc import Iterable
from typing import Any

import pytest

from sandbox.aws import faults, strict
from sandbox.aws.gate import SERVICE, Environ


def ask(application: strict.Application, service: str) -> tuple[str, bytes]:
    """Send one request through and return status and body."""
    begun: list[str] = []
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/x", SERVICE: service}
    body = b"".join(strict.answering(application)(environ, lambda status, _: begun.append(status)))
    return begun[0], body


def unknown(environ: Environ, start_response: Any) -> Iterable[bytes]:
    raise NotImplementedError("The do_it action has not been implemented")


def broken(environ: Environ, start_response: Any) -> Iterable[bytes]:
    raise KeyError("colour")


def page(environ: Environ, start_response: Any) -> Iterable[bytes]:
    start_response("404 NOT FOUND", [("Content-Type", "text/html")])
    return [b"<!doctype html>\n", b"<title>404</title>"]


def fine(environ: Environ, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"<Answer/>"]


def test_an_unknown_call_is_named() -> None:
    status, body = ask(unknown, "eks")
    assert status == "501 NotImplemented"
    assert "eks POST /x: The do_it action" in json.loads(body)["message"]


def test_a_page_becomes_an_error() -> None:
    status, body = ask(page, "route53")
    assert status == "501 NotImplemented"
    assert b"<Code>NotImplemented</Code>" in body
    assert b"no operation answers at this path" in body


def test_a_fault_is_told_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "sandbox.aws"):
        status, body = ask(broken, "ec2")
    assert status == "500 InternalFailure"
    assert b"<Response><Errors><Error><Code>InternalFailure</Code>" in body
    assert b"KeyError: &#x27;colour&#x27;" in body or b"KeyError: 'colour'" in body
    assert "POST /x failed" in caplog.text


def test_an_answer_passes_unchanged() -> None:
    assert ask(fine, "sts") == ("200 OK", b"<Answer/>")


@pytest.mark.parametrize(
    ("service", "content_type", "shape"),
    [
        ("ec2", "application/x-www-form-urlencoded", "ec2"),
        ("s3", "", "s3"),
        ("route53", "text/xml", "query"),
        ("sns", "application/x-www-form-urlencoded; charset=utf-8", "query"),
        ("eks", "application/json", "json"),
        ("", "", "json"),
    ],
)
def test_every_service_has_its_shape(service: str, content_type: str, shape: str) -> None:
    assert faults.shape_of(service, content_type) == shape


def test_a_message_cannot_break_the_xml() -> None:
    assert b"&lt;b&gt; &amp;" in faults.answer("Code", "<b> &", "query", 400).body
