"""Sign AWS requests, and recompute the signature that a request should have.

One module serves both ends: the `aws` shim signs with it, and the front recomputes with it. It uses only the standard
library, and little of that, because the shim runs for every credential that kubectl or a provider requests. Importing
botocore takes half a second, this a few milliseconds.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
TIME_FORMAT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope of a signature: a day (`YYYYMMDD`), a region and a service's signing name."""

    date: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The signed parts of a request: `path` and `query` as on the wire, signed `headers` with lower-case names."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    payload_sha256: str


def signature(request: Request, *, secret: str, timestamp: str, scope: Scope) -> str:
    """Compute the hex signature of a request at an instant (`TIME_FORMAT`)."""
    canonical = "\n".join(
        (
            request.method,
            _canonical_path(request.path, scope.service),
            _canonical_query(request.query),
            "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in sorted(request.headers)),
            ";".join(sorted(request.headers)),
            request.payload_sha256,
        )
    )
    to_sign = "\n".join((ALGORITHM, timestamp, str(scope), hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{secret}".encode()
    for part in (scope.date, scope.region, scope.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def authorization(request: Request, *, key_id: str, secret: str, timestamp: str, scope: Scope) -> str:
    """Make the Authorization header of a request."""
    signed = signature(request, secret=secret, timestamp=timestamp, scope=scope)
    names = ";".join(sorted(request.headers))
    return f"{ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signed}"


def encode_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Join query parameters, percent-encoded as AWS requires (a space is `%20`)."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)


def decode_query(query: str) -> dict[str, str]:
    """Parse a query string; the last value of a repeated parameter counts."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return {unquote(name): unquote(value) for name, _, value in pairs}


def now() -> str:
    """Return the current time in `TIME_FORMAT`."""
    return datetime.now(UTC).strftime(TIME_FORMAT)


def age_seconds(timestamp: str) -> float:
    """Return the age of an instant in seconds.

    Raises:
        ValueError: it is not in `TIME_FORMAT`.
    """
    return (datetime.now(UTC) - datetime.strptime(timestamp, TIME_FORMAT).replace(tzinfo=UTC)).total_seconds()


def _canonical_path(path: str, service: str) -> str:
    """S3 signs the path as sent; every other service encodes it once more and resolves dots and empty segments."""
    if service == "s3" or not path:
        return path or "/"
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    end = "/" if kept and path.endswith("/") else ""
    return quote("/" + "/".join(kept) + end, safe="/~")


def _canonical_query(query: str) -> str:
    """Parameters encoded anew and sorted, without the signature itself."""
    pairs = [part.partition("=") for part in query.split("&") if part]
    encoded = sorted((quote(unquote(n), safe="-_.~"), quote(unquote(v), safe="-_.~")) for n, _, v in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded if name != "X-Amz-Signature")
