"""Find the policies of Karmada that apply to an object.

One propagation policy applies: a namespace's own before the cluster-wide ones, then the highest priority, then the more
exact match (name, labels, kind), then the first name of the alphabet. All matching override policies apply:
cluster-wide ones first, the less exact match first, then by name, so that the most exact one takes effect last.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.migration import affinities
from federation.migration.given import Given, listed, mapping
from federation.plan.model import selectors

__all__ = ["CLUSTER_WIDE", "GROUP", "OVERRIDES", "PROPAGATES", "governing", "overriding", "spec"]

GROUP: Final = "policy.karmada.io"
PROPAGATES: Final = ("PropagationPolicy", "ClusterPropagationPolicy")
OVERRIDES: Final = ("OverridePolicy", "ClusterOverridePolicy")
CLUSTER_WIDE: Final = (PROPAGATES[1], OVERRIDES[1])
NO_MATCH: Final = 0


def spec(policy: Given) -> Tree:
    """A policy's spec."""
    return mapping(policy.tree.get("spec"))


def governing(policies: Iterable[Given], thing: Given) -> Given | None:
    """The propagation policy that takes ``thing``; ``None`` when it goes nowhere."""
    found = [
        (policy.kind in CLUSTER_WIDE, -_priority(policy), -exactness, policy.name, index, policy)
        for index, policy in enumerate(policies)
        if policy.kind in PROPAGATES and (exactness := _exactness(policy, thing)) != NO_MATCH
    ]
    return min(found)[-1] if found else None


def overriding(policies: Iterable[Given], thing: Given) -> list[Given]:
    """The override policies that hold for ``thing``, in the order in which Karmada applies them."""
    found = [
        (policy.kind not in CLUSTER_WIDE, exactness, policy.name, index, policy)
        for index, policy in enumerate(policies)
        if policy.kind in OVERRIDES and (exactness := _exactness(policy, thing)) != NO_MATCH
    ]
    return [entry[-1] for entry in sorted(found)]


def _priority(policy: Given) -> int:
    given = spec(policy).get("priority")
    return given if isinstance(given, int) else 0


def _exactness(policy: Given, thing: Given) -> int:
    """3: named; 2: by labels; 1: by its kind; 0: not at all."""
    if policy.kind not in CLUSTER_WIDE and policy.namespace != thing.namespace:
        return NO_MATCH
    chosen: Sequence[Any] = listed(spec(policy).get("resourceSelectors"))
    if not chosen:
        return 1 if policy.kind in OVERRIDES else NO_MATCH
    return max(_matched(mapping(each), thing) for each in chosen)


def _matched(chosen: Tree, thing: Given) -> int:
    if chosen.get("apiVersion") != thing.api_version or chosen.get("kind") != thing.kind:
        return NO_MATCH
    if chosen.get("namespace") and chosen["namespace"] != thing.namespace:
        return NO_MATCH
    if chosen.get("name"):
        return 3 if chosen["name"] == thing.name else NO_MATCH
    if chosen.get("labelSelector") is None:
        return 1
    return 2 if selectors.matches(affinities.selector(chosen["labelSelector"]), thing.labels) else NO_MATCH
