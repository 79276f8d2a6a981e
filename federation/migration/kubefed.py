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
from federation.migration.given import Given, listed, mapping
from federation.migration.imported import Imported
from federation.migration.secrets import Keys, Moved

__all__ = ["imported"]

FINALIZER: Final = "kubefed.io/"
SYSTEM: Final = "kube-federation-system"
CONFIGURED: Final[Mapping[str, str]] = {
    "clusterHealthCheck": "a member's health is marked in the stack's config (available), or seen by DNS health checks",
    "controllerDuration": "there is no controller",
    "featureGates": "there are no feature gates",
    "leaderElect": "there is no controller",
    "scope": "one federation has the members and namespaces that its documents name",
    "statusController": "fed status looks into the members when it is asked",
}


def imported(things: Sequence[Given], *, with_secrets: bool = False) -> Imported:
    """What of ``things`` (all objects of all files) is written, by the file that they stand in.

    Raises ``FaultsFoundError`` for Secrets whose values cannot be told.
    """
    work = _Import(things=things, keys=Keys.beside(things), with_secrets=with_secrets)
    for thing in things:
        work.take(thing)
    names = list(dict.fromkeys(thing.source.file for thing in things))
    return Imported(
        files={name: tuple(work.files[name]) for name in names if name in work.files and name in work.changed},
        copied=tuple(name for name in names if name in work.files and name not in work.changed),
        lost=raise_if_errors(work.lost),
        moved=tuple(work.moved),
        members=dict(sorted(work.members.items())),
        plan=work.plan,
        private=with_secrets and any(secrets.is_secret(thing) for thing in things),
    )


@dataclass(slots=True, kw_only=True)
class _Import:
    things: Sequence[Given]
    with_secrets: bool
    files: dict[str, list[Tree]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    lost: list[Fault] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    keys: Keys
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)

    def take(self, thing: Given) -> None:
        """Write one object, or say why not."""
        if thing.kind == "KubeFedCluster":
            self._member(thing)
        elif thing.kind == "KubeFedConfig":
            self._config(thing)
        elif thing.kind in BY_CONTROLLERS or thing.group == "status.kubefed.io":
            self._drop(thing, "is written by KubeFed's controllers, which are not needed")
        elif _is_of_the_control_plane(thing, self._systems()):
            self._drop(thing, "belongs to KubeFed's control plane, which is not needed")
        else:
            self._keep(thing)

    def _keep(self, thing: Given) -> None:
        tree = _cleaned(thing.tree)
        if thing.tree.get("status"):
            self.lost.append(thing.warning(("status",), f"the status of {thing} is left out", "fed status shows it"))
        if thing.kind == "FederatedTypeConfig" and mapping(tree.get("spec")).get("statusCollection") == "Enabled":
            message = "the status of members' objects is not collected into documents"
            self.lost.append(thing.warning(("spec", "statusCollection"), message, "fed status shows it"))
        if not self.with_secrets:
            tree, moved, faults = secrets.by_reference(replace(thing, tree=tree), self.keys)
            self.moved += moved
            self.lost += faults
        if tree != thing.tree:
            self.changed.add(thing.source.file)
        self.files.setdefault(thing.source.file, []).append(tree)

    def _drop(self, thing: Given, why: str) -> None:
        self.lost.append(thing.warning((), f"{thing} is left out: it {why}"))
        self.changed.add(thing.source.file)

    def _member(self, thing: Given) -> None:
        spec, status = mapping(thing.tree.get("spec")), mapping(thing.tree.get("status"))
        zones = [str(zone) for zone in listed(status.get("zones"))]
        found = {"labels": dict(thing.labels), "region": status.get("region"), "zones": zones}
        known = {key: value for key, value in found.items() if value}
        self.members[thing.name] = {"provider": "kubeconfig", "context": thing.name, **known}
        self.changed.add(thing.source.file)
        message = f"{thing} is left out: it becomes a member of the stack's config, reached by the context of its name"
        self.lost.append(thing.warning((), message, "give the kubeconfig a context of that name"))
        for key in ("disabledTLSValidations", "proxyURL"):
            if spec.get(key):
                remedy = "say so in the kubeconfig (insecure-skip-tls-verify, proxy-url)"
                self.lost.append(thing.warning(("spec", key), "it is not carried over", remedy))
        secret = mapping(spec.get("secretRef")).get("name")
        if secret:
            message = f"the token in Secret {secret} of the host cluster is not used"
            self.lost.append(thing.warning(("spec", "secretRef"), message, "the kubeconfig says how to log in"))

    def _config(self, thing: Given) -> None:
        self._drop(thing, "configured KubeFed's controllers, which are not needed")
        spec = mapping(thing.tree.get("spec"))
        for key, why in CONFIGURED.items():
            if spec.get(key):
                self.lost.append(thing.warning(("spec", key), why))
        if mapping(spec.get("syncController")).get("adoptResources") == "Disabled":
            self.plan["adoptResources"] = "Disabled"

    def _systems(self) -> frozenset[str]:
        """The namespaces of control planes."""
        kinds = ("KubeFedCluster", "KubeFedConfig")
        return frozenset({SYSTEM, *(thing.namespace for thing in self.things if thing.kind in kinds)} - {""})


def _is_of_the_control_plane(thing: Given, systems: frozenset[str]) -> bool:
    if thing.group.endswith("kubefed.io"):
        return False
    if thing.kind == "CustomResourceDefinition":
        return str(mapping(thing.tree.get("spec")).get("group")).endswith("kubefed.io")
    if thing.kind == "Namespace":
        return thing.name in systems
    return thing.namespace in systems


def _cleaned(tree: Tree) -> Tree:
    """A document without what an API server and KubeFed's controllers wrote into it."""
    made = validation.without_bookkeeping(tree)
    metadata = mapping(made.get("metadata"))
    kept = {key: value for key, value in metadata.items() if key != "ownerReferences"}
    finalizers = [each for each in listed(metadata.get("finalizers")) if not str(each).startswith(FINALIZER)]
    if len(finalizers) < len(listed(metadata.get("finalizers"))):
        kept = {key: value for key, value in kept.items() if key != "finalizers"}
        kept |= {"finalizers": finalizers} if finalizers else {}
    if kept.get("annotations") == {}:
        del kept["annotations"]
    return made if kept == metadata else {**made, "metadata": kept}
