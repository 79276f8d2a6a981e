"""Reject requests that no key known to the sandbox has signed.

Everything behind the gate is moto, which accepts any key. The gate recomputes the signature as AWS does. So a program
with wrong, stale or foreign credentials fails here as it would on AWS, and no other user of the machine can talk to
this sandbox.
"""

import hashlib
import hmac
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.aws import faults, principals, signing
from sandbox.aws.faults import FaultKind
from sandbox.aws.principals import Principal

Environ = dict[str, Any]

PRINCIPAL = "sandbox.principal"
SERVICE = "sandbox.service"
"""Where the gate leaves, in a request's environ, who asks and which service (its signing name)."""

SKEW_SECONDS = 15 * 60

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<credential>[^,\s]+),\s*SignedHeaders=(?P<headers>[^,\s]+),\s*"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)


class RefusedError(Exception):
    """A request that AWS would answer with an authentication error."""

    def __init__(self, kind: FaultKind, message: str, service: str = "") -> None:
        super().__init__(message)
        self.kind: FaultKind = kind
        self.service = service


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A request's claim about its signature, from its Authorization header or (presigned) its query."""

    key_id: str
    scope: signing.Scope
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    session_token: str | None
    lifetime: float


def admit(environ: Environ) -> Principal:
    """Check a WSGI request's signature, and leave principal and service in its environ.

    Raises:
        RefusedError: not signed, unknown key, wrong signature, expired or too far from the clock.
    """
    presented = _presented(environ)
    service = presented.scope.service
    principal = principals.find(presented.key_id)
    if principal is None or presented.session_token != principal.session_token:
        raise RefusedError("unknown-key", "The security token included in the request is invalid.", service)
    if principal.has_expired():
        raise RefusedError("expired", "The security token included in the request is expired", service)
    _check_age(presented)
    request = signing.Request(
        method=environ["REQUEST_METHOD"],
        path=_raw_target(environ)[0],
        query=_raw_target(environ)[1],
        headers={name: _header(environ, name) for name in presented.signed_headers},
        payload_sha256=_payload_sha256(environ, presented),
    )
    expected = signing.signature(request, secret=principal.secret, timestamp=presented.timestamp, scope=presented.scope)
    if not hmac.compare_digest(expected, presented.signature):
        raise RefusedError(
            "bad-signature",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method.",
            service,
        )
    environ[PRINCIPAL], environ[SERVICE] = principal, service
    return principal


def scope_of(environ: Environ) -> signing.Scope | None:
    """Return the scope of a request's signature, without checking it; None for an unsigned request."""
    try:
        return _presented(environ).scope
    except RefusedError:
        return None


def refusal(error: RefusedError, environ: Environ) -> faults.Answer:
    """Put a refusal into the shape of the request's service."""
    shape = faults.shape_of(error.service, environ.get("CONTENT_TYPE", ""))
    return faults.credential_answer(error.kind, str(error), shape)


def read_body(environ: Environ) -> bytes:
    """Read a request's body and put it back for the next reader."""
    length = environ.get("CONTENT_LENGTH")
    chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    stream = environ["wsgi.input"]
    body: bytes = stream.read() if chunked else stream.read(int(length or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return body


def _presented(environ: Environ) -> Presented:
    match = _HEADER.search(environ.get("HTTP_AUTHORIZATION", ""))
    query = signing.decode_query(_raw_target(environ)[1])
    if match:
        return _parse(
            credential=match["credential"],
            headers=match["headers"],
            signature=match["signature"],
            timestamp=environ.get("HTTP_X_AMZ_DATE", ""),
            token=environ.get("HTTP_X_AMZ_SECURITY_TOKEN"),
            lifetime=SKEW_SECONDS,
        )
    if "X-Amz-Signature" in query:
        return _parse(
            credential=query.get("X-Amz-Credential", ""),
            headers=query.get("X-Amz-SignedHeaders", ""),
            signature=query["X-Amz-Signature"],
            timestamp=query.get("X-Amz-Date", ""),
            token=query.get("X-Amz-Security-Token"),
            lifetime=float(query.get("X-Amz-Expires", "0") or 0),
        )
    raise RefusedError("missing", "Request is missing Authentication Token")


def _parse(
    *, credential: str, headers: str, signature: str, timestamp: str, token: str | None, lifetime: float
) -> Presented:
    parts = credential.split("/")
    if len(parts) != 5 or parts[4] != "aws4_request":
        raise RefusedError("missing", f"Credential should be scoped as <key>/<date>/<region>/<service>: {credential!r}")
    return Presented(
        key_id=parts[0],
        scope=signing.Scope(*parts[1:4]),
        signed_headers=tuple(sorted(headers.lower().split(";"))),
        signature=signature,
        timestamp=timestamp,
        session_token=token,
        lifetime=lifetime,
    )


def _check_age(presented: Presented) -> None:
    service = presented.scope.service
    try:
        age = signing.age_seconds(presented.timestamp)
    except ValueError as error:
        raise RefusedError("missing", f"X-Amz-Date is no date: {presented.timestamp!r}", service) from error
    if not presented.timestamp.startswith(presented.scope.date):
        raise RefusedError("bad-signature", "Date in Credential scope does not match X-Amz-Date", service)
    if age > presented.lifetime or age < -SKEW_SECONDS:
        raise RefusedError("skewed", f"Signature expired: it was made {age:.0f} s ago", service)


def _payload_sha256(environ: Environ, presented: Presented) -> str:
    """The signed header's value, if there is one (S3 sends `UNSIGNED-PAYLOAD` there), else the body's hash."""
    body = read_body(environ)
    actual = hashlib.sha256(body).hexdigest()
    declared: str | None = environ.get("HTTP_X_AMZ_CONTENT_SHA256")
    if declared is None:
        presigned_s3 = presented.scope.service == "s3" and "HTTP_AUTHORIZATION" not in environ
        return "UNSIGNED-PAYLOAD" if presigned_s3 else actual
    if re.fullmatch(r"[0-9a-f]{64}", declared) and declared != actual:
        raise RefusedError("bad-signature", "The body is not the one that was signed", presented.scope.service)
    return declared


def _raw_target(environ: Environ) -> tuple[str, str]:
    """Path and query as they were on the wire: WSGI's own PATH_INFO is decoded, and `%2F` is lost in it."""
    raw: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ["PATH_INFO"]
    path, _, query = raw.partition("?")
    return path, query


def _header(environ: Environ, name: str) -> str:
    key = name.upper().replace("-", "_")
    if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        return str(environ.get(key, ""))
    return str(environ.get(f"HTTP_{key}", ""))


def respond(response: faults.Answer, start_response: Any) -> Iterable[bytes]:
    """Send a refusal."""
    headers = [
        ("Content-Type", response.content_type),
        ("Content-Length", str(len(response.body))),
        ("x-amzn-ErrorType", response.code),
        ("x-amzn-RequestId", "sandbox"),
    ]
    start_response(f"{response.status} {response.code}", headers)
    return [response.body]
