"""Register the part of one cell: a member's cluster, the objects in it, or the DNS names.

Each cell plans the whole federation, so that all cells decide the same. Pulumi's ``StackReference`` reads what a cell
needs of another: how a cluster is reached, and the addresses of load balancers. Secrets stay secrets.
"""

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pulumi

from federation.api.model.cells import Cell
from federation.api.model.members import Member
from federation.components import kept_index, last_update
from federation.components.arguments import FederationArgs
from federation.components.federation import Federation, Hostnames
from federation.components.membership import JoinedCluster, Membership
from federation.plan.cells import slices
from federation.plan.cells.cell_outputs import BALANCERS, CLUSTER
from federation.plan.changes import memory
from federation.plan.changes.memory import Memory
from federation.plan.model.plan import BalancerTarget, ServiceTarget

if TYPE_CHECKING:
    from federation.components.aws.dns import FederatedDns

__all__ = ["FederationCell", "LoadBalancers", "ReferencedCluster"]


class FederationCell(Federation):
    """The part of a federation that ``args.cell`` has. ``cluster`` is how the member's cluster is reached, in the cell
    that makes it."""

    cluster: Mapping[str, pulumi.Output[str]] | None

    def __init__(self, name: str, args: FederationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if args.cell is None:
            raise ValueError("a cell's federation needs its cell")
        self._cell = args.cell
        self.cluster = None
        super().__init__(name, args, opts)

    def _join_members(self) -> Mapping[str, Membership]:
        member = next((each for each in self._settings.members if self._cell.is_of(each)), None)
        if member is None:
            return {}
        if self._cell.part == "cluster":
            self.cluster = self._reached(member)
            return {}
        for document, takers in slices.deferred(self.plan, member.name).items():
            pulumi.log.info(f"{document} stays as it is in {member.name}: it waits for {', '.join(takers)}")
        made = ReferencedCluster(self._cell.cluster, self) if member.provider == "eks" else None
        return {member.name: self._join(member, made)}

    def _reached(self, member: Member) -> Mapping[str, pulumi.Output[str]] | None:
        """Make the cluster of an ``eks`` member, and return how it is reached; ``None`` where it is unfinished."""
        if member.provider != "eks":
            raise pulumi.RunError(f"{self._cell.stack} makes no cluster: {member.name} exists already")
        made: JoinedCluster = self._cluster(member)
        if not made.is_finished:
            return None
        return {"kubeconfig": made.kubeconfig, "endpoint": made.endpoint, "identifier": made.identifier}

    def _memory(self) -> Mapping[str, pulumi.Input[object]]:
        """Each cell remembers its objects, and the root alone what is of the whole environment. A cell that is not run
        would go on to say what has passed, such as a quarantine."""
        if self._cell.part == "root":
            return super()._memory()
        return memory.outputs(self._index(), Memory())

    def _watch(self) -> None:
        """Nothing leaves this cell while others have not taken over: see ``plan.cells.slices``."""

    def _index(self) -> Mapping[str, pulumi.Input[str]]:
        prior = self._args.prior
        return kept_index.texts(self.part, self.objects, prior.last, prior.members, self._takers)

    def _awaited(self) -> Collection[str]:
        """In the root, the objects of other cells that record sets wait for."""
        return {name for each in self.plan.records for name in each.after} if self._cell.part == "root" else ()

    def _publish(self) -> "FederatedDns | None":
        return super()._publish() if self._cell.part == "root" else None

    def _hostnames(self) -> Hostnames:
        return self._balancers.hostname

    @cached_property
    def _balancers(self) -> "LoadBalancers":
        first_names = {member.name: member.original_name for member in self._settings.members}
        return LoadBalancers(self._cell.environment, first_names, self)

    @property
    def published(self) -> Mapping[str, pulumi.Output[str]]:
        """In the root, the hostnames of load balancers that record sets lead to."""
        return self._balancers.published


class ReferencedCluster:
    """The cluster of another cell, as a membership needs it."""

    is_finished = True
    ready: tuple[pulumi.Resource, ...] = ()

    def __init__(self, cell: Cell, parent: pulumi.Resource) -> None:
        name = last_update.full_name(cell.stack)
        made = pulumi.StackReference(name, opts=pulumi.ResourceOptions(parent=parent)).require_output(CLUSTER)
        self.kubeconfig: pulumi.Output[str] = pulumi.Output.secret(made["kubeconfig"])
        self.endpoint: pulumi.Output[str] = pulumi.Output.unsecret(made["endpoint"])
        self.identifier: pulumi.Output[str] = pulumi.Output.unsecret(made["identifier"])


class LoadBalancers:
    """The load balancers of all members, from the outputs of the cells with their objects.

    ``published`` are the hostnames that were used, by ``member/namespace/name``.
    """

    def __init__(self, environment: str, members: Mapping[str, str], parent: pulumi.Resource) -> None:
        """``members`` has the first name of each member."""
        self._environment = environment
        self._members = members
        self._parent = parent
        self._found: dict[str, pulumi.Output[Any]] = {}
        self.published: dict[str, pulumi.Output[str]] = {}

    def hostname(self, target: BalancerTarget) -> pulumi.Output[str]:
        """The hostname of a load balancer. Raises ``ValueError`` inside the output where the cell has none yet."""
        if target.member not in self._found:
            cell = Cell(environment=self._environment, member=self._members[target.member], part="apps")
            name = last_update.full_name(cell.stack)
            reference = pulumi.StackReference(name, opts=pulumi.ResourceOptions(parent=self._parent))
            self._found[target.member] = reference.get_output(BALANCERS)
        kind = "" if isinstance(target, ServiceTarget) else "Ingress/"
        name = target.service if isinstance(target, ServiceTarget) else target.ingress
        key = f"{target.namespace}/{kind}{name}"
        hostname = self._found[target.member].apply(lambda some: _required(some, key, target.member))
        self.published[f"{target.member}/{key}"] = hostname
        return hostname


def _required(some: object, key: str, member: str) -> str:
    hostname = some.get(key) if isinstance(some, Mapping) else None
    if not isinstance(hostname, str) or not hostname:
        msg = f"{key} has no load balancer with a hostname in {member} yet; update the member's cell, then this one"
        raise ValueError(msg)
    return hostname
