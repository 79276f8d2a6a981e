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
from federation.migration.affinities import MemberSelection, NamedCluster
from federation.migration.overriders import Patching
from federation.migration.policies import spec
from federation.migration.source_objects import SourceObject, mapping, object_list

__all__ = ["overrides"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    policy: SourceObject
    at: PathKey
    selection: MemberSelection
    overriders: Tree


def overrides(
    policies: Iterable[SourceObject], base: Tree, kind: str, clusters: Sequence[NamedCluster], lost: list[Fault]
) -> list[Tree]:
    """The overrides of an object of ``kind`` with the tree ``base``, for ``policies`` in their order."""
    rules = [rule for policy in policies for rule in _rules(policy, clusters, lost)]
    if not rules:
        return []
    entries: list[Tree] = []
    for_all = _Outcome.applying([rule for rule in rules if rule.selection.selects_all], base, kind, lost)
    if for_all.operations:
        entries.append({"clusterSelector": {}, "clusterOverrides": for_all.unique_operations(base)})
    for rule in rules:
        if rule.selection.names is None and rule.selection.selector:
            remaining = _Outcome.applying([rule], for_all.tree, kind, lost)
            if remaining.operations:
                computed = remaining.unique_operations(for_all.tree)
                entries.append({"clusterSelector": rule.selection.selector, "clusterOverrides": computed})
    for name in dict.fromkeys(name for rule in rules for name in rule.selection.names or ()):
        applicable = [rule for rule in rules if rule.selection.selects_all or name in (rule.selection.names or ())]
        ignored: list[Fault] = []
        whole = _Outcome.applying(applicable, base, kind, ignored)
        specific = [rule for rule in applicable if not rule.selection.selects_all]
        remaining = _Outcome.applying(specific, for_all.tree, kind, lost)
        computed = remaining.unique_operations(for_all.tree)
        if remaining.tree != whole.tree:
            computed = list(differences.operations(for_all.tree, whole.tree))
        if computed:
            entries.append({"clusterName": name, "clusterOverrides": computed})
    return entries


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """The tree that some rules produce, and the operations that they use."""

    tree: Tree
    operations: Sequence[dict[str, Any]]

    @classmethod
    def applying(cls, rules: Iterable[_Rule], tree: Tree, kind: str, lost: list[Fault]) -> "_Outcome":
        done: list[dict[str, Any]] = []
        for rule in rules:
            patching = Patching(tree=tree, kind=kind, policy=rule.policy, lost=lost)
            patching.apply(rule.overriders, rule.at)
            tree, done = patching.tree, [*done, *patching.operations]
        return cls(tree=tree, operations=done)

    def unique_operations(self, before: Tree) -> list[dict[str, Any]]:
        """The operations unchanged, or, when they name a path twice, the difference between the two trees."""
        paths = [operation["path"] for operation in self.operations]
        if len(set(paths)) == len(paths):
            return list(self.operations)
        return list(differences.operations(before, self.tree))


def _rules(policy: SourceObject, clusters: Sequence[NamedCluster], lost: list[Fault]) -> list[_Rule]:
    fields = spec(policy)
    written = object_list(fields.get("overrideRules"))
    if not written and fields.get("overriders"):
        target = affinities.select_members(
            fields.get("targetCluster"), clusters, policy, ("spec", "targetCluster"), lost
        )
        return [
            _Rule(policy=policy, at=("spec", "overriders"), selection=target, overriders=mapping(fields["overriders"]))
        ]
    rules = []
    for index, each in enumerate(written):
        at: PathKey = ("spec", "overrideRules", index)
        rule = mapping(each)
        target = affinities.select_members(rule.get("targetCluster"), clusters, policy, (*at, "targetCluster"), lost)
        overriders = mapping(rule.get("overriders"))
        rules.append(_Rule(policy=policy, at=(*at, "overriders"), selection=target, overriders=overriders))
    return rules
