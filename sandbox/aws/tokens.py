"""Review an EKS token: find its IAM principal, and the Kubernetes user of that principal.

An EKS token is a signed STS request that has not been sent: only a holder of the IAM credentials can make it. On AWS
the authenticator sends it to STS. Here its signature is recomputed, which is equivalent, and the principal is mapped
through the cluster's access entries to a Kubernetes user.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from moto.eks.models import eks_backends

from sandbox.aws import principals, signing
from sandbox.aws.contract import ClusterKey
from sandbox.aws.eks import access
from sandbox.aws.principals import Principal

PREFIX = "k8s-aws-v1."
LIFETIME_SECONDS = 15 * 60
SKEW_SECONDS = 5 * 60


class RejectedError(Exception):
    """An invalid token; the message says why, and goes into the API server's log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A Kubernetes user, as a TokenReview names it."""

    username: str
    uid: str
    groups: tuple[str, ...]
    arn: str
    canonical_arn: str
    session_name: str


def review(body: dict[str, Any], key: ClusterKey) -> dict[str, Any]:
    """Answer a TokenReview (`authentication.k8s.io/v1`) of a cluster's API server."""
    token = str(body.get("spec", {}).get("token", ""))
    try:
        user = user_of(principal_of(token, key.name), key)
    except RejectedError as error:
        status: dict[str, Any] = {"authenticated": False, "error": str(error)}
    else:
        status = {
            "authenticated": True,
            "user": {
                "username": user.username,
                "uid": user.uid,
                "groups": list(user.groups),
                "extra": {
                    "arn": [user.arn],
                    "canonicalArn": [user.canonical_arn],
                    "sessionName": [user.session_name],
                },
            },
        }
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status}


def principal_of(token: str, cluster: str) -> Principal:
    """Return the principal whose credentials made a token, if it is for this cluster and not too old.

    Raises:
        RejectedError: the token is invalid.
    """
    if not token.startswith(PREFIX):
        raise RejectedError(f"not an EKS token: it does not start with {PREFIX}")
    encoded = token.removeprefix(PREFIX)
    try:
        url = urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise RejectedError("not an EKS token: no URL inside") from error
    query = signing.decode_query(url.query)
    if query.get("Action") != "GetCallerIdentity":
        raise RejectedError("the token's request is not GetCallerIdentity")
    signed = query.get("X-Amz-SignedHeaders", "").split(";")
    if "x-k8s-aws-id" not in signed or "host" not in signed or len(signed) != 2:
        raise RejectedError("the token's request has to sign host and x-k8s-aws-id, and nothing else")
    _check_age(query.get("X-Amz-Date", ""))
    principal = _signer(query)
    request = signing.Request(
        method="GET",
        path=url.path,
        query=url.query,
        headers={"host": url.netloc, "x-k8s-aws-id": cluster},
        payload_sha256=signing.EMPTY_SHA256,
    )
    scope = signing.Scope(*query["X-Amz-Credential"].split("/")[1:4])
    expected = signing.signature(request, secret=principal.secret, timestamp=query["X-Amz-Date"], scope=scope)
    if not hmac.compare_digest(expected, query.get("X-Amz-Signature", "")):
        raise RejectedError(f"the token's signature is wrong, or it was made for another cluster than {cluster}")
    return principal


def user_of(principal: Principal, key: ClusterKey) -> User:
    """Map a principal through the cluster's access entries.

    Raises:
        RejectedError: there is no such cluster, or no entry for the principal.
    """
    cluster = eks_backends[key.account][key.region].clusters.get(key.name)
    if cluster is None:
        raise RejectedError(f"there is no cluster {key.name} in {key.region}")
    entry = cluster.sandbox.access_entries.get(principal.iam_arn)
    if entry is None:
        raise RejectedError(f"{principal.iam_arn} has no access entry in cluster {key.name}")
    username = entry["username"].replace("{{SessionName}}", principal.session_name)
    account_id = principal.user_id.partition(":")[0]
    return User(
        username=username.replace("{{AccountID}}", principal.account),
        uid=f"aws-iam-authenticator:{principal.account}:{account_id}",
        groups=tuple(access.groups_of(cluster, principal.iam_arn)),
        arn=principal.arn,
        canonical_arn=principal.iam_arn,
        session_name=principal.session_name,
    )


def _signer(query: dict[str, str]) -> Principal:
    credential = query.get("X-Amz-Credential", "").split("/")
    if len(credential) != 5 or credential[3] != "sts":
        raise RejectedError("the token's request is not signed for STS")
    principal = principals.find(credential[0])
    if principal is None or query.get("X-Amz-Security-Token") != principal.session_token:
        raise RejectedError(f"the token was made with a key that is not known: {credential[0]}")
    if principal.has_expired():
        raise RejectedError(f"the credentials of {principal.arn} have expired")
    return principal


def _check_age(timestamp: str) -> None:
    try:
        age = signing.age_seconds(timestamp)
    except ValueError as error:
        raise RejectedError(f"the token's date is none: {timestamp!r}") from error
    if age > LIFETIME_SECONDS or age < -SKEW_SECONDS:
        raise RejectedError(f"the token is {age:.0f} s old; it is good for {LIFETIME_SECONDS} s")
