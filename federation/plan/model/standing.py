"""Read from a stack's state which AWS resources each member has.

The state is read in an update and in ``fed plan`` alike, because it is right even after an update that failed. The
engine's output does not show what Pulumi protects, so the components write that into their outputs.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from federation.plan.model import names
from federation.plan.model.trees import mapping, texts

__all__ = ["CLUSTER", "DNS", "PROTECTED", "TAG", "Standing", "clusters", "is_needed", "owner", "protected_zone"]

CLUSTER: Final = "eks-federation:index:EksCluster"
DNS: Final = "eks-federation:index:FederatedDns"
PROTECTED: Final = "deletionProtection"
TAG: Final = "eks-federation/federation"
"""The tag with the federation's name, on all that it makes on AWS."""
_ZONE: Final = "aws:route53/zone:Zone"
_SUBNET: Final = "aws:ec2/subnet:Subnet"
_NAT: Final = "aws:ec2/natGateway:NatGateway"
_ARN: Final = re.compile(r"arn:[^:]+:[^:]*:[^:]*:([0-9]{12}):")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The AWS resources of an ``eks`` member; what does not exist is "" or 0.

    ``resources`` counts them by type. ``ranges`` has by zone the range of each kind of subnet, ``nat_zones`` the zones
    with a NAT gateway. ``account`` is the AWS account in its ARNs, ``federation`` the name in its tags.
    """

    resources: Mapping[str, int] = field(default_factory=dict)
    cluster: str = ""
    kubernetes_version: str = ""
    cidr: str = ""
    instance_types: tuple[str, ...] = ()
    nodes: int = 0
    ranges: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    nat_zones: tuple[str, ...] = ()
    is_protected: bool = False
    account: str = ""
    federation: str = ""

    @property
    def count(self) -> int:
        """How many resources on AWS there are."""
        return sum(self.resources.values())


def is_needed(urn: str) -> bool:
    """Whether this module reads the resource; all others can be skipped."""
    return f"${CLUSTER}" in urn or f"${DNS}::" in urn or f"${_ZONE}::" in urn


def clusters(resources: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Standing]:
    """The AWS resources of each member. ``resources`` are outputs by URN."""
    tops = {_name(urn): outputs for urn, outputs in resources.items() if _token(urn) == CLUSTER}
    below: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {name: [] for name in tops}
    for urn, outputs in sorted(resources.items()):
        token = _token(urn)
        member = owner(_name(urn), tops) if f"${CLUSTER}$" in urn and token.startswith("aws:") else ""
        if member:
            below[member].append((token, _name(urn), outputs))
    return {name: _standing(tops[name], found) for name, found in sorted(below.items())}


def protected_zone(resources: Mapping[str, Mapping[str, Any]]) -> str:
    """The name of the hosted zone that the federation made and Pulumi protects, "" for none."""
    if not any(_token(urn) == DNS and outputs.get(PROTECTED) is True for urn, outputs in resources.items()):
        return ""
    own = (outputs for urn, outputs in resources.items() if f"${DNS}${_ZONE}::" in urn)
    return next((name for outputs in own if (name := _text(outputs, "name"))), "")


def owner(name: str, members: Collection[str]) -> str:
    """The member that a resource of this name belongs to, "" for none.

    The name begins with the member's name, or with that of its remote component. Of several members that fit, the
    longest name wins.
    """
    return max((member for member in members if _is_of(name, member)), key=len, default="")


def _is_of(name: str, member: str) -> bool:
    remote = [names.remote(member, part) for part in ("cluster", "nodes")]
    return name in remote or name.startswith((f"{member}/", *(f"{each}-" for each in remote)))


def _standing(top: Mapping[str, Any], found: Sequence[tuple[str, str, Mapping[str, Any]]]) -> Standing:
    resources = Counter(token for token, _, _ in found)
    first: dict[str, Mapping[str, Any]] = {}
    ranges: dict[str, dict[str, str]] = {}
    nat_zones = []
    for token, name, outputs in found:
        first.setdefault(token, outputs)
        *_, kind, zone = ["", "", *name.split("/")]
        if token == _SUBNET and (cidr := _text(outputs, "cidrBlock")):
            ranges.setdefault(zone, {})[kind] = cidr
        elif token == _NAT:
            nat_zones.append(zone)
    cluster, nodes = first.get("aws:eks/cluster:Cluster", {}), first.get("aws:eks/nodeGroup:NodeGroup", {})
    size = mapping(nodes.get("scalingConfig")).get("desiredSize")
    return Standing(
        resources=dict(sorted(resources.items())),
        cluster=_text(cluster, "name"),
        kubernetes_version=_text(cluster, "version"),
        cidr=_text(first.get("aws:ec2/vpc:Vpc", {}), "cidrBlock"),
        instance_types=texts(nodes.get("instanceTypes")),
        nodes=int(size) if isinstance(size, int | float) else 0,
        ranges=ranges,
        nat_zones=tuple(nat_zones),
        is_protected=top.get(PROTECTED) is True,
        account=next((each for _, _, outputs in found if (each := _account(outputs))), ""),
        federation=next((each for _, _, outputs in found if (each := _text(mapping(outputs.get("tags")), TAG))), ""),
    )


def _account(outputs: Mapping[str, Any]) -> str:
    """The account in a resource's ARN, or "": the AWS provider builds some ARNs without an account."""
    arn = _ARN.match(_text(outputs, "arn"))
    return arn[1] if arn else ""


def _text(outputs: Mapping[str, Any], name: str) -> str:
    value = outputs.get(name)
    return value if isinstance(value, str) else ""


def _token(urn: str) -> str:
    return urn.split("::", 3)[2].rpartition("$")[2]


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]
