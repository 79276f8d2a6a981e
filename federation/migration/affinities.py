"""Find the members that one of Karmada's cluster affinities selects.

Karmada reads its ``Cluster`` objects. If the import has them, exclusions and fields are resolved to names. Without them
a list of names, or a label selector, means the same here as in Karmada; everything else is lost, and reported.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from federation.api.model.federated import Requirement, Selector, Tree
from federation.errors.fault import Fault
from federation.errors.source import PathKey
from federation.migration.source_objects import SourceObject, mapping, object_list
from federation.plan.model import selectors

__all__ = ["MemberSelection", "NamedCluster", "clusters", "select_members", "selector"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCluster:
    """One of Karmada's clusters."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    region: str = ""
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSelection:
    """A selection of members: by ``names``, or else by ``selector`` (empty: all members)."""

    names: tuple[str, ...] | None = None
    selector: Tree = field(default_factory=dict)

    @property
    def selects_all(self) -> bool:
        """Whether all members are selected."""
        return self.names is None and not self.selector

    @property
    def placement(self) -> Tree:
        """The selection as the placement of a federated document."""
        if self.names is None:
            return {"clusterSelector": self.selector}
        return {"clusters": [{"name": name} for name in self.names]}


def clusters(resources: Iterable[SourceObject]) -> tuple[NamedCluster, ...]:
    """Karmada's clusters among ``resources``, sorted by name."""
    named = []
    for resource in resources:
        if resource.kind == "Cluster" and resource.group == "cluster.karmada.io":
            spec = mapping(resource.tree.get("spec"))
            zones = [str(zone) for zone in (*object_list(spec.get("zones")), spec.get("zone")) if zone]
            fields = {key: str(spec.get(key) or "") for key in ("provider", "region")}
            unique = tuple(sorted(set(zones)))
            named.append(NamedCluster(name=resource.name, labels=resource.labels, zones=unique, **fields))
    return tuple(sorted(named, key=lambda cluster: cluster.name))


def select_members(
    affinity: Any, clusters: Sequence[NamedCluster], policy: SourceObject, at: PathKey, lost: list[Fault]
) -> MemberSelection:
    """The members that ``affinity``, at the path ``at`` of ``policy``, selects; losses are added to ``lost``."""
    tree = mapping(affinity)
    names = [str(name) for name in object_list(tree.get("clusterNames"))]
    excluded = {str(name) for name in object_list(tree.get("exclude"))}
    labels, fields = (
        mapping(tree.get("labelSelector")),
        object_list(mapping(tree.get("fieldSelector")).get("matchExpressions")),
    )
    if clusters and (excluded or fields or (names and labels)):
        return MemberSelection(names=_matching_names(tree, clusters))
    if fields:
        remedy = "label the members with the values of the fields, and place by clusterSelector"
        lost.append(policy.warning((*at, "fieldSelector"), "members are not chosen by field here", remedy))
    if names:
        if labels:
            remedy = "name the members that match, or give the Cluster objects to the import as well"
            lost.append(policy.warning((*at, "labelSelector"), "it is not used with clusterNames", remedy))
        return MemberSelection(names=tuple(dict.fromkeys(name for name in names if name not in excluded)))
    if excluded:
        remedy = "give Karmada's Cluster objects to the import as well, or name the members that remain"
        lost.append(policy.warning((*at, "exclude"), "members are not excluded here", remedy))
    return MemberSelection(selector=_selector_tree(labels))


def _selector_tree(labels: Tree) -> Tree:
    return {key: labels[key] for key in ("matchExpressions", "matchLabels") if labels.get(key)}


def _matching_names(tree: Tree, clusters: Sequence[NamedCluster]) -> tuple[str, ...]:
    names, excluded = object_list(tree.get("clusterNames")), object_list(tree.get("exclude"))
    labels = selector(tree.get("labelSelector"))
    fields = object_list(mapping(tree.get("fieldSelector")).get("matchExpressions"))
    return tuple(
        cluster.name
        for cluster in clusters
        if (not names or cluster.name in names)
        and cluster.name not in excluded
        and selectors.matches(labels, cluster.labels)
        and all(_has_field(cluster, mapping(each)) for each in fields)
    )


def _has_field(cluster: NamedCluster, wanted: Tree) -> bool:
    fields = {"provider": (cluster.provider,), "region": (cluster.region,), "zone": cluster.zones}
    values = {str(value) for value in object_list(wanted.get("values"))}
    own = fields.get(str(wanted.get("key")), ())
    inside = any(value in values for value in own)
    return not inside if wanted.get("operator") == "NotIn" else inside


def selector(tree: Any) -> Selector:
    """A label selector; fields and operators that no selector has are ignored."""
    fields = mapping(tree)
    requirements = [mapping(each) for each in object_list(fields.get("matchExpressions"))]
    return Selector(
        match_labels={str(key): str(value) for key, value in mapping(fields.get("matchLabels")).items()},
        match_expressions=tuple(
            Requirement(
                key=str(each.get("key")),
                operator=each["operator"],
                values=tuple(str(value) for value in object_list(each.get("values"))),
            )
            for each in requirements
            if each.get("operator") in ("In", "NotIn", "Exists", "DoesNotExist")
        ),
    )
