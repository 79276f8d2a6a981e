"""The clusters that have joined, and the federation they form.

A *member* is declared in the stack's config. What is observed of it (nodes, replicas, health) comes in separately, as
``federation.plan.model.observed.Observed``, so that a plan is a function of the documents and of what was observed.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from federation.api.model.addon_versions import VERSIONS, AddonVersions

__all__ = [
    "Addons",
    "DnsSettings",
    "FederationSettings",
    "GuardSettings",
    "Member",
    "Network",
    "Nodes",
    "OtherStackMember",
    "PlanSettings",
]

Name = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]


class Settings(BaseModel):
    """A frozen group of settings: unknown keys are refused, names in YAML are camelCase."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Nodes(Settings):
    """Size and kind of a member's managed node group."""

    desired: int = Field(default=2, ge=0)
    min: int = Field(default=1, ge=0)
    max: int = Field(default=6, ge=1)
    instance_type: str = "m6i.large"

    @model_validator(mode="after")
    def _ordered(self) -> "Nodes":
        if not self.min <= self.desired <= self.max:
            msg = f"min <= desired <= max does not hold: {self.min}, {self.desired}, {self.max}"
            raise ValueError(msg)
        return self


class Network(Settings):
    """The member's VPC: a range for it, and how its private subnets reach out."""

    cidr: str = "10.0.0.0/16"
    nat: Literal["single", "perZone", "none"] = "single"


class Addons(Settings):
    """Versions of an EKS member's add-ons; "" is the one pinned for its Kubernetes version (``addon_versions``)."""

    vpc_cni: str = ""
    kube_proxy: str = ""


class Member(Settings):
    """One cluster of the federation.

    ``provider`` is ``eks`` (this project makes the cluster in ``region``, in the availability zones ``zones``, by name)
    or ``kubeconfig`` (it exists; ``context`` of ``kubeconfig``, or of the user's own file, leads to it).
    ``available: false`` takes a lost member out of planning; its objects stay as they are.
    ``former_names`` are those that the member had before, oldest first: its objects are moved, not made again.
    ``deletion_protection`` is that of the federation where the member has none of its own.
    """

    name: Name
    former_names: tuple[Name, ...] = ()
    provider: Literal["eks", "kubeconfig"] = "eks"
    region: str = ""
    zones: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    available: bool = True
    wave: int = Field(default=0, ge=0)
    kubernetes_version: str = "1.34"
    nodes: Nodes = Nodes()
    network: Network = Network()
    addons: Addons = Addons()
    deletion_protection: bool | None = None
    context: str = ""
    kubeconfig: str = ""

    @model_validator(mode="after")
    def _placed(self) -> "Member":
        if self.provider == "eks" and not self.region:
            raise ValueError("an eks member needs a region, such as us-east-1")
        if self.provider == "eks" and (self.context or self.kubeconfig):
            raise ValueError("context and kubeconfig belong to members with provider: kubeconfig")
        if self.provider == "kubeconfig" and not self.context:
            raise ValueError("a kubeconfig member needs a context, the name of an entry of the kubeconfig")
        return self

    @property
    def original_name(self) -> str:
        """The member's first name. Its cluster on AWS and its record sets keep it, since a new one replaces them."""
        return self.former_names[0] if self.former_names else self.name

    @property
    def addon_versions(self) -> AddonVersions | None:
        """The versions that the cluster is to run; ``None`` where one is neither given nor pinned."""
        pinned = VERSIONS.get(self.kubernetes_version)
        vpc_cni = self.addons.vpc_cni or (pinned.vpc_cni if pinned else "")
        kube_proxy = self.addons.kube_proxy or (pinned.kube_proxy if pinned else "")
        return AddonVersions(vpc_cni=vpc_cni, kube_proxy=kube_proxy) if vpc_cni and kube_proxy else None


class PlanSettings(Settings):
    """How strictly documents are read and what may be taken over.

    ``unjoin`` names members that may be emptied or taken out, quarantined ones too, with all their objects; or that may
    lead to another cluster, where all of it is made again.
    ``schema_check``: whether every object is checked against the schemas of its member's version of Kubernetes.
    ``facts_max_age_minutes``: an observed state that is older is used with a warning.
    """

    strictness: Literal["error", "warn"] = "error"
    adopt_resources: Literal["Enabled", "Disabled"] = "Enabled"
    known_members: tuple[str, ...] = ()
    unjoin: tuple[str, ...] = ()
    schema_check: bool = True
    facts_max_age_minutes: int = Field(default=15, ge=1)


class GuardSettings(Settings):
    """How much an update may take away before it is refused.

    Shares are of all replicas and of all objects of available members, from 0 to 1; up to ``floor`` replicas
    or objects may go whatever their share. ``allow`` names what may go altogether, as plans name it:
    ``Namespace/shop`` with all that it holds, ``shop/Deployment/web``.
    """

    max_moved_share: float = Field(default=0.5, ge=0, le=1)
    max_removed_share: float = Field(default=0.5, ge=0, le=1)
    floor: int = Field(default=10, ge=0)
    allow: tuple[str, ...] = ()


class DnsSettings(Settings):
    """Where DNS names go, and the routing policy of records that name none themselves.

    ``zone_id`` is the Route53 zone that exists already; "" has the federation make the zone. ``region`` is where
    calls to Route53, which is one for the world, are signed for.
    """

    provider: Literal["route53", "none"] = "route53"
    policy: Literal["weighted", "plain"] = "weighted"
    health_checks: bool = True
    zone_id: str = ""
    region: str = "us-east-1"


class OtherStackMember(Settings):
    """A member of another stack of the project: what documents may name it by, or select it by. ``cluster`` is the name
    that its cluster has on AWS, "" where that stack makes none."""

    stack: str
    name: str
    labels: Mapping[str, str] = {}
    cluster: str = ""


class FederationSettings(Settings):
    """The federation of one stack: its name (KubeFed's ``domainRef``), its zone, its members and its options.

    ``siblings`` are the names of members of the project's other stacks: legal in documents, without part in this stack.
    ``others`` are those of them whose labels are known.
    ``deletion_protection`` is Pulumi's ``protect`` on hosted zone, clusters and their VPCs. With
    ``allowed_account_ids``, AWS is touched only in one of these accounts. With ``layout`` cells, each member has stacks
    of its own (see ``cells``).
    """

    name: Name
    stack: str = "dev"
    layout: Literal["single", "cells"] = "single"
    zone: str = ""
    members: tuple[Member, ...] = ()
    siblings: tuple[str, ...] = ()
    others: tuple[OtherStackMember, ...] = ()
    plan: PlanSettings = PlanSettings()
    guard: GuardSettings = GuardSettings()
    dns: DnsSettings = DnsSettings()
    role_arn: str = ""
    timeout_seconds: int = Field(default=300, ge=1)
    deletion_protection: bool = True
    allowed_account_ids: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _sorted_and_unique(self) -> "FederationSettings":
        names = [member.name for member in self.members]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            msg = f"members named twice: {', '.join(twice)}"
            raise ValueError(msg)
        object.__setattr__(self, "members", tuple(sorted(self.members, key=lambda member: member.name)))
        return self

    def is_protected(self, member: Member) -> bool:
        """Whether the cluster of ``member`` and its VPC are protected from deletion."""
        own = member.deletion_protection
        return self.deletion_protection if own is None else own

    def member(self, name: str) -> Member:
        """The member called ``name``; ``KeyError`` when there is none."""
        for member in self.members:
            if member.name == name:
                return member
        raise KeyError(name)
