"""The identity of the cluster that each member's config leads to now, read from config and kubeconfigs only.

It is also read outside of updates, where a kubeconfig may be missing: then the member has no identity.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from federation.api.model.members import FederationSettings, Member
from federation.components.clusters import kubeconfig as kubeconfigs
from federation.errors.fault import FederationError
from federation.plan.changes import cluster_identity

__all__ = ["identify_clusters", "present_kubeconfigs"]


def identify_clusters(federation: FederationSettings, root: Path) -> Mapping[str, str]:
    """Identities by member, as in ``plan.changes.cluster_identity``; a member without a readable kubeconfig has none.

    ``root`` is the folder that the project's program runs in: all paths start there, also in KUBECONFIG.
    """
    identities = {member.name: _identity(federation, member, root) for member in federation.members}
    return {name: identity for name, identity in identities.items() if identity}


def present_kubeconfigs(federation: FederationSettings, root: Path, before: Mapping[str, str]) -> Mapping[str, str]:
    """Kubeconfigs (JSON) by member, of the members that have one ``before``, by the last update.

    A ``kubeconfig`` member is reached by its present kubeconfig. One whose kubeconfig cannot be read has none here; the
    update ends with that fault.
    """
    by_member = {}
    for member in federation.members:
        if member.name in before:
            with suppress(FederationError):
                by_member[member.name] = before[member.name] if member.provider == "eks" else _single(member, root)
    return by_member


def _single(member: Member, root: Path) -> str:
    return kubeconfigs.single_context(member.context, member.kubeconfig, root)


def _identity(federation: FederationSettings, member: Member, root: Path) -> str:
    if member.provider == "eks":
        return cluster_identity.of_eks(federation, member)
    try:
        return kubeconfigs.server(kubeconfigs.read_kubeconfig(member.kubeconfig, root), member.context)
    except FederationError:  # an update reports it
        return ""
