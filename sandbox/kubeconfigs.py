"""How does plain kubectl reach every cluster of the sandbox, from any shell?

One merged file with a context for each. EKS clusters are entered as on AWS, by a token that `aws eks get-token` makes
each time, so that their access entries count; the others by a client certificate.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from sandbox import clients, environment, state
from sandbox.kube import kubeconfig
from sandbox.place import Place

MEMBER_TAG = "eks-federation/member"
READY = ("ACTIVE", "STOPPED", "BROKEN")


def write(place: Place, running: state.State, clusters: Sequence[Mapping[str, Any]]) -> Path:
    """Write the merged kubeconfig of all clusters that are ready, and return its path."""
    ready = [cluster for cluster in clusters if cluster["status"] in READY]
    aws = clients.Clients(clients.load_credentials(place.credentials), lambda: running.front)
    wanted = [_member(cluster, aws) for cluster in ready]
    names = context_names([str(cluster["name"]) for cluster in ready], wanted, [cluster["region"] for cluster in ready])
    entries = [_entry(place, running, name, cluster) for name, cluster in zip(names, ready, strict=True)]
    return kubeconfig.write(place.kubeconfig, entries)


def context_names(names: Sequence[str], members: Sequence[str], regions: Sequence[str]) -> list[str]:
    """Return each cluster's context: its member's name if that is unique, else its own, with the region if need be."""
    preferred = [member or name for name, member in zip(names, members, strict=True)]
    count = Counter(preferred)
    unique = [want if count[want] == 1 else name for want, name in zip(preferred, names, strict=True)]
    again = Counter(unique)
    return [name if again[name] == 1 else f"{name}.{region}" for name, region in zip(unique, regions, strict=True)]


def _member(cluster: Mapping[str, Any], aws: clients.Clients) -> str:
    if cluster["kind"] != "eks":
        return ""
    described = aws.connect("eks", cluster["region"]).describe_cluster(name=cluster["name"])["cluster"]
    return str(described.get("tags", {}).get(MEMBER_TAG, ""))


def _entry(place: Place, running: state.State, name: str, cluster: Mapping[str, Any]) -> kubeconfig.Entry:
    return kubeconfig.Entry(
        context=name,
        server=cluster["endpoint"],
        authority=cluster["authority"],
        user=_token_user(place, running, cluster) if cluster["kind"] == "eks" else _certificate_user(cluster),
    )


def _token_user(place: Place, running: state.State, cluster: Mapping[str, Any]) -> dict[str, Any]:
    arguments = ["--region", cluster["region"], "eks", "get-token", "--cluster-name", cluster["name"]]
    variables = environment.aws(place, running)
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": str(place.programs / "aws"),
            "args": [*arguments, "--output", "json"],
            "env": [{"name": name, "value": value} for name, value in variables.items()],
            "interactiveMode": "Never",
            "provideClusterInfo": False,
        }
    }


def _certificate_user(cluster: Mapping[str, Any]) -> dict[str, Any]:
    document = yaml.safe_load(Path(cluster["kubeconfig"]).read_text(encoding="utf-8"))
    user: dict[str, Any] = document["users"][0]["user"]
    return user
