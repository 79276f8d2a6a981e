"""Find the policies of Karmada that apply to an object.

One propagation policy applies: a namespace's own before the cluster-wide ones, then the highest priority, then the more
exact match (name, labels, kind), then the first name of the alphabet. All matching override policies apply:
cluster-wide ones first, the less exact match first, then by name, so that the most exact one takes effect last.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.migration import affinities
from federation.migration.source_objects import SourceObject, mapping, object_list
from federation.plan.model import selectors

__all__ = ["CLUSTER_WIDE", "GROUP", "OVERRIDES", "PROPAGATES", "governing", "overriding", "spec"]

GROUP: Final = "policy.karmada.io"
PROPAGATES: Final = ("PropagationPolicy", "ClusterPropagationPolicy")
OVERRIDES: Final = ("OverridePolicy", "ClusterOverridePolicy")
CLUSTER_WIDE: Final = (PROPAGATES[1], OVERRIDES[1])
NO_MATCH: Final = 0


def spec(policy: SourceObject) -> Tree:
    """A policy's spec."""
    return mapping(policy.tree.get("spec"))


def governing(policies: Iterable[SourceObject], resource: SourceObject) -> SourceObject | None:
    """The propagation policy that selects ``resource``; ``None`` when none does."""
    matches = [
        (policy.kind in CLUSTER_WIDE, -_priority(policy), -exactness, policy.name, index, policy)
        for index, policy in enumerate(policies)
        if policy.kind in PROPAGATES and (exactness := _exactness(policy, resource)) != NO_MATCH
    ]
    return min(matches)[-1] if matches else None


def overriding(policies: Iterable[SourceObject], resource: SourceObject) -> list[SourceObject]:
    """The override policies that apply to ``resource``, in the order in which Karmada applies them."""
    matches = [
        (policy.kind not in CLUSTER_WIDE, exactness, policy.name, index, policy)
        for index, policy in enumerate(policies)
        if policy.kind in OVERRIDES and (exactness := _exactness(policy, resource)) != NO_MATCH
    ]
    return [entry[-1] for entry in sorted(matches)]


def _priority(policy: SourceObject) -> int:
    priority = spec(policy).get("priority")
    return priority if isinstance(priority, int) else 0


def _exactness(policy: SourceObject, resource: SourceObject) -> int:
    """How exactly a policy selects an object. 3: by name; 2: by labels; 1: by kind; 0: not at all."""
    if policy.kind not in CLUSTER_WIDE and policy.namespace != resource.namespace:
        return NO_MATCH
    wanted: Sequence[Any] = object_list(spec(policy).get("resourceSelectors"))
    if not wanted:
        return 1 if policy.kind in OVERRIDES else NO_MATCH
    return max(_matched(mapping(each), resource) for each in wanted)


def _matched(wanted: Tree, resource: SourceObject) -> int:
    if wanted.get("apiVersion") != resource.api_version or wanted.get("kind") != resource.kind:
        return NO_MATCH
    if wanted.get("namespace") and wanted["namespace"] != resource.namespace:
        return NO_MATCH
    if wanted.get("name"):
        return 3 if wanted["name"] == resource.name else NO_MATCH
    if wanted.get("labelSelector") is None:
        return 1
    return 2 if selectors.matches(affinities.selector(wanted["labelSelector"]), resource.labels) else NO_MATCH
