"""Turn Karmada's policies, and the objects that they select, into federated documents.

Every object that a propagation policy selects becomes a federated document, with a preference if its replicas are
divided. Every namespace with such an object becomes a document for all members, as in Karmada. What has no counterpart
here is reported, at the line where it is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.api.model.types import KNOWN, REMOVED, group_of
from federation.errors.fault import Fault, raise_if_errors
from federation.migration import affinities, federating, overriding, policies, replica_scheduling, secrets, templates
from federation.migration.affinities import MemberSelection, NamedCluster
from federation.migration.import_result import ImportResult
from federation.migration.karmada_losses import lost_of_policy, lost_of_resource
from federation.migration.secrets import Keys, MovedSecret
from federation.migration.source_objects import SourceObject, mapping

__all__ = ["import_karmada"]

DEPENDENCIES: Final = ("ConfigMap", "PersistentVolumeClaim", "Secret", "ServiceAccount")
EVERY_CLUSTERS_OWN: Final = ("default", "kube-node-lease", "kube-public", "kube-system")
ORPHAN: Final = "kubefed.io/orphan"
WITH_PODS: Final = ("CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet")


def import_karmada(resources: Sequence[SourceObject], *, with_secrets: bool = False) -> ImportResult:
    """The documents made from ``resources`` (policies, objects, clusters), by the file to write them to.

    Raises ``FaultsFoundError`` for Secrets whose values cannot be found.
    """
    resources = [_in_default(resource) for resource in resources]
    clusters = affinities.clusters(resources)
    work = _KarmadaImport(
        resources=resources, clusters=clusters, keys=Keys.beside(resources), with_secrets=with_secrets
    )
    for resource in work.plain:
        work.convert(resource)
    work.add_namespaces()
    work.report_rest()
    return ImportResult(
        files={name: tuple(documents) for name, documents in sorted(work.files.items())},
        lost=raise_if_errors(list(dict.fromkeys(work.lost))),
        moved_secrets=tuple(work.moved_secrets),
        members={cluster.name: _member(cluster) for cluster in work.clusters},
        plan={} if work.overwrites else {"adoptResources": "Disabled"},
        private=with_secrets and any(secrets.is_secret(resource) for resource in work.plain),
    )


@dataclass(slots=True, kw_only=True)
class _KarmadaImport:
    resources: Sequence[SourceObject]
    clusters: tuple[NamedCluster, ...]
    with_secrets: bool
    files: dict[str, list[Tree]] = field(default_factory=dict)
    lost: list[Fault] = field(default_factory=list)
    moved_secrets: list[MovedSecret] = field(default_factory=list)
    keys: Keys
    used: set[int] = field(default_factory=set)
    unselected: list[SourceObject] = field(default_factory=list)  # objects that no policy selects
    dependent_namespaces: set[str] = field(default_factory=set)  # namespaces in which dependencies follow workloads

    @property
    def plain(self) -> list[SourceObject]:
        """The objects, without Karmada's own."""
        return [resource for resource in self.resources if not _is_karmadas(resource)]

    @property
    def policies(self) -> list[SourceObject]:
        """Karmada's policies."""
        kinds = (*policies.PROPAGATES, *policies.OVERRIDES)
        return [resource for resource in self.resources if resource.group == policies.GROUP and resource.kind in kinds]

    @property
    def overwrites(self) -> bool:
        """Whether a policy takes over existing objects of a member."""
        return any(policies.spec(policy).get("conflictResolution") == "Overwrite" for policy in self.policies)

    def convert(self, resource: SourceObject) -> None:
        """Write the documents of one object, if a policy selects it."""
        policy = policies.governing(self.policies, resource)
        if policy is None:
            self.unselected.append(resource)
            return
        refused = _refusal(resource)
        if refused is not None:
            self.lost.append(refused)
            return
        self.used.add(id(policy))
        fields = mapping(policies.spec(policy).get("placement"))
        affinity, at = fields.get("clusterAffinity"), ("spec", "placement", "clusterAffinity")
        if not affinity and fields.get("clusterAffinities"):
            affinity, at = fields["clusterAffinities"][0], ("spec", "placement", "clusterAffinities")
        selection = affinities.select_members(affinity, self.clusters, policy, at, self.lost)
        preference = replica_scheduling.preference(resource, policy, selection, self.clusters, self.lost)
        document = self._document(resource, policy, selection, is_divided=preference is not None)
        self._write(resource, document)
        if preference is not None:
            self._write(resource, preference)

    def _document(
        self, resource: SourceObject, policy: SourceObject, selection: MemberSelection, *, is_divided: bool
    ) -> Tree:
        fields = policies.spec(policy)
        more: dict[str, Any] = {}
        if (fields.get("propagateDeps") or fields.get("association")) and resource.kind in WITH_PODS:
            more["propagateDependencies"] = True
            self.dependent_namespaces.add(resource.namespace)
        has_annotations = bool(mapping(resource.metadata.get("annotations")))
        if has_annotations:
            more["templateAnnotations"] = "keep"
        base = _base(resource)
        rules = policies.overriding(self.policies, resource)
        self.used |= {id(rule) for rule in rules}
        entries = overriding.overrides(rules, base, resource.kind, self.clusters, self.lost)
        if selection.names is not None and not is_divided:
            entries = [each for each in entries if "clusterName" not in each or each["clusterName"] in selection.names]
        document = federating.document(
            resource, selection.placement, overrides=entries, more=more, keep=has_annotations
        )
        if fields.get("preserveResourcesOnDeletion"):
            document["metadata"] = {**document["metadata"], "annotations": {ORPHAN: "true"}}
        return document

    def _write(self, resource: SourceObject, document: Tree) -> None:
        kept = document
        if not self.with_secrets and str(document["kind"]) in ("Secret", "FederatedSecret"):
            holder = replace(resource, kind=str(document["kind"]), tree=document)
            kept, moved_secrets, faults = secrets.by_reference(holder, self.keys, template=())
            self.moved_secrets += moved_secrets
            self.lost += faults
        self.files.setdefault(_file(resource), []).append(kept)

    def add_namespaces(self) -> None:
        """Add a FederatedNamespace for each namespace of a written document that has none yet."""
        existing = {
            document["metadata"]["name"] for each in self.files.values() for document in each if _is_namespace(document)
        }
        used = {
            str(document["metadata"]["namespace"])
            for each in self.files.values()
            for document in each
            if document["metadata"].get("namespace")
        }
        namespaces = {resource.name: resource for resource in self.unselected if resource.kind == "Namespace"}
        self.unselected = [
            resource for resource in self.unselected if resource.kind != "Namespace" or resource.name not in used
        ]
        for name in sorted(used - existing):
            placement: Tree = {"clusterSelector": {}}
            resource = namespaces.get(name)
            document = (
                federating.namespace_document(name, placement)
                if resource is None
                else federating.document(resource, placement)
            )
            if name in EVERY_CLUSTERS_OWN:
                document["metadata"] = {**document["metadata"], "annotations": {ORPHAN: "true"}}
            self.files.setdefault(f"{name}/namespace.yaml", []).insert(0, document)

    def report_rest(self) -> None:
        """Write the dependencies that may follow workloads, and report everything that was not carried over."""
        written = [resource for resource in self.plain if resource not in self.unselected]
        configs = federating.type_configs(written, {})
        if configs:
            self.files["types.yaml"] = list(configs)
        for resource in self.unselected:
            if resource.kind in DEPENDENCIES and not resource.group and resource.namespace in self.dependent_namespaces:
                self._write(resource, _base(resource))
            else:
                remedy = "write a policy that selects it, or leave it out"
                self.lost.append(
                    resource.warning((), f"no policy selects {resource}, so no member gets it, as in Karmada", remedy)
                )
        for policy in self.policies:
            if id(policy) not in self.used:
                self.lost.append(policy.warning((), f"{policy} selects none of the imported objects"))
            self.lost += lost_of_policy(policy, mixed=self.overwrites)
        for resource in self.resources:
            if _is_karmadas(resource) and resource not in self.policies:
                self.lost += lost_of_resource(resource)


def _in_default(resource: SourceObject) -> SourceObject:
    """Put an object that needs a namespace and names none into ``default``, as kubectl does."""
    built_in = KNOWN.get(resource.kind)
    is_policy = resource.group == policies.GROUP and resource.kind in (policies.PROPAGATES[0], policies.OVERRIDES[0])
    needs = is_policy or (built_in is not None and built_in.namespaced)
    return replace(resource, namespace="default") if needs and not resource.namespace else resource


def _is_karmadas(resource: SourceObject) -> bool:
    return resource.group.endswith("karmada.io") or resource.group == "multicluster.x-k8s.io"


def _is_namespace(document: Mapping[str, Any]) -> bool:
    return bool(document["kind"] == "FederatedNamespace")


def _refusal(resource: SourceObject) -> Fault | None:
    built_in = KNOWN.get(resource.kind)
    if built_in is None or resource.group == built_in.group:
        return None
    if resource.group in {group_of(version) for version in REMOVED.get(built_in.api_version, ())}:
        return None
    message = f"{resource} is lost: Federated{resource.kind} is for {built_in.api_version}, "
    message += f"not for {resource.api_version}"
    return resource.warning(("kind",), message, "write a FederatedTypeConfig and a federated kind of another name")


def _base(resource: SourceObject) -> Tree:
    """The object as a plan renders it before overrides, without the fields that an API server adds."""
    template = templates.template(resource, keep_annotations=True)
    names = {"name": resource.name, **({"namespace": resource.namespace} if resource.namespace else {})}
    metadata = {**names, **mapping(template.get("metadata"))}
    return {"apiVersion": resource.api_version, "kind": resource.kind, **template, "metadata": metadata}


def _file(resource: SourceObject) -> str:
    is_namespace = resource.kind == "Namespace" and not resource.group
    folder = resource.name if is_namespace else resource.namespace or "cluster"
    name = "namespace" if is_namespace else f"{resource.kind.lower()}-{resource.name}"
    # Kinds are not checked here, and must not lead to another folder.
    return f"{folder}/{name.replace(':', '-').replace('/', '-')}.yaml"


def _member(cluster: NamedCluster) -> dict[str, Any]:
    zones = {"zones": list(cluster.zones)} if cluster.zones else {}
    fields = {"region": cluster.region, "labels": dict(cluster.labels)}
    return {
        "provider": "kubeconfig",
        "context": cluster.name,
        **{key: value for key, value in fields.items() if value},
        **zones,
    }
