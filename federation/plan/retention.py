"""Which fields of an object stay as they are in the member, once it stands?

KubeFed reads the live object before it writes and puts some fields back. Here nothing is read: the paths are named by
the plan, and the engine leaves them at what was applied first. What the API server or another owner set there is never
touched, since server-side apply takes nothing that the manifest does not hold; so only fields in the manifest count.
Annotations, finalizers and the secrets of a ServiceAccount that others have put there need no word for the same reason.

Overrides come after retention, as in KubeFed: in a member where one names a field, what is around it or something
inside of it, the field is what the override makes it. It could never be changed there otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from federation.api.federated import FederatedObject, Tree
from federation.api.source import PathKey, dotted
from federation.plan import manifests
from federation.plan.manifests import Rendered
from federation.plan.origins import Trail
from federation.plan.trees import mapping

__all__ = ["REPLICAS_FIELD", "Retained", "retained"]

REPLICAS_FIELD: Final = "spec.replicas"

_ADDRESSES: Final = ("clusterIP", "clusterIPs", "healthCheckNodePort")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """The ``paths`` that updates leave alone, and the ``reasons`` why others like them are not among these."""

    paths: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def retained(document: FederatedObject, rendered: Rendered, *, divided: bool) -> Retained:
    """What updates leave alone of ``document`` in a member. ``divided``: a preference sets the replicas.

    A preference's replicas are an override, and overrides apply after retention: it beats ``retainReplicas``.
    """
    paths = list(_paths(document, rendered.manifest, divided=divided))
    if not paths or not rendered.operations:
        return Retained(paths=tuple(dotted(path) for path in paths))
    trail = Trail(manifests.base(document), rendered.operations)
    kept, reasons = [], []
    for path in paths:
        override = trail.named_by(path)
        if override is None:
            kept.append(dotted(path))
        else:
            place = document.source.place(*override.at)
            reasons.append(f"{dotted(path)} is not retained: an override of {override.path} ({place}) comes after that")
    return Retained(paths=tuple(kept), reasons=tuple(reasons))


def _paths(document: FederatedObject, manifest: Tree, *, divided: bool) -> Iterator[PathKey]:
    """The fields in ``manifest`` that are retained where no override names them."""
    spec = mapping(manifest.get("spec"))
    if manifest["kind"] == "Service" and manifest["apiVersion"] == "v1":
        yield from _of_service(spec)
    elif not divided and document.retain_replicas and "replicas" in spec:
        yield ("spec", "replicas")


def _of_service(spec: Tree) -> Iterator[PathKey]:
    for name in _ADDRESSES:
        if spec.get(name) and spec[name] != "None":
            yield ("spec", name)
    ports: Any = spec.get("ports")
    if isinstance(ports, list | tuple):
        for index, port in enumerate(ports):
            if mapping(port).get("nodePort"):
                yield ("spec", "ports", index, "nodePort")
