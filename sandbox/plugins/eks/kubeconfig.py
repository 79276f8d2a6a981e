"""Build a cluster's kubeconfig in the official component's form.

It contains no token, but a command that makes one, so that nothing that expires gets into state.
"""

from typing import Any


def kubeconfig(
    name: str, endpoint: str, authority: str, region: str, *, role: str | None = None, profile: str | None = None
) -> dict[str, Any]:
    """Return a kubeconfig that runs `aws eks get-token`. `authority` is the base64 of the CA's PEM."""
    arguments = ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"]
    if role:
        arguments += ["--role", role]
    if profile:
        arguments += ["--profile", profile]
    execute = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": arguments,
        "env": [
            {"name": "KUBERNETES_EXEC_INFO", "value": '{"apiVersion": "client.authentication.k8s.io/v1beta1"}'},
        ],
    }
    return {
        "apiVersion": "v1",
        "clusters": [
            {"cluster": {"server": endpoint, "certificate-authority-data": authority}, "name": "kubernetes"},
        ],
        "contexts": [{"context": {"cluster": "kubernetes", "user": "aws"}, "name": "aws"}],
        "current-context": "aws",
        "kind": "Config",
        "users": [{"name": "aws", "user": {"exec": execute}}],
    }
