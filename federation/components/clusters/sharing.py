"""Refuse several members that lead to one cluster, by their config and kubeconfigs alone.

Each would write the same objects there as its own, and an object that one gives up would be deleted for the others. No
update can intend that, so it is always an error and the guard has no setting for it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from federation.api.model.members import FederationSettings
from federation.components.clusters import kubeconfig as kubeconfigs
from federation.components.clusters.kubeconfig import Kubeconfig
from federation.errors.fault import Fault, FederationError, Place
from federation.plan.changes.quarantine import listed

__all__ = ["faults"]

MEMBERS: Final = "eks-federation:members"
WAYS: Final = ("proxy-url", "tls-server-name")
"""Settings that tell clusters of one address apart: each may be in its own network, or behind its own name."""


def faults(federation: FederationSettings, root: Path = Path()) -> tuple[Fault, ...]:
    """An error for each cluster that several members lead to. Members whose kubeconfig cannot be read are skipped.

    ``root`` is as in ``components.clusters.identity``. Quarantined members count: their objects are registered too.
    """
    by_cluster: dict[tuple[str, ...], list[str]] = {}
    for member in federation.members:
        if member.provider == "kubeconfig":
            try:
                cluster = _cluster(kubeconfigs.read_kubeconfig(member.kubeconfig, root), member.context)
            except FederationError:  # an update reports it
                continue
            by_cluster.setdefault(cluster, []).append(member.name)
    shared = {cluster: names for cluster, names in sorted(by_cluster.items()) if len(names) > 1}
    return tuple(_fault(federation.stack, address, names) for (address, *_), names in shared.items())


def _cluster(merged: Kubeconfig, context: str) -> tuple[str, ...]:
    """The address that a context leads to, and the way there."""
    cluster, address = merged.cluster(merged.context(context))
    return (address.rstrip("/"), *(str(cluster.value.get(way) or "") for way in WAYS))


def _fault(stack: str, address: str, names: Sequence[str]) -> Fault:
    message = f"{listed(names)} lead to the same cluster, {address}: each would write the same objects there, and "
    message += "removing one would delete the objects of the others"
    remedy = "give each a cluster of its own, or remove all but one; if they have objects there already, this deletes "
    remedy += "the objects: run `pulumi up --refresh` afterwards to create them again"
    return Fault(place=Place(file=f"Pulumi.{stack}.yaml"), where=MEMBERS, message=message, remedy=remedy)
