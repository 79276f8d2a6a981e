"""Join a cluster, made here or existing, through one Kubernetes provider.

KubeFed kept an account and a token in every member. Here nothing is kept: the kubeconfig of the deploying user is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import pulumi
import pulumi_kubernetes

from federation.api.model.members import Member
from federation.components import last_update
from federation.components.clusters import kubeconfig as kubeconfigs
from federation.components.kubernetes.former_names import aliases
from federation.plan.changes import cluster_identity
from federation.plan.model import names

__all__ = ["JoinedCluster", "Membership", "MembershipArgs"]

_QUARANTINED: Final = pulumi_kubernetes.KubeClientSettingsArgs(timeout=kubeconfigs.PATIENCE)
_KEPT: Final = (
    "clusterIdentifier",
    "enableConfigMapMutable",
    "enablePatchForce",
    "enableSecretMutable",
    "enableServerSideApply",
    "kubeconfig",
    "skipUpdateUnreachable",
    "upsertExistingObjects",
)
"""Settings of the provider of a quarantined EKS member that stay as the state has them."""


class JoinedCluster(Protocol):
    """A cluster that this project makes, in this stack or in another one. ``ready`` are resources to wait for."""

    kubeconfig: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    identifier: pulumi.Output[str]
    is_finished: bool

    @property
    def ready(self) -> Sequence[pulumi.Resource]:
        """What must be finished before the cluster is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipArgs:
    """``cluster`` and ``identity`` are set for ``eks`` members; others are found by the context that ``member`` names.
    ``identity_before`` is the identity in the state, "" where there is none."""

    member: Member
    cluster: JoinedCluster | None = None
    identity: str = ""
    identity_before: str = ""
    adopt: bool = True


class Membership(pulumi.ComponentResource):
    """A member that has joined: ``provider`` reaches it by ``kubeconfig`` (a secret, JSON).

    ``identity`` is that of the cluster which the provider leads to after this update, "" where it is unknown.
    ``moved`` is true when that is another cluster than before.
    """

    member: Member
    provider: pulumi_kubernetes.Provider
    kubeconfig: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    identity: pulumi.Output[str]
    moved: bool

    def __init__(self, name: str, args: MembershipArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        former = args.member.former_names
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=list(aliases(name, former))))
        super().__init__("eks-federation:index:Membership", name, None, opts)
        self.member = args.member
        now = args.identity
        identifier: pulumi.Output[str]
        if args.cluster is not None:
            self.kubeconfig, self.endpoint = args.cluster.kubeconfig, args.cluster.endpoint
            identifier = args.cluster.identifier
        else:
            single = kubeconfigs.single_context(args.member.context, args.member.kubeconfig)
            self.kubeconfig = pulumi.Output.secret(single)
            now = kubeconfigs.identifier(single)
            self.endpoint = pulumi.Output.from_input(now)
            identifier = self.endpoint
        self.provider = pulumi_kubernetes.Provider(
            called := names.infrastructure(args.member.name, "kubernetes"),
            kubeconfig=self.kubeconfig,
            # An edited or still unknown kubeconfig must never plan the replacement of everything in the member.
            cluster_identifier=identifier,
            enable_server_side_apply=True,
            # Otherwise a change of data replaces the object, and the name being explicit, deletes it first.
            enable_config_map_mutable=True,
            enable_secret_mutable=True,
            enable_patch_force=True,
            upsert_existing_objects=args.adopt,
            skip_update_unreachable=True,
            kube_client_settings=None if args.member.available else _QUARANTINED,
            opts=pulumi.ResourceOptions(
                parent=self,
                aliases=list(aliases(called, former)),
                depends_on=list(args.cluster.ready) if args.cluster else None,
                ignore_changes=list(_KEPT) if args.cluster and not args.member.available else None,
            ),
        )
        self.moved = cluster_identity.differ(args.identity_before, now)
        self.identity = pulumi.Output.from_input(self._next_identity(now, args.identity_before))
        outputs = {"endpoint": self.endpoint, "kubeconfig": self.kubeconfig, last_update.IDENTITY: self.identity}
        self.register_outputs(outputs)

    async def _next_identity(self, now: str, before: str) -> str:
        """The identity for the next update: a new one only when the provider exists. A quarantined member keeps its
        own.

        Where updates continue after an error, the engine leaves the id of a failed resource unknown. Elsewhere no
        identity is written, and the state keeps the old one.
        """
        if not self.member.available and before:
            return before
        return now if pulumi.runtime.is_dry_run() or await self.provider.id.is_known() else before
