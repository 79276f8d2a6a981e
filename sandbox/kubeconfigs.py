"""Write one merged kubeconfig by which kubectl reaches every cluster of the sandbox from any shell.

A member of a stack has the context `<stack>/<member>`. It also has the context `<member>` while no other stack has a
member of that name. Any other cluster's context has the cluster's name. EKS clusters are entered as on AWS, by a token
that `aws eks get-token` makes each time, so their access entries apply. The others are entered by a client
certificate.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox import clients, environment, state
from sandbox.kube import kubeconfig
from sandbox.place import Place

MEMBER_TAG = "eks-federation/member"
STACK_TAG = "eks-federation/stack"
READY = ("ACTIVE", "HANGING", "STOPPED", "BROKEN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The names of a cluster; `stack` and `member` are "" for one that belongs to no stack."""

    name: str
    region: str
    stack: str = ""
    member: str = ""


def write(place: Place, running: state.State, clusters: Sequence[Mapping[str, Any]]) -> Path:
    """Write the merged kubeconfig of all clusters that are ready, and return its path."""
    ready = [cluster for cluster in clusters if cluster["status"] in READY]
    aws = clients.Clients(clients.load_credentials(place.credentials), lambda: running.front)
    found = contexts([_named(cluster, aws) for cluster in ready])
    entries = [
        _entry(place, running, context, cluster)
        for names, cluster in zip(found, ready, strict=True)
        for context in names
    ]
    return kubeconfig.write(place.kubeconfig, entries)


def find(place: Place, running: state.State, clusters: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the supervisor's name for a context's cluster (`us-east`, `dev/us-east`); any other name unchanged."""
    if any(name in (cluster["name"], cluster["logs"]) for cluster in clusters):
        return name
    return taken(place, running, clusters).get(name, name)


def taken(place: Place, running: state.State, clusters: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return all contexts, each with the supervisor's name for its cluster."""
    ready = [cluster for cluster in clusters if cluster["status"] in READY]
    aws = clients.Clients(clients.load_credentials(place.credentials), lambda: running.front)
    found = contexts([_named(cluster, aws) for cluster in ready])
    return {name: str(each["logs"]) for names, each in zip(found, ready, strict=True) for name in names}


def contexts(clusters: Sequence[Named]) -> list[list[str]]:
    """Return each cluster's contexts, the shortest first; no two clusters share one."""
    count = Counter(option for cluster in clusters for option in _options(cluster))
    names = Counter(cluster.name for cluster in clusters)
    return [
        [option for option in _options(cluster)[:-1] if count[option] == 1]
        or [cluster.name if names[cluster.name] == 1 else f"{cluster.name}.{cluster.region}"]
        for cluster in clusters
    ]


def _options(cluster: Named) -> list[str]:
    """The candidate contexts: the shortest first, the cluster's own name last."""
    return [*([cluster.member, f"{cluster.stack}/{cluster.member}"] if cluster.member else []), cluster.name]


def _named(cluster: Mapping[str, Any], aws: clients.Clients) -> Named:
    tags: Mapping[str, str] = {}
    if cluster["kind"] == "eks":
        described = aws.connect("eks", cluster["region"]).describe_cluster(name=cluster["name"])["cluster"]
        tags = described.get("tags", {})
    return Named(
        name=str(cluster["name"]),
        region=str(cluster["region"]),
        stack=tags.get(STACK_TAG, ""),
        member=tags.get(MEMBER_TAG, ""),
    )


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
