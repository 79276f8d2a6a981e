"""Our signatures against botocore's, and against an example of AWS's own."""

import hashlib
import io
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from sandbox.aws import gate, principals, signing
from sandbox.aws.principals import Principal

KEY, SECRET = "AKIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG"
PATHS = st.text("abc/.~-_ %é", max_size=20).map(lambda text: "/" + signing.encode_query([(text, "")])[:-1])


def signed_by_botocore(request: AWSRequest, service: str) -> str:
    SigV4Auth(Credentials(KEY, SECRET), service, "us-east-1").add_auth(request)
    header: str = request.headers["Authorization"]
    return header


def ours(request: AWSRequest, service: str, header: str, body: bytes) -> str:
    url = urlsplit(request.url)
    names = header.split("SignedHeaders=")[1].split(",")[0].split(";")
    values = {"host": url.netloc} | {name.lower(): value for name, value in request.headers.items()}
    return signing.authorization(
        signing.Request(
            method=request.method,
            path=url.path,
            query=url.query,
            headers={name: values[name] for name in names},
            payload_sha256=hashlib.sha256(body).hexdigest(),
        ),
        key_id=KEY,
        secret=SECRET,
        timestamp=request.context["timestamp"],
        scope=signing.Scope(request.context["timestamp"][:8], "us-east-1", service),
    )


@given(path=PATHS, name=st.text(min_size=1, max_size=8), value=st.text(max_size=12), body=st.binary(max_size=20))
def test_a_signature_is_the_one_botocore_makes(path: str, name: str, value: str, body: bytes) -> None:
    query = signing.encode_query([(name, value), ("Action", "Describe Things")])
    request = AWSRequest("POST", f"http://127.0.0.1:99{path}?{query}", {"X-Amz-Thing": " a   b "}, body)
    header = signed_by_botocore(request, "eks")
    assert ours(request, "eks", header, body) == header


def test_an_arn_in_a_path_is_encoded_once_more() -> None:
    url = "http://127.0.0.1:99/clusters/a/access-entries/arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx"
    request = AWSRequest("GET", url)
    header = signed_by_botocore(request, "eks")
    assert ours(request, "eks", header, b"") == header


def test_a_presigned_request_is_let_in_by_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    request = AWSRequest("GET", "http://127.0.0.1:99/?Action=GetCallerIdentity&Version=2011-06-15")
    SigV4QueryAuth(Credentials(KEY, SECRET), "sts", "us-east-1", expires=60).add_auth(request)
    url = urlsplit(request.url)
    known = Principal(key_id=KEY, secret=SECRET, session_token=None, account="1", arn="a", iam_arn="a", user_id="u")
    monkeypatch.setattr(principals, "find", {KEY: known}.get)
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": url.path,
        "RAW_URI": f"{url.path}?{url.query}",
        "HTTP_HOST": url.netloc,
        "wsgi.input": io.BytesIO(b""),
    }
    assert gate.admit(environ) == known
    assert environ[gate.SERVICE] == "sts"


def test_a_date_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not match"):
        signing.age_seconds("yesterday")
