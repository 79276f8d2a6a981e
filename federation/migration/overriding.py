"""Turn the rules of Karmada's override policies into the ``overrides`` of a federated document.

Karmada applies rules in one order in each cluster. A document's overrides apply in list order, name a member once and a
path once. So there is one entry for all members, then one for each selector, then one for each member that rules name.
A member's entry has the rules' own operations if these give the same result, and otherwise the remaining difference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from federation.api.model.federated import Tree
from federation.errors.fault import Fault
from federation.errors.source import PathKey
from federation.migration import affinities, differences
from federation.migration.affinities import Aim, NamedCluster
from federation.migration.given import Given, listed, mapping
from federation.migration.overriders import Patching
from federation.migration.policies import spec

__all__ = ["overrides"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    policy: Given
    at: PathKey
    aim: Aim
    overriders: Tree


def overrides(
    policies: Iterable[Given], base: Tree, kind: str, known: Sequence[NamedCluster], lost: list[Fault]
) -> list[Tree]:
    """The overrides of an object of ``kind``, whose tree is ``base``, under ``policies`` in their order."""
    rules = [rule for policy in policies for rule in _rules(policy, known, lost)]
    if not rules:
        return []
    entries: list[Tree] = []
    everywhere = _Outcome.of([rule for rule in rules if rule.aim.is_everywhere], base, kind, lost)
    if everywhere.operations:
        entries.append({"clusterSelector": {}, "clusterOverrides": everywhere.settled(base)})
    for rule in rules:
        if rule.aim.names is None and rule.aim.selector:
            own = _Outcome.of([rule], everywhere.tree, kind, lost)
            if own.operations:
                settled = own.settled(everywhere.tree)
                entries.append({"clusterSelector": rule.aim.selector, "clusterOverrides": settled})
    for name in dict.fromkeys(name for rule in rules for name in rule.aim.names or ()):
        mine = [rule for rule in rules if rule.aim.is_everywhere or name in (rule.aim.names or ())]
        silent: list[Fault] = []
        whole = _Outcome.of(mine, base, kind, silent)
        own = _Outcome.of([rule for rule in mine if not rule.aim.is_everywhere], everywhere.tree, kind, lost)
        is_same = own.tree == whole.tree
        settled = own.settled(everywhere.tree) if is_same else list(differences.operations(everywhere.tree, whole.tree))
        if settled:
            entries.append({"clusterName": name, "clusterOverrides": settled})
    return entries


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What some rules make of a tree, and by which operations."""

    tree: Tree
    operations: Sequence[dict[str, Any]]

    @classmethod
    def of(cls, rules: Iterable[_Rule], tree: Tree, kind: str, lost: list[Fault]) -> "_Outcome":
        done: list[dict[str, Any]] = []
        for rule in rules:
            patching = Patching(tree=tree, kind=kind, policy=rule.policy, lost=lost)
            patching.apply(rule.overriders, rule.at)
            tree, done = patching.tree, [*done, *patching.operations]
        return cls(tree=tree, operations=done)

    def settled(self, before: Tree) -> list[dict[str, Any]]:
        """The operations as they are, or, when a path stands among them twice, what they come to."""
        paths = [operation["path"] for operation in self.operations]
        if len(set(paths)) == len(paths):
            return list(self.operations)
        return list(differences.operations(before, self.tree))


def _rules(policy: Given, known: Sequence[NamedCluster], lost: list[Fault]) -> list[_Rule]:
    found = spec(policy)
    written = listed(found.get("overrideRules"))
    if not written and found.get("overriders"):
        target = affinities.aim(found.get("targetCluster"), known, policy, ("spec", "targetCluster"), lost)
        return [_Rule(policy=policy, at=("spec", "overriders"), aim=target, overriders=mapping(found["overriders"]))]
    rules = []
    for index, each in enumerate(written):
        at: PathKey = ("spec", "overrideRules", index)
        rule = mapping(each)
        target = affinities.aim(rule.get("targetCluster"), known, policy, (*at, "targetCluster"), lost)
        overriders = mapping(rule.get("overriders"))
        rules.append(_Rule(policy=policy, at=(*at, "overriders"), aim=target, overriders=overriders))
    return rules
