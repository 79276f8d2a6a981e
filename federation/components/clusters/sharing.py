"""Do two members lead to one cluster? Asked of the config and of kubeconfigs, never of the cluster.

Both would write the same objects there, each of them for its own, and whatever one gives up would be deleted for the
other. No update can be meant to do that, so this is no matter of the guard's.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from federation.api.model.members import Federation
from federation.components.clusters import kubeconfig as kubeconfigs
from federation.components.clusters.kubeconfig import Kubeconfig
from federation.errors.fault import Fault, FederationError, Place
from federation.plan.changes.quarantine import listed

__all__ = ["faults"]

MEMBERS: Final = "eks-federation:members"
WAYS: Final = ("proxy-url", "tls-server-name")
"""What else leads to a cluster: one address may be that of many, each in a network or behind a name of its own."""


def faults(federation: Federation, root: Path = Path()) -> tuple[Fault, ...]:
    """An error for each cluster that several members lead to; nothing of a member whose kubeconfig cannot be read.

    ``root`` as in ``components.clusters.identity``. Held members count: what they hold is registered all the same.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for member in federation.members:
        if member.provider == "kubeconfig":
            try:
                cluster = _cluster(kubeconfigs.read(member.kubeconfig, root), member.context)
            except FederationError:  # an update tells what is wrong with it
                continue
            found.setdefault(cluster, []).append(member.name)
    shared = {cluster: names for cluster, names in sorted(found.items()) if len(names) > 1}
    return tuple(_fault(federation.stack, address, names) for (address, *_), names in shared.items())


def _cluster(merged: Kubeconfig, context: str) -> tuple[str, ...]:
    """The address that a context leads to, and the way there."""
    cluster, address = merged.cluster(merged.context(context))
    return (address.rstrip("/"), *(str(cluster.value.get(way) or "") for way in WAYS))


def _fault(stack: str, address: str, names: Sequence[str]) -> Fault:
    message = f"{listed(names)} lead to the same cluster, {address}: each would write the same objects there, and "
    message += "taking one out would delete those of the others"
    remedy = "lead each to a cluster of its own, or take out all but one; if they have objects there already, which "
    remedy += "that deletes, `pulumi up --refresh` afterwards makes them anew"
    return Fault(place=Place(file=f"Pulumi.{stack}.yaml"), where=MEMBERS, message=message, remedy=remedy)
