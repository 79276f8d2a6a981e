"""The whole federation: members joined, workloads placed, DNS names published, in one loop each over a plan."""

from collections.abc import Callable, Collection, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, TypeAlias

import pulumi

from federation.api.model.members import Member
from federation.components import arguments, kept_index
from federation.components.arguments import FederationArgs
from federation.components.fields import notices
from federation.components.kubernetes import orphans, takers
from federation.components.kubernetes.document import FederatedWorkload, FederatedWorkloadArgs
from federation.components.kubernetes.objects import KubernetesObject
from federation.components.membership import JoinedCluster, Membership, MembershipArgs
from federation.errors.fault import FederationError
from federation.plan.changes import cluster_identity, make_before_break, memory
from federation.plan.changes.memory import Memory
from federation.plan.changes.renames import Renames
from federation.plan.model import names, record_changes
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import BalancerTarget, Plan, PlannedObject

if TYPE_CHECKING:
    from federation.components.aws.dns import FederatedDns
    from federation.components.aws.eks import EksCluster
    from federation.components.aws.on_aws import AwsResources
    from federation.components.aws.quarantined_eks import QuarantinedCluster

__all__ = ["Federation", "FederationArgs", "QuarantineUnknownError"]

Hostnames: TypeAlias = Callable[[BalancerTarget], pulumi.Output[str]]


class QuarantineUnknownError(FederationError):
    """A member is quarantined, and its existing objects are unknown: an update would delete them."""


class Federation(pulumi.ComponentResource):
    """One federation: ``memberships`` by member, ``objects`` by logical name, ``dns`` where records are planned.

    Its own outputs hold what the next update needs, in any program: see ``federation.plan.changes.memory``.
    A member that is quarantined before its cluster was finished has no membership, since it cannot be reached.
    ``part`` is what is registered of ``plan``: the whole, except in a cell.
    """

    plan: Plan
    part: Plan
    memberships: Mapping[str, Membership]
    objects: Mapping[str, KubernetesObject]

    def __init__(self, name: str, args: FederationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        self._args = arguments.planned(name, args)
        self.part = self._args.part
        self._kept_objects = kept_objects(self.part)
        self._renames = Renames.from_config(self._args.settings)
        self._kubeconfigs_before = self._args.prior.last.kubeconfigs
        super().__init__("eks-federation:index:Federation", name, None, opts)
        self._settings = self._args.settings
        self.plan = self._args.plan
        self._aws: AwsResources | None = None
        self.memberships = self._join_members()
        self._takers = takers.Takers(self.plan, self._kubeconfig, self._settings.timeout_seconds, self._awaited())
        self.objects = self._place()
        self.dns: FederatedDns | None = self._publish()
        self._watch()
        self.register_outputs({"planDigest": self.plan.digest, **self._memory()})
        if not pulumi.runtime.is_dry_run():
            notices.fail_at_the_end(self.objects, self.part, self._args.prior.last, self._args.prior.members)

    def _memory(self) -> Mapping[str, pulumi.Input[object]]:
        """The outputs that the next update needs of this one."""
        return memory.outputs(
            self._index(),
            Memory(
                quarantined=tuple(member.name for member in self.plan.members if not member.available),
                zone=self.dns.own_zone if self.dns is not None else "",
                dns_names=tuple(self.public_names),
            ),
            record_changes.to_text(self.plan.records),
        )

    def _index(self) -> Mapping[str, pulumi.Input[str]]:
        return kept_index.texts(self.part, self.objects, self._args.prior.last, self._args.prior.members)

    def _awaited(self) -> Collection[str]:
        """Objects beside those that take replicas over that a resource of this program waits for."""
        return ()

    def _watch(self) -> None:
        """Fail at the end where an object would leave before others have taken over."""
        takers.fail_on_unready_takers(self.plan.moves, self.objects)

    @property
    def role_arn(self) -> str:
        """The role that deploys; "" for the credentials of the user who runs the update."""
        return self._settings.role_arn

    @property
    def public_names(self) -> Sequence[str]:
        """The names that clients ask for, sorted."""
        return sorted({record.name for record in self.plan.records if record.routing is None})

    @property
    def _on_aws(self) -> "AwsResources":
        if self._aws is None:
            # Here and not above: the AWS packages take half a second to load, and not every federation is on AWS.
            from federation.components.aws.on_aws import AwsResources

            self._aws = AwsResources(self, self._settings, self._args.prior.state)
        return self._aws

    def _join_members(self) -> Mapping[str, Membership]:
        joined: dict[str, Membership] = {}
        for member in self._settings.members:
            cluster = self._cluster(member) if member.provider == "eks" else None
            if cluster is None or cluster.is_finished:
                joined[member.name] = self._join(member, cluster)
        return joined

    def _cluster(self, member: Member) -> "EksCluster | QuarantinedCluster":
        """The cluster of an ``eks`` member."""
        return self._on_aws.cluster(member) if member.available else self._on_aws.quarantined_cluster(member)

    def _join(self, member: Member, cluster: JoinedCluster | None) -> Membership:
        return Membership(
            names.infrastructure(member.name, "membership"),
            MembershipArgs(
                member=member,
                cluster=cluster,
                identity=cluster_identity.of_eks(self._settings, member) if member.provider == "eks" else "",
                identity_before=self._args.prior.state.identities.get(member.name, ""),
                adopt=self._settings.plan.adopt_resources == "Enabled",
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _place(self) -> Mapping[str, KubernetesObject]:
        registered: dict[str, KubernetesObject] = {}
        providers = {name: membership.provider for name, membership in self.memberships.items()}
        releasing = orphans.release_hook(self._kubeconfig)
        former = {member.name: member.former_names for member in self.plan.members if member.former_names}
        for name, objects in in_order(self.part, self._kept_objects).items():
            workload = FederatedWorkload(
                name,
                FederatedWorkloadArgs(
                    objects=objects,
                    providers=providers,
                    secrets=self._args.secrets,
                    registered=registered,
                    timeout_seconds=self._settings.timeout_seconds,
                    release=releasing,
                    kept=self._kept_objects.get(name, ()),
                    takers=self._takers,
                    former_names=former,
                ),
                pulumi.ResourceOptions(parent=self),
            )
            registered.update(workload.objects)
        return registered

    async def _kubeconfig(self, member: str) -> str:
        """The kubeconfig to reach a member's orphans by.

        It is the present one, or the last update's where the member has left or has moved to another cluster: the
        orphans are in the old cluster. A resource that goes as its member is renamed has the former name.
        """
        member = self._renames.member(member)
        if member in self.memberships and not self.memberships[member].moved:
            return await self.memberships[member].kubeconfig.future() or ""
        return self._kubeconfigs_before.get(member, "")

    def _publish(self) -> "FederatedDns | None":
        if self._settings.dns.provider != "route53" or not self._settings.zone:
            return None
        # An existing zone stays even without records: a new zone of this name would have other name servers.
        if not self.plan.records and self._args.prior.observed.zone_before != self._settings.zone:
            return None
        return self._on_aws.names_of(self.plan, self.objects, self._takers, self._hostnames())

    def _hostnames(self) -> Hostnames | None:
        """Find load balancers that this program does not register; ``None`` where it registers all objects."""
        return None


def kept_objects(plan: Plan) -> Mapping[str, list[IndexEntry]]:
    """By document, the objects that stay as they are: all objects of quarantined members, and those of paused types.

    Raises ``QuarantineUnknownError`` when the objects of a quarantined member are unknown.
    """
    by_document: dict[str, list[IndexEntry]] = {}
    for member in plan.members:
        if not member.available and member.index is None:
            msg = (
                f"{member.name} is quarantined (available: false), and the plan was made without its existing objects, "
                "so all of them would be deleted; plan with the result of "
                "federation.components.last_update.to_observed"
            )
            raise QuarantineUnknownError(msg)
        staying = member.paused if member.available else member.index or ()
        for entry in staying:
            by_document.setdefault(entry.document, []).append(entry)
    return by_document


def in_order(plan: Plan, kept: Mapping[str, Sequence[IndexEntry]]) -> Mapping[str, list[PlannedObject]]:
    """The plan's objects by document, in the order of registration.

    Each document comes after those that it depends on in any member, and each object of a document after those that it
    waits for. A document with ``kept`` objects only has none here; a kept object waits for its namespace alone.
    """
    objects = {each.logical_name: each for member in plan.members for each in member.objects}
    documents: dict[str, list[PlannedObject]] = {}
    behind: dict[str, set[str]] = {}
    for each in objects.values():
        name = names.document(each)
        documents.setdefault(name, []).append(each)
        needed = {names.document(objects[dependency]) for dependency in each.depends_on}
        behind.setdefault(name, set()).update(needed - {name})
    for name, entries in kept.items():
        documents.setdefault(name, [])
        around = {f"Namespace/{entry.namespace}" for entry in entries if entry.namespace}
        behind.setdefault(name, set()).update(around & (kept.keys() | documents.keys()))
    sorter = TopologicalSorter({name: sorted(behind[name]) for name in sorted(behind)})
    return {name: make_before_break.in_turn(documents[name]) for name in sorter.static_order()}
