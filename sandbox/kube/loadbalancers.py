"""Give every Service of type LoadBalancer and every Ingress of a cluster its load balancer.

The part of a cloud controller that this sandbox needs: it has the load balancer made, writes its hostname into the
object's status, and holds the object by a finalizer until the load balancer is gone again.
"""

from dataclasses import dataclass
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.errors import SandboxError
from sandbox.kube import plane, wanted
from sandbox.kube.addresses import Addresses
from sandbox.kube.balancers import Balancers, Wanted
from sandbox.kube.watcher import Watcher

COLLECTIONS = {"services": "/api/v1", "ingresses": "/apis/networking.k8s.io/v1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A load balancer that exists, and its hostname."""

    wanted: Wanted
    hostname: str


class LoadBalancers:
    """The load balancers of one cluster: `watcher` keeps them, from its start to its stop."""

    def __init__(self, cluster: plane.Plane, backend: Balancers, addresses: Addresses) -> None:
        self.watcher = Watcher(cluster, COLLECTIONS, self._settle)
        self._backend = backend
        self._addresses = addresses
        self._made: dict[str, Made] = {}

    def _settle(self, client: httpx.Client, collection: str, item: dict[str, Any]) -> None:
        metadata = item["metadata"]
        path = f"{COLLECTIONS[collection]}/namespaces/{metadata['namespace']}/{collection}/{metadata['name']}"
        requested = wanted.balancer(item)
        try:
            if requested is not None:
                self._provide(client, path, item, requested)
            elif wanted.finalizer(item) in metadata.get("finalizers", []):
                self._withdraw(client, path, item)
        except (ClientError, BotoCoreError, SandboxError) as fault:
            _record_failure(client, item, str(fault))
            raise

    def _provide(self, client: httpx.Client, path: str, item: dict[str, Any], requested: Wanted) -> None:
        uid, mine = item["metadata"]["uid"], wanted.finalizer(item)
        finalizers = item["metadata"].get("finalizers", [])
        if mine not in finalizers and not _set_finalizers(client, path, item, [*finalizers, mine]):
            return
        made = self._made.get(uid)
        if made is None or made.wanted != requested:
            if made is not None and made.wanted.kind != requested.kind:
                self._forget(uid, made)
            made = Made(wanted=requested, hostname=self._backend.ensure(requested))
            self._addresses.allocate(made.hostname)
            self._made[uid] = made
        if _hostnames(item) != [made.hostname]:
            _patch(client, f"{path}/status", {"status": {"loadBalancer": {"ingress": [{"hostname": made.hostname}]}}})

    def _withdraw(self, client: httpx.Client, path: str, item: dict[str, Any]) -> None:
        uid, mine = item["metadata"]["uid"], wanted.finalizer(item)
        if made := self._made.get(uid):
            self._forget(uid, made)
        if _hostnames(item) and "deletionTimestamp" not in item["metadata"]:
            _patch(client, f"{path}/status", {"status": {"loadBalancer": {"ingress": None}}})
        left = [one for one in item["metadata"]["finalizers"] if one != mine]
        _set_finalizers(client, path, item, left)

    def _forget(self, uid: str, made: Made) -> None:
        self._backend.remove(made.wanted)
        self._addresses.release(made.hostname)
        del self._made[uid]


def _hostnames(item: dict[str, Any]) -> list[str]:
    ingress = item.get("status", {}).get("loadBalancer", {}).get("ingress", [])
    return [entry.get("hostname", "") for entry in ingress]


def _set_finalizers(client: httpx.Client, path: str, item: dict[str, Any], finalizers: list[str]) -> bool:
    # The whole list is replaced, so require the version that was read: others have finalizers, too.
    return _patch(
        client, path, {"metadata": {"finalizers": finalizers, "resourceVersion": item["metadata"]["resourceVersion"]}}
    )


def _patch(client: httpx.Client, path: str, body: dict[str, Any]) -> bool:
    """Patch an object; False when it is gone or has changed, because then another event follows."""
    headers = {"Content-Type": "application/merge-patch+json"}
    options = {"fieldManager": "sandbox-cloud-controller"}
    response = client.patch(path, json=body, headers=headers, params=options)
    if response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.CONFLICT):
        return False
    response.raise_for_status()
    return True


def _record_failure(client: httpx.Client, item: dict[str, Any], message: str) -> None:
    metadata = item["metadata"]
    event = {
        "metadata": {"generateName": f"{metadata['name']}.", "namespace": metadata["namespace"]},
        "involvedObject": {
            "kind": "Ingress" if wanted.is_ingress(item) else "Service",
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
        },
        "type": "Warning",
        "reason": "SyncLoadBalancerFailed",
        "message": f"Error syncing load balancer: failed to ensure load balancer: {message}"[:1024],
        "source": {"component": "service-controller"},
    }
    client.post(f"/api/v1/namespaces/{metadata['namespace']}/events", json=event)
