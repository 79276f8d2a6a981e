"""Serve EKS access entries and access policies: they map IAM principals to Kubernetes users and groups.

An access entry maps an IAM principal to a Kubernetes user name and groups; access policies add rights. EKS grants
those rights inside its authorizer. Here each policy becomes a group that the control plane has bound to a cluster
role, except the cluster admin's policy, which becomes `system:masters`.
"""

import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.eks.models import paginated_list

from sandbox.aws.contract import ACCESS_POLICY_GROUP
from sandbox.aws.eks.store import EksCalls, in_use, invalid_parameter, invalid_request, not_found, now
from sandbox.aws.principals import Principal

POLICY_PREFIX = "arn:aws:eks::aws:cluster-access-policy/"
CLUSTER_ADMIN = "AmazonEKSClusterAdminPolicy"
POLICIES = (
    CLUSTER_ADMIN,
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSViewPolicy",
)
NODE_TYPES = ("EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "EC2")


def groups_of(cluster: Any, principal_arn: str) -> list[str]:
    """Return the Kubernetes groups of an access entry, including those of its policies."""
    groups = list(cluster.sandbox.access_entries[principal_arn]["kubernetesGroups"])
    for arn in cluster.sandbox.access_policies[principal_arn]:
        policy = arn.removeprefix(POLICY_PREFIX)
        groups.append("system:masters" if policy == CLUSTER_ADMIN else f"{ACCESS_POLICY_GROUP}{policy}")
    return sorted(set(groups))


def default_username(principal_arn: str) -> str:
    """Return EKS's user name for a principal: a user's ARN, or the ARN of a role's session."""
    if ":role/" not in principal_arn:
        return principal_arn
    account, role = principal_arn.split(":")[4], principal_arn.rpartition("/")[2]
    return f"arn:aws:sts::{account}:assumed-role/{role}/{{{{SessionName}}}}"


def add_creator(cluster: Any, arn_of: Any, creator: Principal) -> None:
    """Make the creator's entry, with the cluster admin's policy, as EKS does unless told not to."""
    _add(cluster, arn_of, creator.iam_arn, {})
    cluster.sandbox.access_policies[creator.iam_arn][POLICY_PREFIX + CLUSTER_ADMIN] = _associated(
        POLICY_PREFIX + CLUSTER_ADMIN, {"type": "cluster", "namespaces": []}
    )


class AccessCalls(EksCalls):
    """Access entries and their policies."""

    def create_access_entry(self) -> ActionResult:
        """CreateAccessEntry: a second one for a principal is ResourceInUseException."""
        cluster, principal = self._cluster_with_entries(), self._get_param("principalArn")
        if principal in cluster.sandbox.access_entries:
            raise in_use("The specified access entry resource is already in use on this cluster.", cluster=cluster.name)
        if not principal.startswith("arn:aws:iam::"):
            raise invalid_parameter(
                f"The principalArn parameter format is not valid: {principal}", cluster=cluster.name
            )
        self._check_groups(cluster)
        fields = {key: self._get_param(key) for key in ("kubernetesGroups", "username", "type", "tags")}
        return ActionResult({"accessEntry": _add(cluster, self._arn, principal, fields)})

    def describe_access_entry(self) -> ActionResult:
        """DescribeAccessEntry."""
        return ActionResult({"accessEntry": self._entry()})

    def list_access_entries(self) -> ActionResult:
        """ListAccessEntries, optionally those with one policy."""
        cluster, policy = self._cluster_with_entries(), self._get_param("associatedPolicyArn")
        policies = cluster.sandbox.access_policies
        arns = [arn for arn in cluster.sandbox.access_entries if policy is None or policy in policies[arn]]
        page, token = paginated_list(arns, self._get_param("maxResults") or 100, self._get_param("nextToken"))
        return ActionResult({"accessEntries": page, "nextToken": token})

    def update_access_entry(self) -> ActionResult:
        """UpdateAccessEntry: groups and user name."""
        entry = self._entry()
        self._check_groups(self._cluster())
        for key in ("kubernetesGroups", "username"):
            if self._get_param(key) is not None:
                entry[key] = self._get_param(key)
        entry["modifiedAt"] = now()
        return ActionResult({"accessEntry": entry})

    def delete_access_entry(self) -> ActionResult:
        """DeleteAccessEntry, its policies with it."""
        arn = self._entry()["principalArn"]
        del self._extras().access_entries[arn]
        del self._extras().access_policies[arn]
        return ActionResult({})

    def associate_access_policy(self) -> ActionResult:
        """AssociateAccessPolicy, for the whole cluster only; a second time with another scope replaces it."""
        entry, policy = self._entry(), self._get_param("policyArn")
        if policy.removeprefix(POLICY_PREFIX) not in POLICIES:
            allowed = ", ".join(POLICY_PREFIX + name for name in POLICIES)
            raise not_found(f"The policyArn {policy} does not exist; the sandbox knows: {allowed}")
        if entry["type"] in NODE_TYPES:
            raise invalid_request(f"An access entry of type {entry['type']} takes no access policies")
        scope = self._get_param("accessScope")
        if scope.get("type") != "cluster":
            raise invalid_parameter("accessScope: the sandbox grants access policies for a whole cluster only")
        associated = _associated(policy, {"type": "cluster", "namespaces": []})
        self._extras().access_policies[entry["principalArn"]][policy] = associated
        return self._policies_result(entry, {"associatedAccessPolicy": associated})

    def disassociate_access_policy(self) -> ActionResult:
        """DisassociateAccessPolicy."""
        entry, policy = self._entry(), self._get_param("policyArn")
        if self._extras().access_policies[entry["principalArn"]].pop(policy, None) is None:
            raise not_found(f"The access policy {policy} is not associated with {entry['principalArn']}")
        return ActionResult({})

    def list_associated_access_policies(self) -> ActionResult:
        """ListAssociatedAccessPolicies."""
        entry = self._entry()
        associated = self._extras().access_policies[entry["principalArn"]]
        return self._policies_result(entry, {"associatedAccessPolicies": list(associated.values())})

    def list_access_policies(self) -> ActionResult:
        """ListAccessPolicies."""
        return ActionResult({"accessPolicies": [{"name": p, "arn": POLICY_PREFIX + p} for p in POLICIES]})

    def _policies_result(self, entry: dict[str, Any], result: dict[str, Any]) -> ActionResult:
        return ActionResult({"clusterName": entry["clusterName"], "principalArn": entry["principalArn"], **result})

    def _cluster_with_entries(self) -> Any:
        cluster = self._cluster()
        if cluster.access_config["authenticationMode"] == "CONFIG_MAP":
            raise invalid_request(
                "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this"
                " operation.",
                cluster=cluster.name,
            )
        return cluster

    def _entry(self) -> dict[str, Any]:
        entries: dict[str, dict[str, Any]] = self._cluster_with_entries().sandbox.access_entries
        entry = entries.get(self._get_param("principalArn"))
        if entry is None:
            raise not_found(
                "The specified principalArn could not be found. You can view your available access entries with"
                f" 'list-access-entries': {self._get_param('principalArn')}"
            )
        return entry

    def _check_groups(self, cluster: Any) -> None:
        reserved = ("system:", "eks:", "aws:", "amazon:", "iam:")
        for group in self._get_param("kubernetesGroups") or []:
            if group.startswith(reserved):
                raise invalid_parameter(
                    f"The kubernetes group name {group} is invalid, it cannot start with {', '.join(reserved)}",
                    cluster=cluster.name,
                )


def _add(cluster: Any, arn_of: Any, principal: str, fields: dict[str, Any]) -> dict[str, Any]:
    kind, _, name = principal.split(":", 5)[5].partition("/")
    entry: dict[str, Any] = {
        "clusterName": cluster.name,
        "principalArn": principal,
        "kubernetesGroups": fields.get("kubernetesGroups") or [],
        "accessEntryArn": arn_of("access-entry", cluster.name, kind, principal.split(":")[4], name, str(uuid.uuid4())),
        "createdAt": now(),
        "modifiedAt": now(),
        "tags": fields.get("tags") or {},
        "username": fields.get("username") or default_username(principal),
        "type": fields.get("type") or "STANDARD",
    }
    cluster.sandbox.access_entries[principal] = entry
    cluster.sandbox.access_policies[principal] = {}
    return entry


def _associated(policy: str, scope: dict[str, Any]) -> dict[str, Any]:
    return {"policyArn": policy, "accessScope": scope, "associatedAt": now(), "modifiedAt": now()}
