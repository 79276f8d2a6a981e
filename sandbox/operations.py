"""Define the operations that commands can request from the running supervisor.

Each operation of the control socket is a function from the request to plain JSON. Clusters that are not EKS are made
and ended here; EKS's own only through AWS's API.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox import cluster_names, failing
from sandbox.aws.contract import ClusterKey, NodeGroupSpec
from sandbox.aws.outages import Outages
from sandbox.errors import SandboxError
from sandbox.kube.addresses import Addresses
from sandbox.kube.planes import MEMBER_ACCOUNT, Cluster, Planes
from sandbox.state import State

MEMBER_VERSION = "1.34"
MEMBER_NODE = {"cpu": "4", "memory": "16Gi", "pods": "110"}
MEMBER_GROUP = "default"
READY_SECONDS = 100.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    planes: Planes
    state: State
    addresses: Addresses
    outages: Outages


def perform(request: Mapping[str, Any], planes: Planes, state: State, addresses: Addresses, outages: Outages) -> Any:
    """Perform one request and return its response.

    Raises `SandboxError` when the operation is unknown or fails.
    """
    operation = OPERATIONS.get(request.get("operation", ""))
    if operation is None:
        raise SandboxError(f"unknown operation {request.get('operation')!r} (known: {', '.join(sorted(OPERATIONS))})")
    return operation(_Context(planes=planes, state=state, addresses=addresses, outages=outages), request)


def _status(context: _Context, _: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "since": context.state.since,
        "front": context.state.front,
        "clusters": [_describe(cluster) for cluster in context.planes.clusters()],
        "addresses": context.addresses.all(),
        "failing": context.outages.failing(),
        "requests": context.outages.requests(),
    }


def _describe(cluster: Cluster) -> dict[str, Any]:
    return {
        "name": cluster.key.name,
        "kind": "member" if cluster.key.account == MEMBER_ACCOUNT else "eks",
        "account": cluster.key.account,
        "region": cluster.key.region,
        "status": _condition(cluster),
        "failure": cluster.failure,
        "endpoint": cluster.plane.endpoint,
        "authority": cluster.plane.authority.encoded(),
        "kubeconfig": str(cluster.plane.kubeconfig),
        "nodes": sum(group.desired for group in cluster.caretaker.groups()),
        "logs": cluster.plane.name,
    }


def _condition(cluster: Cluster) -> str:
    if cluster.stopped:
        return "STOPPED"
    if cluster.hanging:
        return "HANGING"
    ended = any(child.poll() is not None for child in cluster.children.values())
    return "BROKEN" if ended and cluster.status == "ACTIVE" else cluster.status


def _create(context: _Context, request: Mapping[str, Any]) -> dict[str, Any]:
    cluster_names.check(name=request["name"], region=request["region"], zone=request["zone"])
    key = ClusterKey(account=MEMBER_ACCOUNT, region=request["region"], name=request["name"])
    if taken := [one for one in context.planes.clusters() if _is_member(one) and one.key.name == key.name]:
        raise SandboxError(f"cluster {key.name} exists already, in {taken[0].key.region}")
    context.planes.create(key, MEMBER_VERSION)
    context.planes.set_nodes(_group(key, request["zone"], request["nodes"]))
    deadline = time.monotonic() + READY_SECONDS
    while context.planes.status(key) == "CREATING":
        if time.monotonic() > deadline:
            raise SandboxError(f"cluster {key.name} is not ready after {READY_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
    if context.planes.status(key) != "ACTIVE":
        failure = context.planes.failure(key)
        context.planes.delete(key)
        raise SandboxError(f"cluster {key.name} did not start: {failure}")
    return _describe(failing.find(context.planes, key.name))


def _group(key: ClusterKey, zone: str, count: int) -> NodeGroupSpec:
    return NodeGroupSpec(
        cluster=key,
        name=MEMBER_GROUP,
        desired=count,
        instance_type="sandbox.large",
        zones=(zone,),
        labels={},
        capacity=MEMBER_NODE,
    )


def _delete(context: _Context, request: Mapping[str, Any]) -> None:
    cluster = failing.find(context.planes, request["name"])
    if not _is_member(cluster):
        raise SandboxError(
            f"{request['name']} is an EKS cluster; delete it through AWS's API, as 'pulumi destroy' does"
        )
    context.planes.delete(cluster.key)
    deadline = time.monotonic() + READY_SECONDS
    while context.planes.status(cluster.key) != "GONE":
        if time.monotonic() > deadline:
            raise SandboxError(f"cluster {request['name']} is still there after {READY_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)


def _stop(context: _Context, request: Mapping[str, Any]) -> None:
    context.planes.stop(failing.find(context.planes, request["name"]).key)


def _start(context: _Context, request: Mapping[str, Any]) -> None:
    context.planes.resume(failing.find(context.planes, request["name"]).key)


def _fail(context: _Context, request: Mapping[str, Any]) -> str:
    return failing.fail(request, context.planes, context.outages)


def _heal(context: _Context, request: Mapping[str, Any]) -> list[str]:
    return failing.heal(request, context.planes, context.outages)


def _is_member(cluster: Cluster) -> bool:
    return cluster.key.account == MEMBER_ACCOUNT


OPERATIONS: dict[str, Callable[[_Context, Mapping[str, Any]], Any]] = {
    "status": _status,
    "cluster-create": _create,
    "cluster-delete": _delete,
    "cluster-stop": _stop,
    "cluster-start": _start,
    "fail": _fail,
    "heal": _heal,
}
