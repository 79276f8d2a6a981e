"""Look up resources on AWS whose creation was never reported back.

Each type is found by its identity on AWS: by name where names are unique, else by the tags that this project puts on
everything. A resource counts as this stack's only with the tags of this federation and stack. Found resources are
reported and never taken over: two runs may have left two of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import boto3
import botocore.exceptions

from federation.operations.recovery.aws_kinds import KINDS, Inputs
from federation.operations.recovery.pending import OpenOperation

__all__ = [
    "FoundResource",
    "SearchFailedError",
    "can_find",
    "find_resources",
    "is_refused_twice",
    "is_repeatable",
    "removal_command",
]

REPEATABLE: Final = frozenset(
    {
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    }
)
"""Creating one of these again gives the same one."""

REFUSED_TWICE: Final = frozenset(
    {
        "aws:ec2/route:Route",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "aws:eks/accessEntry:AccessEntry",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    }
)
"""AWS refuses a second one of these, so nothing can be doubled."""

OWNER: Final = ("eks-federation/federation", "eks-federation/stack")
"""The tags that name a resource's owner; every taggable resource that this project makes has them."""

MISSING: Final = ("NotFound", "NoSuch")  # within the codes of the services asked here


class SearchFailedError(Exception):
    """AWS did not answer the search; the text is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundResource:
    """One resource on AWS; ``is_ours`` is true with the tags of this federation and stack."""

    identifier: str
    is_ours: bool


def is_repeatable(operation: OpenOperation) -> bool:
    """Whether creating the same again changes nothing, as with a record set that may be overwritten."""
    return operation.token in REPEATABLE or bool(operation.inputs.get("allowOverwrite"))


def is_refused_twice(operation: OpenOperation) -> bool:
    """Whether AWS itself refuses a second one."""
    return operation.token in REFUSED_TWICE


def can_find(operation: OpenOperation) -> bool:
    """Whether resources of this type can be looked up."""
    return operation.token in KINDS


def find_resources(operation: OpenOperation) -> tuple[FoundResource, ...]:
    """The resources that ``operation`` may have made on AWS. Raises ``SearchFailedError`` when the search fails."""
    kind = KINDS[operation.token]
    try:
        client = _session(operation.provider).client(kind.service)
        found = kind.find(client, operation.inputs)
        return tuple(FoundResource(identifier=each, is_ours=_is_ours(tags, operation.inputs)) for each, tags in found)
    except botocore.exceptions.ClientError as error:
        if any(part in error.response["Error"]["Code"] for part in MISSING):
            return ()
        raise SearchFailedError(str(error)) from None
    except (botocore.exceptions.BotoCoreError, KeyError) as error:
        raise SearchFailedError(f"{type(error).__name__}: {error}") from None


def removal_command(operation: OpenOperation, identifier: str) -> str:
    """The command of AWS's own tool that removes the found resource."""
    kind = KINDS[operation.token]
    filled = kind.remove.format(id=identifier, **{key: value for key, value in operation.inputs.items() if key != "id"})
    region = operation.provider.get("region", "")
    return f"aws {kind.service} {filled}" + (f" --region {region}" if region else "")


def _session(provider: Inputs) -> boto3.Session:
    """A session as the provider has one: its region, and its role when it assumes one."""
    region = provider.get("region")
    own = boto3.Session(region_name=region)
    roles = provider.get("assumeRoles")
    assumed = json.loads(roles) if isinstance(roles, str) else roles
    if not assumed:
        return own
    granted = own.client("sts").assume_role(RoleArn=assumed[0]["roleArn"], RoleSessionName="fed-up")["Credentials"]
    return boto3.Session(
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
        region_name=region,
    )


def _is_ours(tags: Mapping[str, str], inputs: Inputs) -> bool:
    wanted = {key: value for key, value in (inputs.get("tags") or {}).items() if key in OWNER}
    return len(wanted) == len(OWNER) and wanted.items() <= tags.items()
