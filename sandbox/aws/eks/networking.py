"""Check a cluster's subnets, security groups and roles against the account's network.

EKS looks at them before it makes anything, and makes one security group of its own. moto accepts any text; here they
are looked up in moto's EC2 and IAM.
"""

import json
import secrets
from collections.abc import Sequence
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from sandbox.aws.eks.store import invalid_parameter

DEFAULTS = {"endpointPublicAccess": True, "endpointPrivateAccess": False, "publicAccessCidrs": ["0.0.0.0/0"]}


def subnets_of(account: str, region: str, subnet_ids: Sequence[str]) -> list[Any]:
    """Look subnets up; InvalidParameterException names those that do not exist."""
    existing = {s.id: s for s in ec2_backends[account][region].describe_subnets()}
    missing = [name for name in subnet_ids if name not in existing]
    if missing:
        raise invalid_parameter(f"The subnet ID '{missing[0]}' does not exist in {region}")
    return [existing[name] for name in subnet_ids]


def resolve(account: str, region: str, requested: dict[str, Any]) -> dict[str, Any]:
    """Complete a cluster's network: at least two zones, one VPC, existing security groups."""
    subnets = subnets_of(account, region, requested.get("subnetIds") or [])
    if len({subnet.availability_zone for subnet in subnets}) < 2:
        raise invalid_parameter("Subnets specified must be in at least two different AZs")
    vpcs = {subnet.vpc_id for subnet in subnets}
    if len(vpcs) > 1:
        raise invalid_parameter(f"Subnets must be in one VPC; these are in {', '.join(sorted(vpcs))}")
    for group in requested.get("securityGroupIds") or []:
        if ec2_backends[account][region].get_security_group_from_id(group) is None:
            raise invalid_parameter(f"The security group ID '{group}' does not exist")
    given = {key: value for key, value in requested.items() if value is not None}
    return {"securityGroupIds": [], **DEFAULTS, **given, "vpcId": vpcs.pop()}


def with_security_group(account: str, region: str, cluster: str, vpc: dict[str, Any]) -> dict[str, Any]:
    """Make the cluster's own security group and return the network with it."""
    group = ec2_backends[account][region].create_security_group(
        name=f"eks-cluster-sg-{cluster}-{secrets.randbelow(10**9)}",
        description="EKS created security group applied to ENI that is attached to EKS Control Plane master nodes",
        vpc_id=vpc["vpcId"],
        tags={f"kubernetes.io/cluster/{cluster}": "owned", "aws:eks:cluster-name": cluster},
    )
    return {**vpc, "clusterSecurityGroupId": group.id}


def remove_security_group(account: str, region: str, vpc: dict[str, Any]) -> None:
    """Remove the cluster's own security group; one that something else still uses stays, as on AWS."""
    try:
        ec2_backends[account][region].delete_security_group(group_id=vpc["clusterSecurityGroupId"])
    except EC2ClientError:
        return


def check_role(account: str, arn: str, service: str) -> None:
    """Refuse a role that does not exist or that the service may not assume."""
    role = next((r for r in iam_backends[account]["aws"].roles.values() if r.arn == arn), None)
    if role is None or not _trusts(role.assume_role_policy_document, service):
        raise invalid_parameter(
            f"Role with arn: {arn}, could not be assumed because it does not exist or the trusted entity is not correct"
            f" (it has to trust {service})"
        )


def _trusts(document: str, service: str) -> bool:
    """Return whether a trust policy names a service."""
    statements = json.loads(document)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal", {})
        named = principal.get("Service", []) if isinstance(principal, dict) else []
        if statement.get("Effect") == "Allow" and service in ([named] if isinstance(named, str) else named):
            return True
    return False
