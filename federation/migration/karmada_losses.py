"""Report the fields of Karmada's objects that have no counterpart here."""

from collections.abc import Mapping
from typing import Final

from federation.errors.fault import Fault
from federation.migration.policies import spec
from federation.migration.source_objects import SourceObject, mapping

__all__ = ["lost_of_policy", "lost_of_resource"]

CARRIED_OVER: Final = frozenset(
    {
        "association",
        "overrideRules",
        "overriders",
        "placement",
        "preemption",
        "preserveResourcesOnDeletion",
        "priority",
        "propagateDeps",
        "resourceSelectors",
        "targetCluster",
    }
)
OF_POLICY: Final[Mapping[str, tuple[str, str]]] = {
    "activationPreference": ("a change of placement takes effect with the next update, not with the next change", ""),
    "dependentOverrides": ("updates do not wait for overrides: all documents are read at once", ""),
    "failover": (
        "replicas do not move when an application fails",
        "mark a lost member with available: false, or let DNS health checks lead users elsewhere",
    ),
    "schedulePriority": ("updates have no order by priority", "give members waves"),
    "schedulerName": ("there is one planner", "choose spec.strategy of the ReplicaSchedulingPreference"),
    "suspension": (
        "propagation cannot be suspended: the objects are planned",
        "leave the documents out, or quarantine members",
    ),
}
OF_PLACEMENT: Final[Mapping[str, tuple[str, str]]] = {
    "clusterAffinities": ("only the first group is used; the others were for when it is full or lost", "name them all"),
    "clusterTolerations": ("members have no taints", "place by clusterSelector"),
    "spreadConstraints": (
        "spread constraints are not used: all members that the affinity allows are selected",
        "name the members, and check with fed plan",
    ),
}
REMEDIES: Final[Mapping[str, str]] = {
    "CronFederatedHPA": "write a CronJob, or change totalReplicas by schedule",
    "FederatedHPA": "write a FederatedHorizontalPodAutoscaler",
    "FederatedResourceQuota": "write a FederatedResourceQuota (types.kubefed.io) with what each member may use",
    "MultiClusterIngress": "write a FederatedIngress and a ServiceDNSRecord",
    "MultiClusterService": "write a FederatedService and a ServiceDNSRecord",
    "ServiceExport": "write a ServiceDNSRecord: members reach the Service by its DNS name",
    "ServiceImport": "write a ServiceDNSRecord: members reach the Service by its DNS name",
}


def lost_of_policy(policy: SourceObject, *, mixed: bool) -> list[Fault]:
    """Warnings for the fields of a policy that are lost. ``mixed``: some policies take over existing objects."""
    fields = spec(policy)
    lost = []
    for key, value in sorted(fields.items()):
        if key in CARRIED_OVER or not value or (key == "schedulerName" and value == "default-scheduler"):
            continue
        if key == "conflictResolution":
            continue
        message, remedy = OF_POLICY.get(key, ("this is not known here", "write its effect by hand"))
        lost.append(policy.warning(("spec", key), message, remedy))
    placement = mapping(fields.get("placement"))
    for key, value in sorted(placement.items()):
        if value and key not in ("clusterAffinity", "replicaScheduling"):
            message, remedy = OF_PLACEMENT.get(key, ("this is not known here", "write its effect by hand"))
            lost.append(policy.warning(("spec", "placement", key), message, remedy))
    if mixed and policy.kind.endswith("PropagationPolicy") and fields.get("conflictResolution") != "Overwrite":
        message = "existing objects of a member are taken over, as another policy requires"
        lost.append(policy.warning(("spec",), message, "set plan.adoptResources: Disabled to take over none"))
    return lost


def lost_of_resource(resource: SourceObject) -> list[Fault]:
    """Warnings for an object of Karmada's that is not a policy."""
    if resource.kind == "Cluster":
        taints = mapping(resource.tree.get("spec")).get("taints")
        message = f"the connection of {resource} is in a kubeconfig here, under the context of its name"
        lost = [resource.warning(("spec",), message, "see the members that the import prints")]
        if taints:
            lost.append(
                resource.warning(("spec", "taints"), "members have no taints", "set available: false to quarantine one")
            )
        return lost
    if resource.group == "work.karmada.io":
        return [resource.warning((), f"{resource} is written by Karmada's controllers; it is left out")]
    remedy = REMEDIES.get(resource.kind, "write its effect by hand")
    return [resource.warning((), f"{resource} has no counterpart here; it is left out", remedy)]
