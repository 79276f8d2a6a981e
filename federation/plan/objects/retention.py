"""List the fields of an object that updates leave as they are in the member.

KubeFed reads the live object before it writes, and puts some fields back. Here nothing is read: the plan names the
paths, and the engine leaves them as they were first applied. Only fields in the manifest count: server-side apply never
touches what the API server or another owner set outside of it. For the same reason annotations, finalizers and the
secrets of a ServiceAccount that controllers have added need no path. Fields that people set with kubectl are not
retained: the provider takes them over, and the object's next update removes them (`removed_fields`). A definition is
updated by PUT: `injected_values` keeps what controllers have put there.

As in KubeFed, overrides come after retention. Where an override names a field, something around it or something inside
of it, the override decides in that member. Otherwise the field could never be changed there.

A Service's node ports belong to ports of equal name, protocol and number, while the engine puts old values back by
their index in the list. So a node port is left alone only where the last update had the same port at that index.
Elsewhere the template decides: putting back would exchange the values of two ports, or need an index that did not
exist.

Where it is not known what the last update had, indexes count. A list is rarely changed. With an unchanged list, leaving
nothing alone would lose the retained values in the first update of all objects made before ports were recorded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.errors.source import PathKey, dotted
from federation.plan.model.observed import Observed
from federation.plan.model.trees import mapping
from federation.plan.objects.manifests import Rendered

__all__ = ["REPLICAS_FIELD", "Ports", "Retained", "last_ports", "port_keys", "retained"]

REPLICAS_FIELD: Final = "spec.replicas"

Ports = Mapping[str, tuple[str, ...]]
"""The keys of Services' ports, by logical name."""

_ADDRESSES: Final = ("clusterIP", "clusterIPs", "healthCheckNodePort")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """The ``paths`` that updates leave alone, and the ``reasons`` why similar paths are not among them."""

    paths: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


_NOTHING_RETAINED: Final = Retained()


def retained(rendered: Rendered, ports: tuple[str, ...] | None = None) -> Retained:
    """The fields of a Service that updates leave alone in a member; who owns replicas is decided with them.

    ``ports`` are the keys of the Service's ports at the last update (``None``: not known).
    """
    if not _is_service(rendered.manifest):
        return _NOTHING_RETAINED
    kept, reasons = [], []
    for path in _paths(rendered.manifest):
        why = _overridden(rendered, path) or _moved(rendered.manifest, path, ports)
        if why:
            reasons.append(f"{dotted(path)} is not retained: {why}")
        else:
            kept.append(dotted(path))
    return Retained(paths=tuple(kept), reasons=tuple(reasons))


def last_ports(observed: Observed) -> Ports:
    """The keys of Services' ports at the last update."""
    entries = (entry for some in (observed.registered or {}).values() for entry in some)
    return {entry.logical_name: entry.ports for entry in entries if entry.ports is not None}


def port_keys(manifest: Tree) -> tuple[str, ...] | None:
    """``name/protocol/number`` of a Service's ports, in their order; ``None`` for any other kind."""
    if not _is_service(manifest):
        return None
    return tuple(_port_key(mapping(port)) for port in _ports(manifest))


def _port_key(port: Tree) -> str:
    return f"{port.get('name') or ''}/{port.get('protocol') or 'TCP'}/{port.get('port')}"


def _is_service(manifest: Tree) -> bool:
    return bool(manifest["kind"] == "Service" and manifest["apiVersion"] == "v1")


def _ports(manifest: Tree) -> Sequence[Any]:
    ports = mapping(manifest.get("spec")).get("ports")
    return ports if isinstance(ports, list | tuple) else ()


def _overridden(rendered: Rendered, path: PathKey) -> str:
    override = rendered.trail.named_by(path) if rendered.trail else None
    return f"an override of {override.path} ({override.written}) comes after that" if override else ""


def _moved(manifest: Tree, path: PathKey, before: tuple[str, ...] | None) -> str:
    """Why a node port cannot be put back; "" where it can, and for any other path."""
    match path:
        case ("spec", "ports", int(index), "nodePort") if before is not None:
            now = port_keys(manifest) or ()
            if before[index : index + 1] != now[index : index + 1]:
                return "another port, or none, was at this place at the last update"
    return ""


def _paths(manifest: Tree) -> Iterator[PathKey]:
    """The fields of a Service that are retained, unless an override or a moved port prevents it."""
    spec = mapping(manifest.get("spec"))
    yield from (("spec", name) for name in _ADDRESSES if spec.get(name) and spec[name] != "None")
    for index, port in enumerate(_ports(manifest)):
        if mapping(port).get("nodePort"):
            yield ("spec", "ports", index, "nodePort")
