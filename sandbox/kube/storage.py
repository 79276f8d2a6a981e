"""Provide volumes for a cluster's claims: a default StorageClass, and its provisioner.

The class waits for the first consumer, as classes on EKS do: a claim that no pod uses stays Pending, and Pulumi's
provider counts it as ready. Where the scheduler has chosen a node for a claim, the provisioner makes a
PersistentVolume for it, as an object alone: no container runs here that could write into one.
"""

from typing import Any

import httpx

from sandbox.kube import plane
from sandbox.kube.watcher import Watcher

NAME = "standard"
PROVISIONER = "sandbox.internal/volumes"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
VOLUMES = "/api/v1/persistentvolumes"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
COLLECTIONS = {"persistentvolumeclaims": "/api/v1", "persistentvolumes": "/api/v1"}


def create_default_class(client: httpx.Client) -> None:
    """Create the default StorageClass; one of that name is left alone.

    Raises `httpx.HTTPError` when the API server cannot be reached or refuses.
    """
    body = {
        "metadata": {"name": NAME, "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": PROVISIONER,
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
    }
    response = client.post(CLASSES, json=body)
    if response.status_code != httpx.codes.CONFLICT:
        response.raise_for_status()


def provisioner(cluster: plane.Plane) -> Watcher:
    """Return the provisioner of one cluster, not started yet."""
    return Watcher(cluster, COLLECTIONS, _settle)


def _settle(client: httpx.Client, collection: str, item: dict[str, Any]) -> None:
    if collection == "persistentvolumes":
        _reclaim(client, item)
    elif _is_due(item):
        response = client.post(VOLUMES, json=_volume(item))
        if response.status_code != httpx.codes.CONFLICT:
            response.raise_for_status()


def _is_due(claim: dict[str, Any]) -> bool:
    metadata, spec = claim["metadata"], claim["spec"]
    is_ours = metadata.get("annotations", {}).get("volume.kubernetes.io/storage-provisioner") == PROVISIONER
    is_scheduled = SELECTED_NODE in metadata.get("annotations", {})
    return is_ours and is_scheduled and not spec.get("volumeName") and "deletionTimestamp" not in metadata


def _volume(claim: dict[str, Any]) -> dict[str, Any]:
    metadata, spec = claim["metadata"], claim["spec"]
    identity = {key: metadata[key] for key in ("name", "namespace", "uid")}
    return {
        "metadata": {
            "name": f"pvc-{metadata['uid']}",
            "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER},
        },
        "spec": {
            "accessModes": spec["accessModes"],
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **identity},
            "hostPath": {"path": f"/nonexistent/{metadata['uid']}"},
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": spec["storageClassName"],
            "volumeMode": spec.get("volumeMode", "Filesystem"),
        },
    }


def _reclaim(client: httpx.Client, volume: dict[str, Any]) -> None:
    """Delete a volume that its claim has released."""
    is_ours = volume["metadata"].get("annotations", {}).get("pv.kubernetes.io/provisioned-by") == PROVISIONER
    is_released = volume.get("status", {}).get("phase") == "Released"
    if not (is_ours and is_released and volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete"):
        return
    response = client.delete(f"{VOLUMES}/{volume['metadata']['name']}")
    if response.status_code != httpx.codes.NOT_FOUND:
        response.raise_for_status()
