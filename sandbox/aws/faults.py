"""Write AWS's error responses in the four shapes that its protocols use.

The four shapes: EC2's XML, the query services' XML (IAM, STS, load balancing, Route53), S3's XML, and JSON. botocore
and the Go SDK read the error code from these shapes only. Anything else reaches the user as "unknown error" with a
page of HTML.
"""

import json
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

Shape = Literal["ec2", "query", "s3", "json"]
FaultKind = Literal["missing", "unknown-key", "bad-signature", "expired", "skewed", "denied"]

_QUERY = frozenset({"sts", "iam", "elasticloadbalancing", "route53", "autoscaling", "cloudformation", "cloudfront"})

_XML_CODES: dict[FaultKind, str] = {
    "missing": "MissingAuthenticationToken",
    "unknown-key": "InvalidClientTokenId",
    "bad-signature": "SignatureDoesNotMatch",
    "expired": "ExpiredToken",
    "skewed": "RequestExpired",
    "denied": "AccessDenied",
}
_JSON_CODES: dict[FaultKind, str] = {
    **_XML_CODES,
    "missing": "MissingAuthenticationTokenException",
    "unknown-key": "UnrecognizedClientException",
    "bad-signature": "InvalidSignatureException",
    "expired": "ExpiredTokenException",
    "denied": "AccessDeniedException",
}
_S3_CODES: dict[FaultKind, str] = {
    **_XML_CODES,
    "missing": "AccessDenied",
    "unknown-key": "InvalidAccessKeyId",
    "skewed": "RequestTimeTooSkewed",
}

_THROTTLING: dict[Shape, tuple[str, int]] = {
    "ec2": ("RequestLimitExceeded", 503),
    "json": ("ThrottlingException", 429),
    "query": ("Throttling", 400),
    "s3": ("SlowDown", 503),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A refusal, ready to send."""

    status: int
    content_type: str
    code: str
    body: bytes


def shape_of(service: str, content_type: str) -> Shape:
    """Return a service's shape by its signing name, or an unknown service's by the form of the request."""
    if service == "ec2":
        return "ec2"
    if service in ("s3", "s3express"):
        return "s3"
    if service in _QUERY or content_type.startswith("application/x-www-form-urlencoded"):
        return "query"
    return "json"


def credential_answer(kind: FaultKind, message: str, shape: Shape) -> Answer:
    """Refuse a request whose credentials are wrong."""
    if shape == "ec2":
        # EC2 has one code for all of these, with status 401 instead of the others' 403.
        return answer("AuthFailure", message, shape, 401)
    codes = {"json": _JSON_CODES, "s3": _S3_CODES}.get(shape, _XML_CODES)
    return answer(codes[kind], message, shape, 403)


def throttling_answer(shape: Shape) -> Answer:
    """Tell a caller that it sends too many requests; SDKs retry after a while."""
    code, status = _THROTTLING[shape]
    return answer(code, "Rate exceeded", shape, status)


def answer(code: str, message: str, shape: Shape, status: int) -> Answer:
    """Put a code and a message into a service's shape."""
    if shape == "json":
        body = json.dumps({"__type": code, "message": message}).encode()
        return Answer(status, "application/json", code, body)
    error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    match shape:
        case "ec2":
            xml = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>sandbox</RequestID></Response>"
        case "s3":
            xml = f"<Error>{error}<RequestId>sandbox</RequestId></Error>"
        case _:
            inner = f"<Error><Type>Sender</Type>{error}</Error><RequestId>sandbox</RequestId>"
            xml = f"<ErrorResponse>{inner}</ErrorResponse>"
    return Answer(status, "text/xml", code, b'<?xml version="1.0" encoding="UTF-8"?>\n' + xml.encode())
