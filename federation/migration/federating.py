"""Turn objects into federated documents, as ``kubefedctl federate`` does.

Each is placed on all members (``clusterSelector: {matchLabels: {}}``). With ``contents`` a namespace's objects are
included, except those that belong to one cluster, and those that a controller creates in every member.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.api.model.types import KNOWN, REMOVED, group_of, plural, version_of
from federation.api.reading.validation import LAST_APPLIED
from federation.errors.fault import Fault, FaultsFoundError, raise_if_errors
from federation.migration import secrets, templates
from federation.migration.secrets import Keys, MovedSecret
from federation.migration.source_objects import SourceObject, mapping, object_list

__all__ = ["EVERYWHERE", "FederatedDocuments", "contents", "document", "federate", "namespace_document", "type_configs"]

API_VERSION: Final = "types.kubefed.io/v1beta1"
EVERYWHERE: Final[Tree] = {"clusterSelector": {"matchLabels": {}}}
NEVER: Final = frozenset(
    {
        ("", "Endpoints"),
        ("", "Event"),
        ("coordination.k8s.io", "Lease"),
        ("discovery.k8s.io", "EndpointSlice"),
        ("events.k8s.io", "Event"),
        ("metrics.k8s.io", "PodMetrics"),
    }
)
"""Types whose objects every cluster makes by itself; of the last four, kubefedctl omits only events."""

GIVEN_TO_EACH: Final = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}
TOKEN: Final = "kubernetes.io/service-account-token"  # noqa: S105 (the name of a type)


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedDocuments:
    """The documents, in the order in which they are written; warnings; and secrets to be set."""

    documents: tuple[Tree, ...]
    warnings: tuple[Fault, ...] = ()
    moved_secrets: tuple[MovedSecret, ...] = ()


def federate(
    resources: Sequence[SourceObject], *, namespace: str = "", with_secrets: bool = False
) -> FederatedDocuments:
    """The documents of ``resources``. ``namespace`` is used for objects that name none.

    Raises ``FaultsFoundError`` for objects that no document can represent.
    """
    definitions = _definitions(resources)
    included = [_in_namespace(resource, namespace, definitions) for resource in resources if not _is_ours(resource)]
    warnings = [
        resource.warning(("kind",), f"a {resource.kind} is a document of a federation already; it is left out")
        for resource in resources
        if _is_ours(resource)
    ]
    _refuse(included, definitions)
    moved_secrets: list[MovedSecret] = []
    keys = Keys.beside(included)
    documents = list(type_configs(included, definitions))
    for resource in sorted(included, key=_order):
        kept = resource
        if not with_secrets:
            tree, some, faults = secrets.by_reference(resource, keys)
            kept = replace(resource, tree=tree)
            moved_secrets += some
            warnings += faults
        warnings += _annotated(resource)
        documents.append(document(kept, EVERYWHERE))
    return FederatedDocuments(
        documents=tuple(documents), warnings=raise_if_errors(warnings), moved_secrets=tuple(moved_secrets)
    )


def document(
    resource: SourceObject,
    placement: Tree,
    *,
    overrides: Sequence[Tree] = (),
    more: Tree | None = None,
    keep: bool = False,
) -> dict[str, Any]:
    """One federated document. ``more`` has further fields of its spec; with ``keep`` the template keeps annotations."""
    metadata = {"name": resource.name}
    if resource.kind == "Namespace" and not resource.group:
        metadata["namespace"] = resource.name
    elif resource.namespace:
        metadata["namespace"] = resource.namespace
    spec: dict[str, Any] = {"placement": placement, **(more or {})}
    body = templates.template(resource, keep_annotations=keep)
    if body:
        spec["template"] = body
    if overrides:
        spec["overrides"] = list(overrides)
    return {"apiVersion": API_VERSION, "kind": f"Federated{resource.kind}", "metadata": metadata, "spec": spec}


def namespace_document(name: str, placement: Tree) -> dict[str, Any]:
    """The ``FederatedNamespace`` of a namespace that is known by its name only."""
    metadata = {"name": name, "namespace": name}
    spec = {"placement": placement}
    return {"apiVersion": API_VERSION, "kind": "FederatedNamespace", "metadata": metadata, "spec": spec}


def type_configs(resources: Iterable[SourceObject], definitions: Mapping[tuple[str, str], str]) -> list[Tree]:
    """A ``FederatedTypeConfig`` for each cluster-scoped custom type among ``resources``.

    Without one, a custom type counts as namespaced.
    """
    custom = {
        (resource.kind, resource.api_version)
        for resource in resources
        if resource.kind not in KNOWN
        and (not resource.namespace or definitions.get((resource.group, resource.kind)) == "Cluster")
    }
    return [_type_config(kind, api_version) for kind, api_version in sorted(custom)]


def _type_config(kind: str, api_version: str) -> Tree:
    group = group_of(api_version)
    target = {"group": group, "version": version_of(api_version), "kind": kind, "pluralName": plural(kind)}
    federated = {"group": group_of(API_VERSION), "version": "v1beta1", "kind": f"Federated{kind}"}
    return {
        "apiVersion": "core.kubefed.io/v1beta1",
        "kind": "FederatedTypeConfig",
        "metadata": {"name": f"{plural(kind)}.{group}"},
        "spec": {
            "targetType": {**target, "scope": "Cluster"},
            "federatedType": {**federated, "pluralName": f"federated{plural(kind)}", "scope": "Cluster"},
            "propagation": "Enabled",
        },
    }


def contents(
    resources: Iterable[SourceObject], skipped: Collection[str] = ()
) -> tuple[tuple[SourceObject, ...], tuple[Fault, ...]]:
    """The objects of a namespace that are federated with it, and a warning with the reason for the others.

    ``skipped`` names types by plural, ``plural.group`` or kind, as ``--skip-api-resources`` does.
    """
    kept: list[SourceObject] = []
    warnings: list[Fault] = []
    for resource in resources:
        why = _why_not(resource)
        if why:
            warnings.append(resource.warning((), f"{resource} is left out: {why}"))
        elif (
            not _is_ours(resource)
            and not _never(resource)
            and not is_skipped(resource.api_version, resource.kind, skipped)
        ):
            kept.append(resource)
    return tuple(kept), tuple(warnings)


def is_skipped(api_version: str, kind: str, skipped: Collection[str]) -> bool:
    """Whether ``--skip-api-resources`` names this type."""
    group, word = group_of(api_version), plural(kind)
    names = {kind.lower(), word, f"{word}.{group}", f"{kind.lower()}.{group}", f"{word}.{api_version}"}
    return not names.isdisjoint({name.lower() for name in skipped})


def _why_not(resource: SourceObject) -> str:
    owners = [mapping(owner) for owner in object_list(resource.metadata.get("ownerReferences"))]
    owner = next((owner for owner in owners if owner.get("controller") is True), None)
    if owner is not None:
        return f"{owner.get('kind')} {owner.get('name')} creates it, in every member"
    if not resource.group and (resource.kind, resource.name) in GIVEN_TO_EACH:
        return "every cluster has its own"
    if resource.kind == "Secret" and resource.tree.get("type") == TOKEN:
        return "the token of a service account is valid in one cluster only"
    return ""


def _never(resource: SourceObject) -> bool:
    return (resource.group, resource.kind) in NEVER or resource.group == "extensions"


def _is_ours(resource: SourceObject) -> bool:
    return resource.group.endswith("kubefed.io") or resource.kind in ("PropagatedVersion", "ClusterPropagatedVersion")


def _definitions(resources: Iterable[SourceObject]) -> Mapping[tuple[str, str], str]:
    """The scope of each custom type that ``resources`` define, by group and kind."""
    scopes = {}
    for resource in resources:
        if resource.kind == "CustomResourceDefinition":
            spec = mapping(resource.tree.get("spec"))
            scopes[str(spec.get("group")), str(mapping(spec.get("names")).get("kind"))] = str(spec.get("scope"))
    return scopes


def _in_namespace(resource: SourceObject, namespace: str, definitions: Mapping[tuple[str, str], str]) -> SourceObject:
    built_in = KNOWN.get(resource.kind)
    scope = definitions.get((resource.group, resource.kind), "Namespaced" if namespace else "Cluster")
    is_namespaced = built_in.namespaced if built_in else scope == "Namespaced"
    if resource.namespace or not is_namespaced:
        return resource if is_namespaced or built_in is None else replace(resource, namespace="")
    return replace(resource, namespace=namespace)


def _refuse(resources: Sequence[SourceObject], definitions: Mapping[tuple[str, str], str]) -> None:
    faults: list[Fault] = []
    first: dict[tuple[str, str, str], SourceObject] = {}
    for resource in resources:
        built_in = KNOWN.get(resource.kind)
        versions = {group_of(version) for version in REMOVED.get(built_in.api_version, ())} if built_in else set()
        if built_in is not None and resource.group != built_in.group and resource.group not in versions:
            message = f"Federated{resource.kind} is for {built_in.api_version} {resource.kind}, "
            message += f"not for {resource.api_version}"
            remedy = "write a FederatedTypeConfig and a document of a federated kind of another name by hand"
            faults.append(resource.source.fault(("kind",), message, remedy))
        needs = built_in.namespaced if built_in else definitions.get((resource.group, resource.kind)) == "Namespaced"
        if needs and not resource.namespace:
            remedy = "name its namespace with --namespace"
            faults.append(resource.source.fault(("metadata",), f"{resource} has no namespace", remedy))
        other = first.setdefault((resource.kind, resource.namespace, resource.name), resource)
        if other is not resource:
            message = f"{resource} occurs twice, first at {other.source.place('metadata', 'name')}"
            faults.append(resource.source.fault(("metadata", "name"), message, "keep one of the two"))
    if faults:
        raise FaultsFoundError(faults)


def _annotated(resource: SourceObject) -> list[Fault]:
    own = {key for key in mapping(resource.metadata.get("annotations")) if key != LAST_APPLIED}
    if not own:
        return []
    remedy = "set them by an override of /metadata/annotations, or write spec.templateAnnotations: keep"
    message = f"the annotations of {resource} are left out, as kubefedctl does ({', '.join(sorted(own))})"
    return [resource.warning(("metadata", "annotations"), message, remedy)]


def _order(resource: SourceObject) -> tuple[Any, ...]:
    is_namespace = resource.kind == "Namespace" and not resource.group
    around = resource.name if is_namespace else resource.namespace
    return (around, not is_namespace, resource.kind != "CustomResourceDefinition", resource.kind, resource.name)
