"""One federated document in all members of its placement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes

from federation.components.kubernetes.objects import KubernetesObject, Secrets, register, register_unchanged
from federation.components.kubernetes.stack_traces import no_stack_traces
from federation.components.kubernetes.takers import Takers
from federation.plan.model import names
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import PlannedObject

__all__ = ["FederatedWorkload", "FederatedWorkloadArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedWorkloadArgs:
    """``objects`` of one document, one a member, each after those that it waits for; ``providers`` by member.

    ``registered`` are the objects of other documents, by logical name, that these may depend on. ``timeout_seconds``
    limits a rollout. ``release`` is the hook for orphans that go. ``kept`` are the objects of the document in
    quarantined members: they stay as they are. ``takers`` must be ready before replicas are given away.
    ``former_names`` are by member.
    """

    objects: Sequence[PlannedObject]
    providers: Mapping[str, pulumi_kubernetes.Provider]
    secrets: Secrets
    registered: Mapping[str, KubernetesObject] = field(default_factory=dict)
    timeout_seconds: int = 300
    release: pulumi.ResourceHook | None = None
    kept: Sequence[IndexEntry] = ()
    takers: Takers | None = None
    former_names: Mapping[str, Sequence[str]] = field(default_factory=dict)


class FederatedWorkload(pulumi.ComponentResource):
    """The objects of one document: ``objects`` by logical name."""

    objects: Mapping[str, KubernetesObject]

    def __init__(self, name: str, args: FederatedWorkloadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        with no_stack_traces():
            super().__init__("eks-federation:index:FederatedWorkload", name, None, opts)
        made: dict[str, KubernetesObject] = {}
        for planned in args.objects:
            before = [*(args.registered[each] for each in planned.depends_on), *(made[each] for each in planned.after)]
            options = self._options(args, planned.member, before)
            hook = args.takers.before_object(planned) if args.takers else None
            options.hooks = pulumi.ResourceHookBinding(before_update=[hook]) if hook else None
            former = args.former_names.get(planned.member, ())
            made[planned.logical_name] = register(planned, args.secrets, options, args.release, former)
        for entry in args.kept:
            options = self._options(args, entry.member, self._namespace(args, entry))
            former = args.former_names.get(entry.member, ())
            made[entry.logical_name] = register_unchanged(entry, options, args.release, former)
        # No outputs are registered: the engine would write the whole state once more for each document.
        self.objects = made

    def _options(
        self, args: FederatedWorkloadArgs, member: str, depends_on: Sequence[KubernetesObject]
    ) -> pulumi.ResourceOptions:
        limit = f"{args.timeout_seconds}s"
        return pulumi.ResourceOptions(
            parent=self,
            provider=args.providers[member],
            depends_on=list(depends_on),
            custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit, delete=limit),
        )

    def _namespace(self, args: FederatedWorkloadArgs, entry: IndexEntry) -> list[KubernetesObject]:
        """The kept object's namespace, which must not be deleted before it if both go later."""
        found = args.registered.get(
            names.object_name(entry.member, names.in_every_member("v1", "Namespace", "", entry.namespace))
        )
        return [found] if found is not None else []
