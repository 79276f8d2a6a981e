"""Which cluster does each member's config lead to, now, and how? Asked of config and kubeconfigs, never of the cluster.

It is answered outside of updates as well, where a kubeconfig may not be there: then nothing is known of its member.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from federation.api.model.members import Federation, Member
from federation.components.clusters import kubeconfig as kubeconfigs
from federation.errors.fault import FederationError
from federation.plan.changes import cluster_identity

__all__ = ["of", "reached"]


def of(federation: Federation, root: Path) -> Mapping[str, str]:
    """Identities by member, as in ``plan.changes.cluster_identity``; a member without a readable kubeconfig has none.

    ``root`` is the folder that the project's program runs in: all paths start there, also in KUBECONFIG.
    """
    found = {member.name: _identity(federation, member, root) for member in federation.members}
    return {name: identity for name, identity in found.items() if identity}


def reached(federation: Federation, root: Path, before: Mapping[str, str]) -> Mapping[str, str]:
    """Kubeconfigs (JSON) by member of those members that have one ``before``, by the last update.

    A member that is found by a kubeconfig is reached by what that says now; one of which it cannot be read has none,
    and the update ends with what is wrong with it.
    """
    found = {}
    for member in federation.members:
        if member.name in before:
            with suppress(FederationError):
                found[member.name] = before[member.name] if member.provider == "eks" else _single(member, root)
    return found


def _single(member: Member, root: Path) -> str:
    return kubeconfigs.single_context(member.context, member.kubeconfig, root)


def _identity(federation: Federation, member: Member, root: Path) -> str:
    if member.provider == "eks":
        return cluster_identity.of_eks(federation, member)
    try:
        return kubeconfigs.server(kubeconfigs.read(member.kubeconfig, root), member.context)
    except FederationError:  # an update tells what is wrong with it
        return ""
