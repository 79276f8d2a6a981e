"""The federation as one component for every language of Pulumi; its schema is read from these types.

Members and documents are plain, not ``Input``: they decide which resources exist, so the plan needs their values. Only
secret values may be outputs of other resources. Everything else, above all the checks, is the library's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, Optional, TypedDict

import pulumi
from pydantic.alias_generators import to_camel

from federation.api.model.members import DnsSettings
from federation.components.arguments import FederationArgs
from federation.components.federation import Federation as Whole
from federation.components.kubernetes.objects import Secrets

__all__ = ["Federation", "FederationComponentArgs"]


class Nodes(TypedDict):
    """Size and kind of an eks member's managed node group."""

    desired: NotRequired[int]
    min: NotRequired[int]
    max: NotRequired[int]
    instance_type: NotRequired[str]


class Network(TypedDict):
    """An eks member's VPC."""

    cidr: NotRequired[str]
    """Its range, between /16 and /18."""
    nat: NotRequired[str]
    """How private subnets reach out: single, perZone or none."""


class Addons(TypedDict):
    """Versions of an eks member's add-ons; pinned by its Kubernetes version where none is given."""

    vpc_cni: NotRequired[str]
    kube_proxy: NotRequired[str]


class Member(TypedDict):
    """One cluster of the federation."""

    provider: NotRequired[str]
    """eks (the default: the cluster is made here) or kubeconfig (it exists)."""
    region: NotRequired[str]
    zones: NotRequired[Sequence[str]]
    """Availability zones, by name."""
    labels: NotRequired[Mapping[str, str]]
    """What placements select by."""
    annotations: NotRequired[Mapping[str, str]]
    available: NotRequired[bool]
    """false takes a lost member out of planning; its objects stay as they are."""
    wave: NotRequired[int]
    kubernetes_version: NotRequired[str]
    """An eks member needs it: what the cluster runs, such as 1.34."""
    deletion_protection: NotRequired[bool]
    """Whether the cluster and its VPC are protected; by default what the federation says."""
    nodes: NotRequired[Nodes]
    network: NotRequired[Network]
    addons: NotRequired[Addons]
    context: NotRequired[str]
    """For a kubeconfig member: the entry of the kubeconfig that leads to it."""
    kubeconfig: NotRequired[str]
    """For a kubeconfig member: the file; the user's own by default."""


class FederationComponentArgs(TypedDict):
    """What a federation is made of."""

    members: Mapping[str, Member]
    """The clusters, by name."""
    files: NotRequired[Sequence[str]]
    """Files and folders with federated documents in YAML, relative to the program."""
    documents: NotRequired[Sequence[Mapping[str, Any]]]
    """Federated documents, as values."""
    domain: NotRequired[str]
    """What documents call domainRef; the resource's own name by default."""
    zone: NotRequired[str]
    """The DNS zone of the federation's names; none are published without it."""
    zone_id: NotRequired[str]
    """A Route53 zone that exists already; the federation makes one by default."""
    role_arn: NotRequired[str]
    """The role that workstation and CI both assume."""
    timeout_seconds: NotRequired[int]
    """How long a rollout may take."""
    deletion_protection: NotRequired[bool]
    """Whether hosted zone, clusters and their VPCs are protected from deletion; they are by default."""
    allowed_account_ids: NotRequired[Sequence[str]]
    """The AWS accounts that may be touched; all are by default."""
    secrets: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Values for ``{valueFrom: {config: <key>}}`` in documents, by key."""


class Federation(pulumi.ComponentResource):
    """Kubernetes clusters as one: members joined, federated documents placed, DNS names published."""

    plan_digest: pulumi.Output[str]
    """Changes when what is planned does."""
    endpoints: pulumi.Output[Mapping[str, str]]
    """API servers, by member."""
    kubeconfigs: pulumi.Output[Mapping[str, str]]
    """Kubeconfigs (JSON, secret), by member."""
    dns_names: pulumi.Output[Sequence[str]]
    """The public names."""
    zone_id: Optional[pulumi.Output[str]]  # noqa: UP045 -- the schema is read from this form alone
    """The Route53 zone, where names are published."""

    def __init__(self, name: str, args: FederationComponentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("eks-federation:index:Federation", name, {}, opts)
        whole = Whole(name, federation_args(args), pulumi.ResourceOptions(parent=self))
        joined = whole.memberships
        self.plan_digest = pulumi.Output.from_input(whole.plan.digest)
        self.endpoints = pulumi.Output.all(**{key: each.endpoint for key, each in joined.items()})
        self.kubeconfigs = pulumi.Output.secret(
            pulumi.Output.all(**{key: each.kubeconfig for key, each in joined.items()})
        )
        self.dns_names = pulumi.Output.from_input(whole.public_names)
        self.zone_id = whole.dns.zone_id if whole.dns is not None else None
        self.register_outputs({})


@dataclass(frozen=True, slots=True)
class ArgumentSecrets:
    """Values that the program gave, by key."""

    values: Mapping[str, pulumi.Input[str]]

    def has(self, key: str) -> bool:
        """Whether the program gave a value under ``key``; planning asks, and refuses what is missing."""
        return key in self.values

    def require(self, key: str) -> pulumi.Output[str]:
        """The value under ``key``."""
        return pulumi.Output.secret(self.values[key])


def federation_args(args: FederationComponentArgs) -> FederationArgs:
    """The library's arguments for those of another language."""
    secrets: Secrets = ArgumentSecrets(args.get("secrets") or {})
    documents: list[str | Mapping[str, Any]] = [*args.get("files", ()), *map(_whole, args.get("documents", ()))]
    return FederationArgs(
        members={name: _member(dict(member)) for name, member in args["members"].items()},
        documents=documents,
        name=args.get("domain", ""),
        zone=args.get("zone", ""),
        dns=DnsSettings(zone_id=args.get("zone_id", "")),
        role_arn=args.get("role_arn", ""),
        timeout_seconds=int(args.get("timeout_seconds", 300)),
        deletion_protection=bool(args.get("deletion_protection", True)),
        allowed_account_ids=tuple(args.get("allowed_account_ids", ())),
        secrets=secrets,
    )


def _member(given: Mapping[str, Any]) -> dict[str, Any]:
    """A member as a stack's config writes it. The host hands over nothing for what is not given."""
    nested = {key: {to_camel(part): _whole(value) for part, value in (given.get(key) or {}).items()} for key in NESTED}
    return {to_camel(key): _whole(value) for key, value in given.items()} | {k: v for k, v in nested.items() if v}


NESTED = ("nodes", "network")


def _whole(value: Any) -> Any:
    """``value`` with whole numbers as such: on the wire there are only floating ones."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case Mapping():
            return {key: _whole(item) for key, item in value.items()}
        case list() | tuple():
            return [_whole(item) for item in value]
        case _:
            return value
