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
from federation.migration.affinities import Aim, NamedCluster
from federation.migration.given import Given, listed, mapping
from federation.migration.policies import spec

__all__ = ["preference"]

AT: Final[PathKey] = ("spec", "placement", "replicaScheduling")
COUNTED: Final[Mapping[str, str]] = {
    "Deployment": "replicas",
    "Job": "parallelism",
    "ReplicaSet": "replicas",
    "StatefulSet": "replicas",
}


def preference(
    thing: Given, policy: Given, placed: Aim, known: Sequence[NamedCluster], lost: list[Fault]
) -> dict[str, Any] | None:
    """The preference for ``thing`` under ``policy``; ``None`` where every member gets all replicas, or has none."""
    scheduling = mapping(mapping(spec(policy).get("placement")).get("replicaScheduling"))
    if not scheduling or scheduling.get("replicaSchedulingType", "Divided") != "Divided" or thing.kind not in COUNTED:
        return None
    weights = _weights(scheduling, policy, placed, known, lost)
    total = mapping(thing.tree.get("spec")).get(COUNTED[thing.kind], 1)
    total = total if isinstance(total, int) else 1
    if placed.names is None:
        narrowed = bool(placed.selector)
    else:
        narrowed = False
        message = f"{thing} stands with 0 replicas in members that placement does not choose"
        remedy = "label the chosen members, place by clusterSelector, and set intersectWithClusterSelector: true"
        lost.append(policy.warning((*AT[:-1], "clusterAffinity"), message, remedy))
    _check_rounding(total, weights, policy, thing, lost)
    return {
        "apiVersion": "scheduling.kubefed.io/v1alpha1",
        "kind": "ReplicaSchedulingPreference",
        "metadata": {"name": thing.name, "namespace": thing.namespace},
        "spec": {
            "targetKind": f"Federated{thing.kind}",
            "totalReplicas": total,
            "strategy": "monotone",
            **({"intersectWithClusterSelector": True} if narrowed else {}),
            "clusters": {name: {"weight": weight} for name, weight in weights.items()},
        },
    }


def _weights(
    scheduling: Tree, policy: Given, placed: Aim, known: Sequence[NamedCluster], lost: list[Fault]
) -> dict[str, int]:
    preferred = mapping(scheduling.get("weightPreference"))
    if scheduling.get("replicaDivisionPreference") == "Aggregated":
        message = "replicas are not packed into as few members as can hold them; they are divided equally"
        lost.append(policy.warning((*AT, "replicaDivisionPreference"), message, "write weights by hand"))
    elif preferred.get("dynamicWeight"):
        message = "weights do not follow what is free in the members; replicas are divided equally"
        remedy = "write weights by hand, or limit members by what was observed of them"
        lost.append(policy.warning((*AT, "weightPreference", "dynamicWeight"), message, remedy))
    elif preferred.get("staticWeightList"):
        found = _static(listed(preferred["staticWeightList"]), policy, placed, known, lost)
        if found:
            return found
    return dict.fromkeys(placed.names or ("*",), 1)


def _static(
    entries: Sequence[Any], policy: Given, placed: Aim, known: Sequence[NamedCluster], lost: list[Fault]
) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, each in enumerate(entries):
        at: PathKey = (*AT, "weightPreference", "staticWeightList", index)
        weight = mapping(each).get("weight")
        target = affinities.aim(mapping(each).get("targetCluster"), known, policy, (*at, "targetCluster"), lost)
        if not isinstance(weight, int) or isinstance(weight, bool):
            lost.append(policy.warning((*at, "weight"), "a weight must be a number", "correct it, and import again"))
        elif target.is_everywhere:
            found = {**dict.fromkeys(placed.names or ("*",), weight), **found}
        elif target.names is None:
            remedy = "name the members, or give Karmada's Cluster objects to the import as well"
            message = "a weight by label selector is lost: preferences name members"
            lost.append(policy.warning((*at, "targetCluster", "labelSelector"), message, remedy))
        else:
            chosen = [name for name in target.names if placed.names is None or name in placed.names]
            found |= {name: max(weight, found.get(name, 0)) for name in chosen}
    return found


def _check_rounding(total: int, weights: Mapping[str, int], policy: Given, thing: Given, lost: list[Fault]) -> None:
    whole = sum(weights.values())
    if whole and "*" not in weights and any(total * weight % whole for weight in weights.values()):
        message = f"{total} replicas of {thing} do not divide evenly, and what is left over may go to other members"
        lost.append(policy.warning(AT, message, "fed plan shows the division; minReplicas and maxReplicas settle it"))
