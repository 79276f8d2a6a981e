"""Which fields of an object stay as they are in the member, once it stands?

KubeFed reads the live object before it writes and puts some fields back. Here nothing is read: the paths are named by
the plan, and the engine leaves them at what was applied first. What the API server or another owner set there is never
touched, since server-side apply takes nothing that the manifest does not hold; so only fields in the manifest count.
Annotations, finalizers and the secrets of a ServiceAccount that others have put there need no word for the same reason.
"""

from typing import Any, Final

from federation.api.federated import FederatedObject, Tree
from federation.plan.trees import mapping

__all__ = ["REPLICAS_FIELD", "retained"]

REPLICAS_FIELD: Final = "spec.replicas"

_ADDRESSES: Final = ("clusterIP", "clusterIPs", "healthCheckNodePort")


def retained(document: FederatedObject, manifest: Tree, *, divided: bool) -> tuple[str, ...]:
    """The paths that updates leave alone. ``divided``: a preference sets the replicas.

    A preference's replicas are an override, and overrides apply after retention: it beats ``retainReplicas``.
    """
    spec = mapping(manifest.get("spec"))
    if manifest["kind"] == "Service" and manifest["apiVersion"] == "v1":
        return tuple(_of_service(spec))
    if divided or not document.retain_replicas or "replicas" not in spec:
        return ()
    return (REPLICAS_FIELD,)


def _of_service(spec: Tree) -> list[str]:
    found = [f"spec.{field}" for field in _ADDRESSES if spec.get(field) and spec[field] != "None"]
    ports: Any = spec.get("ports")
    if isinstance(ports, list | tuple):
        found += [f"spec.ports[{index}].nodePort" for index, port in enumerate(ports) if mapping(port).get("nodePort")]
    return found
