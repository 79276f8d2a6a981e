"""One federated document in all members that it goes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes

from federation.components.objects import KubernetesObject, Secrets, register
from federation.plan.result import PlannedObject

__all__ = ["FederatedWorkload", "FederatedWorkloadArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedWorkloadArgs:
    """``objects`` of one document, one a member; ``providers`` and ``waves`` by member; ``registered`` are the objects
    of other documents, by logical name, that these may depend on. ``timeout_seconds`` bounds a rollout."""

    objects: Sequence[PlannedObject]
    providers: Mapping[str, pulumi_kubernetes.Provider]
    secrets: Secrets
    registered: Mapping[str, KubernetesObject] = field(default_factory=dict)
    waves: Mapping[str, int] = field(default_factory=dict)
    timeout_seconds: int = 300


class FederatedWorkload(pulumi.ComponentResource):
    """The objects of one document: ``objects`` by logical name."""

    objects: Mapping[str, KubernetesObject]

    def __init__(self, name: str, args: FederatedWorkloadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("eks-federation:index:FederatedWorkload", name, None, opts)
        made: dict[str, KubernetesObject] = {}
        by_wave: dict[int, list[KubernetesObject]] = {}
        limit = f"{args.timeout_seconds}s"
        for planned in sorted(args.objects, key=lambda each: (args.waves.get(each.member, 0), each.logical_name)):
            wave = args.waves.get(planned.member, 0)
            earlier = [each for number, group in by_wave.items() if number < wave for each in group]
            made[planned.logical_name] = register(
                planned,
                args.secrets,
                pulumi.ResourceOptions(
                    parent=self,
                    provider=args.providers[planned.member],
                    depends_on=[*(args.registered[each] for each in planned.depends_on), *earlier],
                    custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit, delete=limit),
                ),
            )
            by_wave.setdefault(wave, []).append(made[planned.logical_name])
        self.objects = made
        self.register_outputs({"objects": sorted(made)})
