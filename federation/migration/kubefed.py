"""Import KubeFed's manifests: keep its documents, and drop the objects of its control plane.

Documents need no translation, so a file in which nothing has to change is copied, byte for byte. What an API server or
KubeFed's controllers wrote into an exported object is removed. The control plane's own objects are dropped, its
clusters become members of a stack's config, and each loss is reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.api.reading import validation
from federation.api.reading.dispatch import BY_CONTROLLERS
from federation.errors.fault import Fault, raise_if_errors
from federation.migration import secrets
from federation.migration.import_result import ImportResult
from federation.migration.secrets import Keys, MovedSecret
from federation.migration.source_objects import SourceObject, mapping, object_list

__all__ = ["import_kubefed"]

FINALIZER: Final = "kubefed.io/"
SYSTEM: Final = "kube-federation-system"
CONFIGURED: Final[Mapping[str, str]] = {
    "clusterHealthCheck": "a member's health is marked in the stack's config (available), or seen by DNS health checks",
    "controllerDuration": "there is no controller",
    "featureGates": "there are no feature gates",
    "leaderElect": "there is no controller",
    "scope": "one federation has the members and namespaces that its documents name",
    "statusController": "fed status reads the members when it runs",
}


def import_kubefed(resources: Sequence[SourceObject], *, with_secrets: bool = False) -> ImportResult:
    """The documents to write for ``resources`` (all objects of all files), by the file that they came from.

    Raises ``FaultsFoundError`` for Secrets whose values cannot be found.
    """
    work = _KubefedImport(resources=resources, keys=Keys.beside(resources), with_secrets=with_secrets)
    for resource in resources:
        work.convert(resource)
    names = list(dict.fromkeys(resource.source.file for resource in resources))
    return ImportResult(
        files={name: tuple(work.files[name]) for name in names if name in work.files and name in work.changed},
        copied=tuple(name for name in names if name in work.files and name not in work.changed),
        lost=raise_if_errors(work.lost),
        moved_secrets=tuple(work.moved_secrets),
        members=dict(sorted(work.members.items())),
        plan=work.plan,
        private=with_secrets and any(secrets.is_secret(resource) for resource in resources),
    )


@dataclass(slots=True, kw_only=True)
class _KubefedImport:
    resources: Sequence[SourceObject]
    with_secrets: bool
    files: dict[str, list[Tree]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    lost: list[Fault] = field(default_factory=list)
    moved_secrets: list[MovedSecret] = field(default_factory=list)
    keys: Keys
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)

    def convert(self, resource: SourceObject) -> None:
        """Write one object, or report why it is left out."""
        if resource.kind == "KubeFedCluster":
            self._member(resource)
        elif resource.kind == "KubeFedConfig":
            self._config(resource)
        elif resource.kind in BY_CONTROLLERS or resource.group == "status.kubefed.io":
            self._drop(resource, "is written by KubeFed's controllers, which are not needed")
        elif _is_of_the_control_plane(resource, self._systems()):
            self._drop(resource, "belongs to KubeFed's control plane, which is not needed")
        else:
            self._keep(resource)

    def _keep(self, resource: SourceObject) -> None:
        tree = _cleaned(resource.tree)
        if resource.tree.get("status"):
            self.lost.append(
                resource.warning(("status",), f"the status of {resource} is left out", "fed status shows it")
            )
        if resource.kind == "FederatedTypeConfig" and mapping(tree.get("spec")).get("statusCollection") == "Enabled":
            message = "the status of members' objects is not collected into documents"
            self.lost.append(resource.warning(("spec", "statusCollection"), message, "fed status shows it"))
        if not self.with_secrets:
            tree, moved_secrets, faults = secrets.by_reference(replace(resource, tree=tree), self.keys)
            self.moved_secrets += moved_secrets
            self.lost += faults
        if tree != resource.tree:
            self.changed.add(resource.source.file)
        self.files.setdefault(resource.source.file, []).append(tree)

    def _drop(self, resource: SourceObject, why: str) -> None:
        self.lost.append(resource.warning((), f"{resource} is left out: it {why}"))
        self.changed.add(resource.source.file)

    def _member(self, resource: SourceObject) -> None:
        spec, status = mapping(resource.tree.get("spec")), mapping(resource.tree.get("status"))
        zones = [str(zone) for zone in object_list(status.get("zones"))]
        attributes = {"labels": dict(resource.labels), "region": status.get("region"), "zones": zones}
        given = {key: value for key, value in attributes.items() if value}
        self.members[resource.name] = {"provider": "kubeconfig", "context": resource.name, **given}
        self.changed.add(resource.source.file)
        message = f"{resource} is left out: it becomes a member of the stack's config, "
        message += "reached by the context of its name"
        self.lost.append(resource.warning((), message, "give the kubeconfig a context of that name"))
        for key in ("disabledTLSValidations", "proxyURL"):
            if spec.get(key):
                remedy = "write it in the kubeconfig (insecure-skip-tls-verify, proxy-url)"
                self.lost.append(resource.warning(("spec", key), "it is not carried over", remedy))
        secret = mapping(spec.get("secretRef")).get("name")
        if secret:
            message = f"the token in Secret {secret} of the host cluster is not used"
            self.lost.append(resource.warning(("spec", "secretRef"), message, "the kubeconfig has the login"))

    def _config(self, resource: SourceObject) -> None:
        self._drop(resource, "configured KubeFed's controllers, which are not needed")
        spec = mapping(resource.tree.get("spec"))
        for key, why in CONFIGURED.items():
            if spec.get(key):
                self.lost.append(resource.warning(("spec", key), why))
        if mapping(spec.get("syncController")).get("adoptResources") == "Disabled":
            self.plan["adoptResources"] = "Disabled"

    def _systems(self) -> frozenset[str]:
        """The namespaces of control planes."""
        kinds = ("KubeFedCluster", "KubeFedConfig")
        return frozenset(
            {SYSTEM, *(resource.namespace for resource in self.resources if resource.kind in kinds)} - {""}
        )


def _is_of_the_control_plane(resource: SourceObject, systems: frozenset[str]) -> bool:
    if resource.group.endswith("kubefed.io"):
        return False
    if resource.kind == "CustomResourceDefinition":
        return str(mapping(resource.tree.get("spec")).get("group")).endswith("kubefed.io")
    if resource.kind == "Namespace":
        return resource.name in systems
    return resource.namespace in systems


def _cleaned(tree: Tree) -> Tree:
    """A document without the fields that an API server and KubeFed's controllers wrote."""
    cleaned = validation.without_bookkeeping(tree)
    metadata = mapping(cleaned.get("metadata"))
    kept = {key: value for key, value in metadata.items() if key != "ownerReferences"}
    finalizers = [each for each in object_list(metadata.get("finalizers")) if not str(each).startswith(FINALIZER)]
    if len(finalizers) < len(object_list(metadata.get("finalizers"))):
        kept = {key: value for key, value in kept.items() if key != "finalizers"}
        kept |= {"finalizers": finalizers} if finalizers else {}
    if kept.get("annotations") == {}:
        del kept["annotations"]
    return cleaned if kept == metadata else {**cleaned, "metadata": kept}
