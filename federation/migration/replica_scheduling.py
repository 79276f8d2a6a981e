"""Turn Karmada's ``replicaScheduling`` into a ``ReplicaSchedulingPreference``.

Static weights are nearly the same: both systems divide by weight, and round differently. The other divisions depend on
the free capacity of the clusters at that moment, which a plan cannot know. They become equal weights, with a warning.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.errors.fault import Fault
from federation.errors.source import PathKey
from federation.migration import affinities
from federation.migration.affinities import MemberSelection, NamedCluster
from federation.migration.policies import spec
from federation.migration.source_objects import SourceObject, mapping, object_list

__all__ = ["preference"]

AT: Final[PathKey] = ("spec", "placement", "replicaScheduling")
COUNTED: Final[Mapping[str, str]] = {
    "Deployment": "replicas",
    "Job": "parallelism",
    "ReplicaSet": "replicas",
    "StatefulSet": "replicas",
}


def preference(
    resource: SourceObject,
    policy: SourceObject,
    selection: MemberSelection,
    clusters: Sequence[NamedCluster],
    lost: list[Fault],
) -> dict[str, Any] | None:
    """The preference for ``resource`` under ``policy``; ``None`` if replicas are not divided or do not exist."""
    scheduling = mapping(mapping(spec(policy).get("placement")).get("replicaScheduling"))
    if (
        not scheduling
        or scheduling.get("replicaSchedulingType", "Divided") != "Divided"
        or resource.kind not in COUNTED
    ):
        return None
    weights = _weights(scheduling, policy, selection, clusters, lost)
    total = mapping(resource.tree.get("spec")).get(COUNTED[resource.kind], 1)
    total = total if isinstance(total, int) else 1
    if selection.names is None:
        narrowed = bool(selection.selector)
    else:
        narrowed = False
        message = f"{resource} gets 0 replicas in members outside of its placement"
        remedy = "label the chosen members, place by clusterSelector, and set intersectWithClusterSelector: true"
        lost.append(policy.warning((*AT[:-1], "clusterAffinity"), message, remedy))
    _check_rounding(total, weights, policy, resource, lost)
    return {
        "apiVersion": "scheduling.kubefed.io/v1alpha1",
        "kind": "ReplicaSchedulingPreference",
        "metadata": {"name": resource.name, "namespace": resource.namespace},
        "spec": {
            "targetKind": f"Federated{resource.kind}",
            "totalReplicas": total,
            "strategy": "monotone",
            **({"intersectWithClusterSelector": True} if narrowed else {}),
            "clusters": {name: {"weight": weight} for name, weight in weights.items()},
        },
    }


def _weights(
    scheduling: Tree,
    policy: SourceObject,
    selection: MemberSelection,
    clusters: Sequence[NamedCluster],
    lost: list[Fault],
) -> dict[str, int]:
    weight_preference = mapping(scheduling.get("weightPreference"))
    if scheduling.get("replicaDivisionPreference") == "Aggregated":
        message = "replicas are not packed into as few members as can hold them; they are divided equally"
        lost.append(policy.warning((*AT, "replicaDivisionPreference"), message, "write weights by hand"))
    elif weight_preference.get("dynamicWeight"):
        message = "weights do not follow what is free in the members; replicas are divided equally"
        remedy = "write weights by hand, or limit members by what was observed of them"
        lost.append(policy.warning((*AT, "weightPreference", "dynamicWeight"), message, remedy))
    elif weight_preference.get("staticWeightList"):
        weights = _static(object_list(weight_preference["staticWeightList"]), policy, selection, clusters, lost)
        if weights:
            return weights
    return dict.fromkeys(selection.names or ("*",), 1)


def _static(
    entries: Sequence[Any],
    policy: SourceObject,
    selection: MemberSelection,
    clusters: Sequence[NamedCluster],
    lost: list[Fault],
) -> dict[str, int]:
    weights: dict[str, int] = {}
    for index, each in enumerate(entries):
        at: PathKey = (*AT, "weightPreference", "staticWeightList", index)
        weight = mapping(each).get("weight")
        target = affinities.select_members(
            mapping(each).get("targetCluster"), clusters, policy, (*at, "targetCluster"), lost
        )
        if not isinstance(weight, int) or isinstance(weight, bool):
            lost.append(policy.warning((*at, "weight"), "a weight must be a number", "correct it, and import again"))
        elif target.selects_all:
            weights = {**dict.fromkeys(selection.names or ("*",), weight), **weights}
        elif target.names is None:
            remedy = "name the members, or give Karmada's Cluster objects to the import as well"
            message = "a weight by label selector is lost: preferences name members"
            lost.append(policy.warning((*at, "targetCluster", "labelSelector"), message, remedy))
        else:
            chosen = [name for name in target.names if selection.names is None or name in selection.names]
            weights |= {name: max(weight, weights.get(name, 0)) for name in chosen}
    return weights


def _check_rounding(
    total: int, weights: Mapping[str, int], policy: SourceObject, resource: SourceObject, lost: list[Fault]
) -> None:
    whole = sum(weights.values())
    if whole and "*" not in weights and any(total * weight % whole for weight in weights.values()):
        message = f"{total} replicas of {resource} do not divide evenly, and the remainder may go to other members"
        lost.append(policy.warning(AT, message, "fed plan shows the division; minReplicas and maxReplicas fix it"))
