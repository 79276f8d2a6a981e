"""Bind the groups that stand for EKS's access policies to their rights.

EKS grants the rights of an access policy inside its own authorizer. Here the token review names a group for every
policy of an access entry. These bindings, made when a cluster starts, give the groups the same rights.
"""

from typing import Any

import httpx

from sandbox.aws.contract import ACCESS_POLICY_GROUP

POLICY_ROLES = {
    "AmazonEKSAdminPolicy": "admin",
    "AmazonEKSAdminViewPolicy": "sandbox-view-all",
    "AmazonEKSEditPolicy": "edit",
    "AmazonEKSViewPolicy": "view",
}
"""The cluster role that stands for each access policy, by the last part of the policy's ARN.

The cluster admin's is not among them: a token review puts that one into `system:masters`, which needs no binding.
"""

BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"


def bind_access_policies(client: httpx.Client) -> None:
    """Create the cluster roles and bindings of all access policies; those that exist are left alone.

    Raises `httpx.HTTPError` when the API server cannot be reached or refuses.
    """
    _create(client, ROLES, _view_all())
    for policy, role in POLICY_ROLES.items():
        _create(client, BINDINGS, _binding(policy, role))


def _binding(policy: str, role: str) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"{ACCESS_POLICY_GROUP}{policy}"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [
            {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": f"{ACCESS_POLICY_GROUP}{policy}"},
        ],
    }


def _view_all() -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "sandbox-view-all"},
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}],
    }


def _create(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    response = client.post(path, json=body)
    if response.status_code != httpx.codes.CONFLICT:
        response.raise_for_status()
