"""Refuse updates that AWS or Pulumi would stop half-way, whether the guard is on or off.

Pulumi deletes the dependents of a protected resource before it reaches that resource and stops. EKS accepts no older
Kubernetes version. A new subnet needs a range that no other subnet has. In all these cases nothing is registered.
"""

from collections.abc import Iterable

from federation.api.model import subnets
from federation.api.model.members import FederationSettings, Member
from federation.errors.fault import Fault, Place
from federation.plan.changes import cluster_identity, losses
from federation.plan.model.observed import Observed

__all__ = ["refusals"]

_FEDERATION = "eks-federation:federation"
_MEMBERS = "eks-federation:members"


def refusals(federation: FederationSettings, observed: Observed) -> tuple[Fault, ...]:
    """The reasons why an update cannot finish, sorted; empty if nothing is known of the standing resources."""
    found = [*_protected_clusters(federation, observed), *_protected_zone(federation, observed)]
    for member in federation.members:
        if member.provider == "eks" and member.available:
            found += [*_downgraded(federation, member, observed), *_without_room(federation, member, observed)]
    return tuple(sorted(found))


def _protected_clusters(federation: FederationSettings, observed: Observed) -> Iterable[Fault]:
    eks_members = {member.name for member in federation.members if member.provider == "eks"}
    moved = cluster_identity.moved(observed)
    for name, standing in sorted(observed.clusters.items()):
        if standing.is_protected and standing.count and (name not in eks_members or name in moved):
            why = "leads to another cluster" if name in eks_members else "is no longer an eks member"
            message = f"the EKS cluster of {name} and its VPC ({standing.count} resources on AWS) would be deleted, "
            message += f"since {name} {why}; they are protected from deletion"
            remedy = f"if this is meant, put {name} back as it was with deletionProtection: false, update, and change "
            yield _fault(federation, f"{_MEMBERS}.{name}", message, f"{remedy}it in the update after that")


def _protected_zone(federation: FederationSettings, observed: Observed) -> Iterable[Fault]:
    zone = observed.protected_zone
    # With several federations in a stack, a federation's own zone is the one in its outputs.
    if zone and zone == observed.zone_before and losses.lost_zone(federation, observed):
        message = f"hosted zone {zone} would be deleted, with its name servers; it is protected from deletion"
        remedy = "put federation.zone and dns: back; if this is meant, set deletionProtection "
        yield _fault(federation, _FEDERATION, message, f"{remedy}to false beside them, update, and take them out then")


def _downgraded(federation: FederationSettings, member: Member, observed: Observed) -> Iterable[Fault]:
    standing = observed.clusters.get(member.name)
    before = standing.kubernetes_version if standing else ""
    if (
        before
        and _minor(member.kubernetes_version) < _minor(before)
        and member.name not in cluster_identity.moved(observed)
    ):
        message = f"the cluster of {member.name} runs Kubernetes {before}, and EKS takes no older version"
        where = f"{_MEMBERS}.{member.name}.kubernetesVersion"
        yield _fault(federation, where, message, f'write "{before}", or a later one')


def _without_room(federation: FederationSettings, member: Member, observed: Observed) -> Iterable[Fault]:
    standing = observed.clusters.get(member.name)
    try:
        subnets.divide(member.network.cidr, member.zones, standing.ranges if standing else {})
    except subnets.NoRoomError as error:
        remedy = "take out the zones that are to go first, update, and add the new ones in the update after that"
        yield _fault(federation, f"{_MEMBERS}.{member.name}.zones", f"{error} while the others stand", remedy)


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _fault(federation: FederationSettings, where: str, message: str, remedy: str) -> Fault:
    return Fault(place=Place(file=f"Pulumi.{federation.stack}.yaml"), where=where, message=message, remedy=remedy)
