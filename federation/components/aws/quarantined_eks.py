"""Register a quarantined EKS member's cluster again, resource by resource, exactly as the state has it.

The components are not run for it: they would send requests to its region, make what a failed update has left out, and
apply what the config has gained since. A resource that is registered with the state's own inputs is neither changed nor
called.

Changes are ignored property by property, not all at once. A name that the AWS provider has generated must not become a
given name: once the member is back without that name, the provider would generate another one and replace the cluster.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

import pulumi
import pulumi_aws as aws

from federation.components.clusters import kubeconfig as kubeconfigs
from federation.components.last_update import CLUSTER, StateCluster
from federation.plan.model.standing import PROTECTED, owner

__all__ = ["QuarantinedCluster", "QuarantinedClusterArgs", "StateNode", "nodes"]

_COMPONENTS: Final = ("eks", "eks-federation")
_PROVIDER: Final = "pulumi:providers:"
_CLIENT: Final = "kubeClientSettings"
_NAMES: Final = ("name", "nodeGroupName")  # the AWS provider generates one where a program gives none
_MADE_IN_ORDER: Final[Mapping[str, int]] = {
    "aws:iam/role:Role": 0,
    "aws:ec2/vpc:Vpc": 0,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 1,
    "aws:ec2/internetGateway:InternetGateway": 1,
    "aws:ec2/securityGroup:SecurityGroup": 1,
    "aws:ec2/subnet:Subnet": 1,
    "aws:ec2/eip:Eip": 2,
    "aws:ec2/natGateway:NatGateway": 3,
    "aws:ec2/routeTable:RouteTable": 4,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": 5,
    "aws:eks/cluster:Cluster": 6,
    "aws:eks/nodeGroup:NodeGroup": 8,
}
_PROTECTED: Final = ("aws:ec2/vpc:Vpc", "eks:index:Cluster")  # the children of the second are, too
_OTHERS: Final = 7  # what belongs to a cluster: add-ons, rules, access entries, a provider


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedClusterArgs:
    """``cluster_name`` is the name on AWS. ``infrastructure`` and ``standing`` are what the state has, see
    ``last_update.EngineState``. ``is_protected`` protects cluster and VPC."""

    member: str
    cluster_name: str
    infrastructure: Mapping[str, Mapping[str, str]]
    members: Collection[str]
    standing: StateCluster
    aws_provider: aws.Provider
    is_protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StateNode:
    """A resource below a member's cluster. ``types`` are those of its parents and its own, joined by ``$``;
    ``properties`` has their texts by name."""

    types: str
    name: str
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """Its type."""
        return self.types.rpartition("$")[2]

    @property
    def is_component(self) -> bool:
        """Whether it is a component, without inputs of its own."""
        return self.token.partition(":")[0] in _COMPONENTS

    @property
    def order(self) -> int:
        """The step in which it is made; it is deleted in the reverse order."""
        return -1 if self.is_component else _MADE_IN_ORDER.get(self.token, _OTHERS)

    def kept(self, cluster_name: str) -> list[str]:
        """The properties that stay as they are: all but a generated name. Given names begin with the cluster's."""
        return [
            name
            for name, text in self.properties.items()
            if not name.startswith("__") and (name not in _NAMES or text.startswith(cluster_name))
        ]


def nodes(infrastructure: Mapping[str, Mapping[str, str]], member: str, members: Collection[str]) -> list[StateNode]:
    """The resources below ``member``'s cluster: components first, parents before children, then in creation order.

    The member that a resource belongs to is in its name, not in its URN.
    """
    found = [
        StateNode(types=urn.split("::", 3)[2], name=urn.split("::", 3)[3], properties=properties)
        for urn, properties in infrastructure.items()
        if owner(urn.split("::", 3)[3], members) == member
    ]
    return sorted(found, key=lambda node: (node.order, node.types.count("$"), node.types, node.name))


class QuarantinedCluster(pulumi.ComponentResource):
    """A quarantined member's cluster as the last update left it. ``is_finished`` is true when it can be joined."""

    kubeconfig: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    identifier: pulumi.Output[str]
    ready: list[pulumi.Resource]
    is_finished: bool

    def __init__(self, name: str, args: QuarantinedClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(CLUSTER, name, None, opts)
        self._args = args
        self._made: dict[str, list[tuple[str, pulumi.Resource]]] = {}
        self.ready = self._register(nodes(args.infrastructure, args.member, args.members))
        standing = args.standing
        self.is_finished = bool(standing.kubeconfig)
        self.kubeconfig = pulumi.Output.secret(standing.kubeconfig)
        self.endpoint = pulumi.Output.from_input(
            kubeconfigs.identifier(standing.kubeconfig) if self.is_finished else ""
        )
        self.identifier = pulumi.Output.from_input(standing.identifier)
        shown: dict[str, pulumi.Input[str | bool]] = {
            "endpoint": self.endpoint,
            "identifier": self.identifier,
            "kubeconfig": self.kubeconfig,
        }
        role = {} if standing.role_arn is None else {"roleArn": standing.role_arn}
        # Kept also of an unfinished one: the guard uses them once the member leaves.
        kept: dict[str, pulumi.Input[str | bool]] = {PROTECTED: args.is_protected, **role}
        self.register_outputs({**shown, **kept} if self.is_finished else kept)

    def _register(self, ordered: Sequence[StateNode]) -> list[pulumi.Resource]:
        """Register all, each step after the one before, so that a later deletion runs in the reverse order."""
        before: list[pulumi.Resource] = []
        for order, group in groupby(ordered, key=lambda node: node.order):
            made = []
            for node in group:
                resource = self._hold(node, before)
                self._made.setdefault(node.types, []).append((node.name, resource))
                made.append(resource)
            before = made if order >= 0 else []
        return before

    def _hold(self, node: StateNode, after: list[pulumi.Resource]) -> pulumi.Resource:
        opts = pulumi.ResourceOptions(parent=self._parent_of(node))
        if self._args.is_protected and node.token in _PROTECTED:
            opts.protect = True
        if node.is_component:
            return pulumi.ComponentResource(node.token, node.name, None, opts)
        opts.depends_on = after
        if node.token.startswith(_PROVIDER):
            package = node.token.removeprefix(_PROVIDER)
            given = {_CLIENT: json.dumps({"timeout": kubeconfigs.PATIENCE})} if package == "kubernetes" else {}
            opts.ignore_changes = [name for name in node.properties if name != _CLIENT and not name.startswith("__")]
            return pulumi.ProviderResource(package, node.name, given, opts)
        opts.provider, opts.ignore_changes = self._args.aws_provider, node.kept(self._args.cluster_name)
        return pulumi.CustomResource(node.token, node.name, {}, opts)

    def _parent_of(self, node: StateNode) -> pulumi.Resource:
        """The parent by its types, since a URN has no more of it; of several, the one whose name fits best."""
        types = node.types.rpartition("$")[0]
        fitting = [(len(name), name, made) for name, made in self._made.get(types, []) if node.name.startswith(name)]
        others = [made for _, made in self._made.get(types, [])]
        return max(fitting, key=lambda each: each[:2])[2] if fitting else others[0] if others else self
