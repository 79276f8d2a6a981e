"""What must stand before an object, and which plain objects follow a workload?

An object waits for its Namespace, a custom object for its definition, a workload for what its pods name: without the
ConfigMap a container does not start, and waiting for the rollout would end in a timeout that says nothing of it.
Only what this plan puts into the same member can be waited for; the rest is taken to exist.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from federation.api.model.federated import PlainObject
from federation.plan.model import names
from federation.plan.model.findings import Findings
from federation.plan.model.trees import mapping
from federation.plan.objects import manifests
from federation.plan.objects.decisions import Decision
from federation.plan.objects.placed_objects import PlacedObject

__all__ = ["Surroundings", "followers", "rank", "surroundings"]

# In this order objects can be applied: nothing waits for what stands further down. Kinds of others come last.
_ORDER: Final = (
    "CustomResourceDefinition",
    "Namespace",
    "PriorityClass",
    "StorageClass",
    "PersistentVolume",
    "ResourceQuota",
    "LimitRange",
    "ClusterRole",
    "ServiceAccount",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "PersistentVolumeClaim",
    "NetworkPolicy",
    "Service",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Pod",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "Ingress",
)
_RANKS: Final[Mapping[str, int]] = {kind: place for place, kind in enumerate(_ORDER)}
_NEEDED: Final = frozenset({"Namespace", "ServiceAccount", "ConfigMap", "Secret", "PersistentVolumeClaim"})
_Key = tuple[str, str, str]


def rank(kind: str) -> int:
    """Where objects of ``kind`` stand in the order of application."""
    return _RANKS.get(kind, len(_RANKS))


@dataclass(slots=True)
class Surroundings:
    """What others may wait for in one member: logical names by kind, namespace and name, and definitions by type."""

    needed: dict[_Key, str] = field(default_factory=dict)
    definitions: dict[tuple[str, str], str] = field(default_factory=dict)

    def depends_on(self, draft: PlacedObject) -> tuple[str, ...]:
        """The logical names that ``draft`` waits for, sorted."""
        found = []
        if draft.namespace:
            found.append(self.needed.get(("Namespace", "", draft.namespace)))
        found += [self.needed.get((kind, draft.namespace, name)) for kind, name in draft.rendered.references]
        if self.definitions:
            group = draft.rendered.api_version.rpartition("/")[0]
            found.append(self.definitions.get((group, draft.kind)))
        return tuple(sorted({name for name in found if name}))


def surroundings(drafts: Iterable[PlacedObject]) -> dict[str, Surroundings]:
    """By member, what its objects may wait for."""
    members: dict[str, Surroundings] = {}
    for draft in drafts:
        around = members.setdefault(draft.member, Surroundings())
        if draft.kind in _NEEDED:
            around.needed[draft.key] = draft.logical_name
        elif draft.kind == "CustomResourceDefinition":
            around.definitions[_defined(draft)] = draft.logical_name
    return members


def _defined(draft: PlacedObject) -> tuple[str, str]:
    spec = mapping(draft.rendered.manifest.get("spec"))
    return (str(spec.get("group")), str(mapping(spec.get("names")).get("kind")))


def followers(
    plain: Sequence[PlainObject], taken: Sequence[tuple[Decision, Sequence[PlacedObject]]], findings: Findings
) -> list[PlacedObject]:
    """The drafts of plain objects that pods of workloads with ``propagateDependencies`` name, where those go.

    A federated document of the same kind, namespace and name stands in their place. A plain object that nothing takes
    is a warning.
    """
    if not plain:
        return []
    federated = {draft.key for _, drafts in taken for draft in drafts}
    found: dict[_Key, dict[str, str]] = {}
    for decision, drafts in taken:
        document = decision.document
        if not document.propagate_dependencies:
            continue
        note = (
            f"follows {document.target.kind} {document.key} ({document.source.place('spec', 'propagateDependencies')})"
        )
        for draft in drafts:
            for kind, name in draft.rendered.references:
                found.setdefault((kind, draft.namespace, name), {}).setdefault(draft.member, note)
    drafts_made = []
    for thing in plain:
        key = (thing.kind, thing.namespace, thing.name)
        goes_to = found.get(key, {})
        if key in federated or not goes_to:
            _report_unused(thing, findings, federated=key in federated)
            continue
        rendered = manifests.of_plain_object(thing)
        drafts_made += [_follower(thing, rendered, member, note) for member, note in sorted(goes_to.items())]
    return drafts_made


def _follower(thing: PlainObject, rendered: manifests.Rendered, member: str, note: str) -> PlacedObject:
    return PlacedObject(
        member=member,
        logical_name=names.object_name(member, thing.api_version, thing.kind, thing.namespace, thing.name),
        kind=thing.kind,
        namespace=thing.namespace,
        name=thing.name,
        rendered=rendered,
        source=thing.source,
        reasons=(note,),
    )


def _report_unused(thing: PlainObject, findings: Findings, *, federated: bool) -> None:
    if federated:
        message = f"Federated{thing.kind} {thing.namespace}/{thing.name} stands in place of this plain object"
        findings.warning(thing.source, (), message, "remove one of the two")
        return
    message = f"{thing.kind} {thing.name} stands among the documents, but nothing federates it"
    remedy = f"write it as Federated{thing.kind}, or set propagateDependencies: true on a workload whose pods name it"
    findings.warning(thing.source, (), message, remedy)
