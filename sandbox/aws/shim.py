"""Stand in for the `aws` command that kubeconfigs run.

A kubeconfig for EKS runs `aws eks get-token` for every connection. The real command is not available here, and takes
most of a second. This one implements the few calls that the sandbox needs, signs with the standard library alone and
is started without site-packages.
"""

import hashlib
import json
import os
import re
import shlex
import stat
import sys
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.aws import signing

VERSION = "aws-cli/2.27.0 Python/3 sandbox"
"""The official eks component refuses one that is older than 2.7."""
KNOWN = "`aws eks get-token`, `aws sts get-caller-identity`, `aws --version`"
TOKEN_MINUTES = 14
IGNORED = ("--profile", "--output", "--endpoint-url", "--color", "--no-cli-pager")
"""Options that change nothing here. The endpoint comes from AWS_ENDPOINT_URL, the answer is always JSON."""

Keys = tuple[str, str, str]
"""Access key id, secret, session token (or empty)."""


class ShimError(Exception):
    """A mistake of the caller's; the message is all that is printed."""


def main(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Run the command and return its exit code: 0, or 255 with a message on stderr, as the real one."""
    try:
        sys.stdout.write(answer(list(arguments), environ) + "\n")
    except ShimError as error:
        sys.stderr.write(f"aws (the sandbox's): {error}\n")
        return 255
    return 0


def answer(arguments: list[str], environ: Mapping[str, str]) -> str:
    """Return the command's output.

    Raises:
        ShimError: the command is not implemented, or something is missing.
    """
    words, options = _parse(arguments)
    if "--version" in options:
        return VERSION
    region = options.get("--region") or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    match words:
        case ["eks", "get-token"]:
            cluster = options.get("--cluster-name") or options.get("--cluster-id")
            if not cluster:
                raise ShimError("eks get-token needs --cluster-name")
            role = options.get("--role-arn") or options.get("--role")
            keys = _assumed(role, region, environ) if role else _keys(environ)
            return json.dumps(credential(token(cluster, region, keys)))
        case ["sts", "get-caller-identity"]:
            return json.dumps(_caller(_keys(environ), region, environ), indent=4)
        case _:
            raise ShimError(f"unknown command: {' '.join(arguments) or '(none)'}; this small aws knows {KNOWN}")


def token(cluster: str, region: str, keys: Keys) -> str:
    """Make an EKS token: a presigned GetCallerIdentity that names the cluster, in base64url without padding."""
    key_id, secret, session_token = keys
    timestamp, host = signing.now(), f"sts.{region}.amazonaws.com"
    scope = signing.Scope(timestamp[:8], region, "sts")
    pairs = [
        ("Action", "GetCallerIdentity"),
        ("Version", "2011-06-15"),
        ("X-Amz-Algorithm", signing.ALGORITHM),
        ("X-Amz-Credential", f"{key_id}/{scope}"),
        ("X-Amz-Date", timestamp),
        ("X-Amz-Expires", "60"),
        ("X-Amz-SignedHeaders", "host;x-k8s-aws-id"),
    ]
    if session_token:
        pairs.append(("X-Amz-Security-Token", session_token))
    query = signing.encode_query(pairs)
    request = signing.Request(
        method="GET",
        path="/",
        query=query,
        headers={"host": host, "x-k8s-aws-id": cluster},
        payload_sha256=signing.EMPTY_SHA256,
    )
    signed = signing.signature(request, secret=secret, timestamp=timestamp, scope=scope)
    url = f"https://{host}/?{query}&X-Amz-Signature={signed}"
    return "k8s-aws-v1." + urlsafe_b64encode(url.encode()).decode().rstrip("=")


def credential(bearer: str) -> dict[str, object]:
    """Wrap a token for a kubeconfig's exec section."""
    expires = datetime.now(UTC) + timedelta(minutes=TOKEN_MINUTES)
    return {
        "kind": "ExecCredential",
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "spec": {},
        "status": {"expirationTimestamp": expires.strftime("%Y-%m-%dT%H:%M:%SZ"), "token": bearer},
    }


def install(bin_dir: Path, python: Path) -> Path:
    """Write the `aws` command into a folder and return its path. It holds no secrets: keys are in the environment."""
    root = str(Path(__file__).resolve().parents[2])
    code = f"import sys; sys.path.insert(0, {root!r}); from sandbox.aws.shim import main; sys.exit(main(sys.argv[1:]))"
    bin_dir.mkdir(parents=True, exist_ok=True)
    path = bin_dir / "aws"
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(str(python))} -IS -c {shlex.quote(code)} "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return path


def _parse(arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """Split words from options; every option but --version and --no-cli-pager takes a value."""
    known = ("--region", "--cluster-name", "--cluster-id", "--role-arn", "--role", *IGNORED)
    words: list[str] = []
    options: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if not name.startswith("--"):
            words.append(argument)
        elif name in ("--version", "--no-cli-pager"):
            options[name] = ""
        elif name not in known:
            raise ShimError(f"unknown option {name}; this small aws knows {KNOWN}")
        else:
            options[name] = value if equals else next(rest, "")
    return words, options


def _keys(environ: Mapping[str, str]) -> Keys:
    key_id, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not key_id or not secret:
        raise ShimError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; `fed sandbox env` prints them")
    return key_id, secret, environ.get("AWS_SESSION_TOKEN", "")


def _assumed(role: str, region: str, environ: Mapping[str, str]) -> Keys:
    parameters = [
        ("Action", "AssumeRole"),
        ("RoleArn", role),
        ("RoleSessionName", "EKSGetTokenAuth"),
        ("Version", "2011-06-15"),
    ]
    xml = _sts(parameters, _keys(environ), region, environ)
    return _tag(xml, "AccessKeyId"), _tag(xml, "SecretAccessKey"), _tag(xml, "SessionToken")


def _caller(keys: Keys, region: str, environ: Mapping[str, str]) -> dict[str, str]:
    xml = _sts([("Action", "GetCallerIdentity"), ("Version", "2011-06-15")], keys, region, environ)
    return {name: _tag(xml, name) for name in ("UserId", "Account", "Arn")}


def _sts(pairs: list[tuple[str, str]], keys: Keys, region: str, environ: Mapping[str, str]) -> str:
    """Send one signed call to STS at AWS_ENDPOINT_URL and return its XML."""
    from http.client import HTTPConnection

    endpoint = environ.get("AWS_ENDPOINT_URL", "")
    host = re.fullmatch(r"http://([^/]+)/?", endpoint)
    if host is None:
        raise ShimError(f"AWS_ENDPOINT_URL has to be the sandbox's http address; it is {endpoint!r}")
    body, timestamp = signing.encode_query(pairs), signing.now()
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "host": host[1],
        "x-amz-date": timestamp,
    }
    if keys[2]:
        headers["x-amz-security-token"] = keys[2]
    request = signing.Request(
        method="POST",
        path="/",
        query="",
        headers=headers,
        payload_sha256=hashlib.sha256(body.encode()).hexdigest(),
    )
    scope = signing.Scope(timestamp[:8], region, "sts")
    signed = signing.authorization(request, key_id=keys[0], secret=keys[1], timestamp=timestamp, scope=scope)
    connection = HTTPConnection(host[1], timeout=30)
    try:
        connection.request("POST", "/", body, {**headers, "Authorization": signed})
        response = connection.getresponse()
        xml = response.read().decode()
    except OSError as error:
        raise ShimError(f"the sandbox's AWS does not answer at {endpoint}: {error}") from error
    finally:
        connection.close()
    if response.status != 200:
        raise ShimError(f"STS refused {pairs[0][1]}: {_tag(xml, 'Code')}: {_tag(xml, 'Message')}")
    return xml


def _tag(xml: str, name: str) -> str:
    match = re.search(f"<{name}>([^<]*)</{name}>", xml)
    return match[1] if match else ""
