"""Find what must exist before an object, and which plain objects are propagated with a workload.

An object waits for its Namespace, a custom object for its definition, and a workload for the objects that its pods
name. Without its ConfigMap a container does not start, and waiting for the rollout would end in a timeout that does not
name the cause. An object waits only for what this plan puts into the same member; all else is taken to exist.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from federation.api.model.federated import PlainObject
from federation.plan.model import names
from federation.plan.model.findings import Findings
from federation.plan.model.trees import mapping
from federation.plan.objects import manifests
from federation.plan.objects.placed_objects import PlacedDocument, PlacedObject

__all__ = ["Surroundings", "propagated", "rank", "surroundings"]

# Objects can be applied in this order: none waits for a kind further down. Kinds not listed come last.
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
    """The position of ``kind`` in the order of application."""
    return _RANKS.get(kind, len(_RANKS))


@dataclass(slots=True)
class Surroundings:
    """What others may wait for in one member: logical names by kind, namespace and name, and definitions by type."""

    needed: dict[_Key, str] = field(default_factory=dict)
    definitions: dict[tuple[str, str], str] = field(default_factory=dict)

    def depends_on(self, placed: PlacedObject) -> tuple[str, ...]:
        """The logical names that ``placed`` waits for, sorted."""
        found = []
        if placed.namespace:
            found.append(self.needed.get(("Namespace", "", placed.namespace)))
        found += [self.needed.get((kind, placed.namespace, name)) for kind, name in placed.rendered.references]
        if self.definitions:
            group = placed.rendered.api_version.rpartition("/")[0]
            found.append(self.definitions.get((group, placed.kind)))
        return tuple(sorted({name for name in found if name}))


def surroundings(placed_objects: Iterable[PlacedObject]) -> dict[str, Surroundings]:
    """The objects that others may wait for, by member."""
    members: dict[str, Surroundings] = {}
    for placed in placed_objects:
        around = members.setdefault(placed.member, Surroundings())
        if placed.kind in _NEEDED:
            around.needed[placed.key] = placed.logical_name
        elif placed.kind == "CustomResourceDefinition":
            around.definitions[_defined(placed)] = placed.logical_name
    return members


def _defined(placed: PlacedObject) -> tuple[str, str]:
    spec = mapping(placed.rendered.manifest.get("spec"))
    return (str(spec.get("group")), str(mapping(spec.get("names")).get("kind")))


def propagated(plain: Sequence[PlainObject], taken: Sequence[PlacedDocument], findings: Findings) -> list[PlacedObject]:
    """Place plain objects in the members whose pods name them, for workloads with ``propagateDependencies``.

    A federated document of the same kind, namespace and name replaces the plain object. An unused plain object is a
    warning.
    """
    if not plain:
        return []
    federated = {placed.key for _, placed_objects in taken for placed in placed_objects}
    found: dict[_Key, dict[str, str]] = {}
    for assignment, placed_objects in taken:
        document = assignment.document
        if not document.propagate_dependencies:
            continue
        note = (
            f"follows {document.target.kind} {document.key} ({document.source.place('spec', 'propagateDependencies')})"
        )
        for placed in placed_objects:
            for kind, name in placed.rendered.references:
                found.setdefault((kind, placed.namespace, name), {}).setdefault(placed.member, note)
    propagated_objects = []
    for item in plain:
        key = (item.kind, item.namespace, item.name)
        goes_to = found.get(key, {})
        if key in federated or not goes_to:
            _report_unused(item, findings, federated=key in federated)
            continue
        rendered = manifests.of_plain_object(item)
        propagated_objects += [_propagated(item, rendered, member, note) for member, note in sorted(goes_to.items())]
    return propagated_objects


def _propagated(document: PlainObject, rendered: manifests.Rendered, member: str, note: str) -> PlacedObject:
    return PlacedObject(
        member=member,
        logical_name=names.object_name(member, rendered.document),
        kind=document.kind,
        namespace=document.namespace,
        name=document.name,
        rendered=rendered,
        source=document.source,
        reasons=(note,),
    )


def _report_unused(document: PlainObject, findings: Findings, *, federated: bool) -> None:
    if federated:
        message = f"Federated{document.kind} {document.namespace}/{document.name} stands in place of this plain object"
        findings.warning(document.source, (), message, "remove one of the two")
        return
    message = f"{document.kind} {document.name} stands among the documents, but nothing federates it"
    remedy = (
        f"write it as Federated{document.kind}, or set propagateDependencies: true on a workload whose pods name it"
    )
    findings.warning(document.source, (), message, remedy)
