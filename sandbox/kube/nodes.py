"""Make the Node objects of a node group.

They look like those that EC2 instances register, with nothing behind them: kwok answers for them. Names and instance
ids follow from cluster, group and number alone, so a node keeps its name when the group grows or shrinks. The last
nodes go first.
"""

import hashlib
from typing import Any

import httpx

from sandbox.aws.contract import NodeGroupSpec

GROUP_LABEL = "eks.amazonaws.com/nodegroup"
FIELD_MANAGER = "sandbox-nodes"


def manifest(group: NodeGroupSpec, number: int) -> dict[str, Any]:
    """Return the Node that is a group's instance of this number, counted from 0."""
    zone = group.zones[number % len(group.zones)]
    address = _address(group, number)
    name = node_name(group, number)
    labels = {
        **group.labels,
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "beta.kubernetes.io/instance-type": group.instance_type,
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": name,
        "node.kubernetes.io/instance-type": group.instance_type,
        "topology.kubernetes.io/region": group.cluster.region,
        "topology.kubernetes.io/zone": zone,
        "topology.k8s.aws/zone-id": zone,
        GROUP_LABEL: group.name,
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "spec": {"providerID": f"aws:///{zone}/{instance_id(group, number)}"},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": address},
                {"type": "InternalDNS", "address": name},
                {"type": "Hostname", "address": name},
            ],
            "capacity": dict(group.capacity),
            "allocatable": dict(group.capacity),
        },
    }


def node_name(group: NodeGroupSpec, number: int) -> str:
    """Return the private DNS name of a group's instance, as EC2 gives it in the group's region."""
    region = group.cluster.region
    domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    return f"ip-{_address(group, number).replace('.', '-')}.{domain}"


def instance_id(group: NodeGroupSpec, number: int) -> str:
    """Return the EC2 instance id of a group's instance."""
    return f"i-0{_digest(group, number).hex()[:16]}"


def reconcile(client: httpx.Client, group: NodeGroupSpec) -> None:
    """Bring the group's Node objects to the group's specification.

    Raises `httpx.HTTPError` when the API server cannot be reached or refuses.
    """
    wanted = {node_name(group, number): manifest(group, number) for number in range(group.desired)}
    for name in _existing(client, group.name):
        if name not in wanted:
            _delete(client, name)
    for name, node in wanted.items():
        _apply(client, name, node)


def remove(client: httpx.Client, group: str) -> None:
    """Delete every node of a group.

    Raises `httpx.HTTPError` when the API server cannot be reached or refuses.
    """
    for name in _existing(client, group):
        _delete(client, name)


def _existing(client: httpx.Client, group: str) -> list[str]:
    response = client.get("/api/v1/nodes", params={"labelSelector": f"{GROUP_LABEL}={group}"}).raise_for_status()
    return [item["metadata"]["name"] for item in response.json()["items"]]


def _apply(client: httpx.Client, name: str, node: dict[str, Any]) -> None:
    options = {"fieldManager": FIELD_MANAGER, "force": "true"}
    # A new node is created with its status; otherwise kwok sets a capacity of its own first.
    created = client.post("/api/v1/nodes", params={"fieldManager": FIELD_MANAGER}, json=node)
    if created.status_code != httpx.codes.CONFLICT:
        created.raise_for_status()
        return
    headers = {"Content-Type": "application/apply-patch+yaml"}
    spec = {key: value for key, value in node.items() if key != "status"}
    client.patch(f"/api/v1/nodes/{name}", params=options, json=spec, headers=headers).raise_for_status()
    status = {key: value for key, value in node.items() if key != "spec"} | {"metadata": {"name": name}}
    client.patch(f"/api/v1/nodes/{name}/status", params=options, json=status, headers=headers).raise_for_status()


def _delete(client: httpx.Client, name: str) -> None:
    response = client.delete(f"/api/v1/nodes/{name}")
    if response.status_code != httpx.codes.NOT_FOUND:
        response.raise_for_status()


def _digest(group: NodeGroupSpec, number: int) -> bytes:
    key = group.cluster
    return hashlib.sha256(f"{key.account}/{key.region}/{key.name}/{group.name}/{number}".encode()).digest()


def _address(group: NodeGroupSpec, number: int) -> str:
    # The group selects a /20 and the number an address in it: no two nodes of a group collide, and groups hardly ever.
    block = int.from_bytes(_digest(group, 0)[:2], "big") % 4096
    value = (10 << 24) + (block << 12) + 16 + number
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))
