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
from federation.migration.given import Given, listed, mapping
from federation.migration.secrets import Keys, Moved

__all__ = ["EVERYWHERE", "Made", "contents", "document", "federate", "namespace_document", "type_configs"]

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
"""What every cluster makes by itself; kubefedctl copies the last four but for events."""

GIVEN_TO_EACH: Final = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}
TOKEN: Final = "kubernetes.io/service-account-token"  # noqa: S105 (the name of a type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The documents, in the order in which they are written; what is to be said; and secrets to be set."""

    documents: tuple[Tree, ...]
    notes: tuple[Fault, ...] = ()
    moved: tuple[Moved, ...] = ()


def federate(things: Sequence[Given], *, namespace: str = "", with_secrets: bool = False) -> Made:
    """The documents of ``things``. ``namespace`` is that of objects that name none.

    Raises ``FaultsFoundError`` for objects that no document can stand for.
    """
    definitions = _definitions(things)
    taken = [_in_namespace(thing, namespace, definitions) for thing in things if not _is_ours(thing)]
    notes = [
        thing.warning(("kind",), f"a {thing.kind} is a document of a federation already; it is left out")
        for thing in things
        if _is_ours(thing)
    ]
    _refuse(taken, definitions)
    moved: list[Moved] = []
    keys = Keys.beside(taken)
    documents = list(type_configs(taken, definitions))
    for thing in sorted(taken, key=_order):
        kept = thing
        if not with_secrets:
            tree, some, faults = secrets.by_reference(thing, keys)
            kept = replace(thing, tree=tree)
            moved += some
            notes += faults
        notes += _annotated(thing)
        documents.append(document(kept, EVERYWHERE))
    return Made(documents=tuple(documents), notes=raise_if_errors(notes), moved=tuple(moved))


def document(
    given: Given, placement: Tree, *, overrides: Sequence[Tree] = (), more: Tree | None = None, keep: bool = False
) -> dict[str, Any]:
    """One federated document. ``more`` are further fields of its spec; ``keep``: the template keeps its annotations."""
    metadata = {"name": given.name}
    if given.kind == "Namespace" and not given.group:
        metadata["namespace"] = given.name
    elif given.namespace:
        metadata["namespace"] = given.namespace
    spec: dict[str, Any] = {"placement": placement, **(more or {})}
    body = templates.template(given, keep_annotations=keep)
    if body:
        spec["template"] = body
    if overrides:
        spec["overrides"] = list(overrides)
    return {"apiVersion": API_VERSION, "kind": f"Federated{given.kind}", "metadata": metadata, "spec": spec}


def namespace_document(name: str, placement: Tree) -> dict[str, Any]:
    """The ``FederatedNamespace`` of a namespace of which nothing but the name is known."""
    metadata = {"name": name, "namespace": name}
    spec = {"placement": placement}
    return {"apiVersion": API_VERSION, "kind": "FederatedNamespace", "metadata": metadata, "spec": spec}


def type_configs(things: Iterable[Given], definitions: Mapping[tuple[str, str], str]) -> list[Tree]:
    """A ``FederatedTypeConfig`` for each custom type among ``things`` that belongs to the whole cluster: without one a
    custom type is a namespaced one."""
    found = {
        (thing.kind, thing.api_version)
        for thing in things
        if thing.kind not in KNOWN and (not thing.namespace or definitions.get((thing.group, thing.kind)) == "Cluster")
    }
    return [_type_config(kind, api_version) for kind, api_version in sorted(found)]


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


def contents(things: Iterable[Given], skipped: Collection[str] = ()) -> tuple[tuple[Given, ...], tuple[Fault, ...]]:
    """Those of a namespace's objects that are federated with it, and why others are not.

    ``skipped`` are resources by plural, ``plural.group`` or kind, as ``--skip-api-resources`` names them.
    """
    kept: list[Given] = []
    notes: list[Fault] = []
    for thing in things:
        why = _why_not(thing)
        if why:
            notes.append(thing.warning((), f"{thing} is left out: {why}"))
        elif not _is_ours(thing) and not _never(thing) and not is_skipped(thing.api_version, thing.kind, skipped):
            kept.append(thing)
    return tuple(kept), tuple(notes)


def is_skipped(api_version: str, kind: str, skipped: Collection[str]) -> bool:
    """Whether ``--skip-api-resources`` names this type."""
    group, word = group_of(api_version), plural(kind)
    names = {kind.lower(), word, f"{word}.{group}", f"{kind.lower()}.{group}", f"{word}.{api_version}"}
    return not names.isdisjoint({name.lower() for name in skipped})


def _why_not(thing: Given) -> str:
    owners = [mapping(owner) for owner in listed(thing.metadata.get("ownerReferences"))]
    owner = next((owner for owner in owners if owner.get("controller") is True), None)
    if owner is not None:
        return f"{owner.get('kind')} {owner.get('name')} makes it, and does so in every member"
    if not thing.group and (thing.kind, thing.name) in GIVEN_TO_EACH:
        return "every cluster has its own"
    if thing.kind == "Secret" and thing.tree.get("type") == TOKEN:
        return "the token of a service account is of use in one cluster only"
    return ""


def _never(thing: Given) -> bool:
    return (thing.group, thing.kind) in NEVER or thing.group == "extensions"


def _is_ours(thing: Given) -> bool:
    return thing.group.endswith("kubefed.io") or thing.kind in ("PropagatedVersion", "ClusterPropagatedVersion")


def _definitions(things: Iterable[Given]) -> Mapping[tuple[str, str], str]:
    """The scope of each custom type that is defined among ``things``, by group and kind."""
    found = {}
    for thing in things:
        if thing.kind == "CustomResourceDefinition":
            spec = mapping(thing.tree.get("spec"))
            found[str(spec.get("group")), str(mapping(spec.get("names")).get("kind"))] = str(spec.get("scope"))
    return found


def _in_namespace(thing: Given, namespace: str, definitions: Mapping[tuple[str, str], str]) -> Given:
    known = KNOWN.get(thing.kind)
    scope = definitions.get((thing.group, thing.kind), "Namespaced" if namespace else "Cluster")
    is_namespaced = known.namespaced if known else scope == "Namespaced"
    if thing.namespace or not is_namespaced:
        return thing if is_namespaced or known is None else replace(thing, namespace="")
    return replace(thing, namespace=namespace)


def _refuse(things: Sequence[Given], definitions: Mapping[tuple[str, str], str]) -> None:
    faults: list[Fault] = []
    first: dict[tuple[str, str, str], Given] = {}
    for thing in things:
        known = KNOWN.get(thing.kind)
        versions = {group_of(version) for version in REMOVED.get(known.api_version, ())} if known else set()
        if known is not None and thing.group != known.group and thing.group not in versions:
            message = f"Federated{thing.kind} stands for {known.api_version} {thing.kind}, not for {thing.api_version}"
            remedy = "write a FederatedTypeConfig and a document of a federated kind of another name by hand"
            faults.append(thing.source.fault(("kind",), message, remedy))
        needs = known.namespaced if known else definitions.get((thing.group, thing.kind)) == "Namespaced"
        if needs and not thing.namespace:
            remedy = "name its namespace with --namespace"
            faults.append(thing.source.fault(("metadata",), f"{thing} has no namespace", remedy))
        other = first.setdefault((thing.kind, thing.namespace, thing.name), thing)
        if other is not thing:
            message = f"{thing} stands twice, first at {other.source.place('metadata', 'name')}"
            faults.append(thing.source.fault(("metadata", "name"), message, "keep one of the two"))
    if faults:
        raise FaultsFoundError(faults)


def _annotated(thing: Given) -> list[Fault]:
    own = {key for key in mapping(thing.metadata.get("annotations")) if key != LAST_APPLIED}
    if not own:
        return []
    remedy = "set them by an override of /metadata/annotations, or write spec.templateAnnotations: keep"
    message = f"the annotations of {thing} are left out, as kubefedctl does ({', '.join(sorted(own))})"
    return [thing.warning(("metadata", "annotations"), message, remedy)]


def _order(thing: Given) -> tuple[Any, ...]:
    is_namespace = thing.kind == "Namespace" and not thing.group
    around = thing.name if is_namespace else thing.namespace
    return (around, not is_namespace, thing.kind != "CustomResourceDefinition", thing.kind, thing.name)
