"""Compare the infrastructure of ``eks`` members in the config with the state, by member.

A replaced node group is shown and not refused. Its name is generated, so Pulumi makes the new nodes first, and EKS
drains the old ones when their group is deleted. Replaced networks and clusters are handled in ``cluster_identity`` and
``dead_ends``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from federation.api.model.members import FederationSettings, Member
from federation.plan.changes import cluster_identity
from federation.plan.model.observed import Observed
from federation.plan.model.standing import Standing

__all__ = ["Action", "MemberChange", "changes", "is_known", "to_tree"]

BESIDE_NETWORK: Final = 18
"""The number of AWS resources of a cluster and its nodes: those of the EKS component, and the role of the nodes."""

Action = Literal["create", "change", "replace", "remove", "same"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChange:
    """The change of a member's infrastructure.

    ``before`` and ``after`` count AWS resources; ``lines`` describe what is made, changed or removed.
    """

    member: str
    action: Action
    before: int = 0
    after: int = 0
    lines: tuple[str, ...] = ()


def is_known(observed: Observed) -> bool:
    """Whether the state of AWS at the last update is known."""
    return observed.registered is not None and bool(observed.clusters or not observed.roles_before)


def changes(federation: FederationSettings, observed: Observed) -> tuple[MemberChange, ...]:
    """The change of every present and former ``eks`` member, sorted by name. A quarantined member does not change."""
    moved = cluster_identity.moved(observed)
    members = {member.name: member for member in federation.members if member.provider == "eks"}
    found = [
        _of_member(member, observed.clusters.get(name, Standing()), is_moved=name in moved)
        for name, member in members.items()
    ]
    gone = [(name, each) for name, each in observed.clusters.items() if name not in members and each.count]
    found += [
        MemberChange(member=name, action="remove", before=each.count, lines=(_removed(each),)) for name, each in gone
    ]
    return tuple(sorted(found, key=lambda each: each.member))


def to_tree(federation: FederationSettings, observed: Observed) -> dict[str, Any]:
    """`changes` as plain data, by member, with the number of standing resources of each type."""
    return {
        "known": is_known(observed),
        "members": {
            each.member: {
                "action": each.action,
                "before": each.before,
                "after": each.after,
                "changes": list(each.lines),
                "standing": dict(observed.clusters.get(each.member, Standing()).resources),
            }
            for each in changes(federation, observed)
        },
    }


def _of_member(member: Member, standing: Standing, *, is_moved: bool) -> MemberChange:
    name, before, whole = member.name, standing.count, _whole(member)
    if not member.available:
        return MemberChange(member=name, action="same", before=before, after=before)
    if not before:
        return MemberChange(member=name, action="create", after=whole, lines=(_made(member),))
    if is_moved:
        line = f"{_removed(standing)}: deleted, and created again as {_made(member)}"
        return MemberChange(member=name, action="replace", before=before, after=whole, lines=(line,))
    if not standing.cluster:
        line = f"goes on where an earlier update ended: {_made(member)}"
        return MemberChange(member=name, action="change", before=before, after=whole, lines=(line,))
    lines = tuple(_differences(member, standing))
    had = _network(len(standing.ranges), len(standing.nat_zones))
    after = before + _network(len(member.zones), _gateways(member)) - had
    action: Action = "change" if lines else "same"
    return MemberChange(member=name, action=action, before=before, after=after, lines=lines)


def _differences(member: Member, standing: Standing) -> Iterable[str]:
    was, now = standing.kubernetes_version, member.kubernetes_version
    if was != now:
        yield f"Kubernetes {was} -> {now}, in place"
    zones, had = set(member.zones), set(standing.ranges)
    for verb, some in (("made", zones - had), ("removed", had - zones)):
        if some:
            yield f"subnets {verb} in {', '.join(sorted(some))}"
    if _gateways(member) != len(standing.nat_zones):
        yield f"NAT gateways {len(standing.nat_zones)} -> {_gateways(member)}"
    types = ", ".join(standing.instance_types)
    replaced = [f"instanceType {types} -> {member.nodes.instance_type}"] if types != member.nodes.instance_type else []
    replaced += ["other zones"] if zones != had else []
    if replaced:
        yield f"node group replaced ({', '.join(replaced)}): new nodes first, then the old ones are drained"
    if standing.nodes != member.nodes.desired:
        yield f"nodes {standing.nodes} -> {member.nodes.desired}"


def _made(member: Member) -> str:
    nodes = f"{member.nodes.desired} x {member.nodes.instance_type} in {len(member.zones)} zones"
    return f"EKS cluster {member.kubernetes_version}, VPC {member.network.cidr}, {nodes}, {_whole(member)} resources"


def _removed(standing: Standing) -> str:
    parts: Mapping[str, bool] = {
        f"EKS cluster {standing.kubernetes_version}": bool(standing.cluster),
        f"VPC {standing.cidr}": bool(standing.cidr),
    }
    return ", ".join([*(part for part, is_there in parts.items() if is_there), f"{standing.count} resources"])


def _whole(member: Member) -> int:
    return _network(len(member.zones), _gateways(member)) + BESIDE_NETWORK


def _network(zones: int, gateways: int) -> int:
    """The number of AWS resources of a network.

    These are a VPC, an internet gateway and a public route table; per zone two subnets, their associations and a
    table; and each NAT gateway with its address.
    """
    return 3 + 5 * zones + 2 * gateways


def _gateways(member: Member) -> int:
    return {"single": 1, "perZone": len(member.zones), "none": 0}[member.network.nat]
