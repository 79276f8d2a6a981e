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
from federation.migration.affinities import Aim, NamedCluster
from federation.migration.given import Given, mapping
from federation.migration.imported import Imported
from federation.migration.karmada_losses import lost_of_policy, lost_of_thing
from federation.migration.secrets import Keys, Moved

__all__ = ["imported"]

DEPENDENCIES: Final = ("ConfigMap", "PersistentVolumeClaim", "Secret", "ServiceAccount")
EVERY_CLUSTERS_OWN: Final = ("default", "kube-node-lease", "kube-public", "kube-system")
ORPHAN: Final = "kubefed.io/orphan"
WITH_PODS: Final = ("CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet")


def imported(things: Sequence[Given], *, with_secrets: bool = False) -> Imported:
    """The documents that ``things`` (policies, objects, clusters) come to, by the file to write them to.

    Raises ``FaultsFoundError`` for Secrets whose values cannot be told.
    """
    things = [_in_default(thing) for thing in things]
    known = affinities.clusters(things)
    work = _Import(things=things, known=known, keys=Keys.beside(things), with_secrets=with_secrets)
    for thing in work.plain:
        work.take(thing)
    work.add_namespaces()
    work.close()
    return Imported(
        files={name: tuple(documents) for name, documents in sorted(work.files.items())},
        lost=raise_if_errors(list(dict.fromkeys(work.lost))),
        moved=tuple(work.moved),
        members={cluster.name: _member(cluster) for cluster in work.known},
        plan={} if work.overwrites else {"adoptResources": "Disabled"},
        private=with_secrets and any(secrets.is_secret(thing) for thing in work.plain),
    )


@dataclass(slots=True, kw_only=True)
class _Import:
    things: Sequence[Given]
    known: tuple[NamedCluster, ...]
    with_secrets: bool
    files: dict[str, list[Tree]] = field(default_factory=dict)
    lost: list[Fault] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    keys: Keys
    used: set[int] = field(default_factory=set)
    waiting: list[Given] = field(default_factory=list)  # objects that no policy takes
    following: set[str] = field(default_factory=set)  # namespaces in which dependencies follow workloads

    @property
    def plain(self) -> list[Given]:
        """The objects, without Karmada's own."""
        return [thing for thing in self.things if not _is_karmadas(thing)]

    @property
    def policies(self) -> list[Given]:
        """Karmada's policies."""
        kinds = (*policies.PROPAGATES, *policies.OVERRIDES)
        return [thing for thing in self.things if thing.group == policies.GROUP and thing.kind in kinds]

    @property
    def overwrites(self) -> bool:
        """Whether a policy takes over objects that stand in a member already."""
        return any(policies.spec(policy).get("conflictResolution") == "Overwrite" for policy in self.policies)

    def take(self, thing: Given) -> None:
        """Write the documents of one object, if a policy takes it."""
        policy = policies.governing(self.policies, thing)
        if policy is None:
            self.waiting.append(thing)
            return
        refused = _refusal(thing)
        if refused is not None:
            self.lost.append(refused)
            return
        self.used.add(id(policy))
        found = mapping(policies.spec(policy).get("placement"))
        affinity, at = found.get("clusterAffinity"), ("spec", "placement", "clusterAffinity")
        if not affinity and found.get("clusterAffinities"):
            affinity, at = found["clusterAffinities"][0], ("spec", "placement", "clusterAffinities")
        placed = affinities.aim(affinity, self.known, policy, at, self.lost)
        preference = replica_scheduling.preference(thing, policy, placed, self.known, self.lost)
        document = self._document(thing, policy, placed, is_divided=preference is not None)
        self._write(thing, document)
        if preference is not None:
            self._write(thing, preference)

    def _document(self, thing: Given, policy: Given, placed: Aim, *, is_divided: bool) -> Tree:
        found = policies.spec(policy)
        more: dict[str, Any] = {}
        if (found.get("propagateDeps") or found.get("association")) and thing.kind in WITH_PODS:
            more["propagateDependencies"] = True
            self.following.add(thing.namespace)
        has_annotations = bool(mapping(thing.metadata.get("annotations")))
        if has_annotations:
            more["templateAnnotations"] = "keep"
        base = _base(thing)
        rules = policies.overriding(self.policies, thing)
        self.used |= {id(rule) for rule in rules}
        entries = overriding.overrides(rules, base, thing.kind, self.known, self.lost)
        if placed.names is not None and not is_divided:
            entries = [each for each in entries if "clusterName" not in each or each["clusterName"] in placed.names]
        document = federating.document(thing, placed.placement, overrides=entries, more=more, keep=has_annotations)
        if found.get("preserveResourcesOnDeletion"):
            document["metadata"] = {**document["metadata"], "annotations": {ORPHAN: "true"}}
        return document

    def _write(self, thing: Given, document: Tree) -> None:
        kept = document
        if not self.with_secrets and str(document["kind"]) in ("Secret", "FederatedSecret"):
            holder = replace(thing, kind=str(document["kind"]), tree=document)
            kept, moved, faults = secrets.by_reference(holder, self.keys, template=())
            self.moved += moved
            self.lost += faults
        self.files.setdefault(_file(thing), []).append(kept)

    def add_namespaces(self) -> None:
        """A FederatedNamespace around all that was written, where the policies made none."""
        made = {
            document["metadata"]["name"] for each in self.files.values() for document in each if _is_namespace(document)
        }
        inside = {
            str(document["metadata"]["namespace"])
            for each in self.files.values()
            for document in each
            if document["metadata"].get("namespace")
        }
        objects = {thing.name: thing for thing in self.waiting if thing.kind == "Namespace"}
        self.waiting = [thing for thing in self.waiting if thing.kind != "Namespace" or thing.name not in inside]
        for name in sorted(inside - made):
            placement: Tree = {"clusterSelector": {}}
            thing = objects.get(name)
            document = (
                federating.namespace_document(name, placement)
                if thing is None
                else federating.document(thing, placement)
            )
            if name in EVERY_CLUSTERS_OWN:
                document["metadata"] = {**document["metadata"], "annotations": {ORPHAN: "true"}}
            self.files.setdefault(f"{name}/namespace.yaml", []).insert(0, document)

    def close(self) -> None:
        """Keep the dependencies that may follow workloads, and report all that was not carried over."""
        written = [thing for thing in self.plain if thing not in self.waiting]
        configs = federating.type_configs(written, {})
        if configs:
            self.files["types.yaml"] = list(configs)
        for thing in self.waiting:
            if thing.kind in DEPENDENCIES and not thing.group and thing.namespace in self.following:
                self._write(thing, _base(thing))
            else:
                remedy = "write a policy that selects it, or leave it"
                self.lost.append(
                    thing.warning((), f"no policy takes {thing}, so it goes nowhere, as in Karmada", remedy)
                )
        for policy in self.policies:
            if id(policy) not in self.used:
                self.lost.append(policy.warning((), f"{policy} takes none of the objects that were given"))
            self.lost += lost_of_policy(policy, mixed=self.overwrites)
        for thing in self.things:
            if _is_karmadas(thing) and thing not in self.policies:
                self.lost += lost_of_thing(thing)


def _in_default(thing: Given) -> Given:
    """An object that names no namespace, and needs one, is in ``default``, as for kubectl."""
    known = KNOWN.get(thing.kind)
    is_policy = thing.group == policies.GROUP and thing.kind in (policies.PROPAGATES[0], policies.OVERRIDES[0])
    needs = is_policy or (known is not None and known.namespaced)
    return replace(thing, namespace="default") if needs and not thing.namespace else thing


def _is_karmadas(thing: Given) -> bool:
    return thing.group.endswith("karmada.io") or thing.group == "multicluster.x-k8s.io"


def _is_namespace(document: Mapping[str, Any]) -> bool:
    return bool(document["kind"] == "FederatedNamespace")


def _refusal(thing: Given) -> Fault | None:
    known = KNOWN.get(thing.kind)
    if known is None or thing.group == known.group:
        return None
    if thing.group in {group_of(version) for version in REMOVED.get(known.api_version, ())}:
        return None
    message = f"{thing} is lost: Federated{thing.kind} stands for {known.api_version}, not for {thing.api_version}"
    return thing.warning(("kind",), message, "write a FederatedTypeConfig and a federated kind of another name")


def _base(thing: Given) -> Tree:
    """The object as a plan has it before overrides: without what an API server adds."""
    template = templates.template(thing, keep_annotations=True)
    names = {"name": thing.name, **({"namespace": thing.namespace} if thing.namespace else {})}
    metadata = {**names, **mapping(template.get("metadata"))}
    return {"apiVersion": thing.api_version, "kind": thing.kind, **template, "metadata": metadata}


def _file(thing: Given) -> str:
    is_namespace = thing.kind == "Namespace" and not thing.group
    folder = thing.name if is_namespace else thing.namespace or "cluster"
    name = "namespace" if is_namespace else f"{thing.kind.lower()}-{thing.name}"
    # No kind is checked here, and none may lead to another folder.
    return f"{folder}/{name.replace(':', '-').replace('/', '-')}.yaml"


def _member(cluster: NamedCluster) -> dict[str, Any]:
    zones = {"zones": list(cluster.zones)} if cluster.zones else {}
    found = {"region": cluster.region, "labels": dict(cluster.labels)}
    return {
        "provider": "kubeconfig",
        "context": cluster.name,
        **{key: value for key, value in found.items() if value},
        **zones,
    }
