"""Find the Kubernetes type that a federated kind stands for.

KubeFed looks it up in its ``FederatedTypeConfig`` objects. Here the usual types are built in. A document's template may
name another version, and ``FederatedTypeConfig`` documents are read if there are any. Any other kind is a custom type.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

from federation.api.model.federated import TargetType
from federation.errors.source import IN_PYTHON, Source

__all__ = [
    "FEDERATED_GROUP",
    "KNOWN",
    "REMOVED",
    "Kinds",
    "TypeConfig",
    "group_of",
    "groups_of",
    "plural",
    "version_of",
]

FEDERATED_GROUP: Final = "types.kubefed.io"
"""KubeFed's own group of federated kinds."""

NAMESPACED: Final = {
    "v1": (
        "ConfigMap Endpoints LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota "
        "Secret Service ServiceAccount"
    ),
    "apps/v1": "DaemonSet Deployment ReplicaSet StatefulSet",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "batch/v1": "CronJob Job",
    "coordination.k8s.io/v1": "Lease",
    "discovery.k8s.io/v1": "EndpointSlice",
    "networking.k8s.io/v1": "Ingress NetworkPolicy",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "Role RoleBinding",
}
CLUSTER_WIDE: Final = {
    "v1": "Namespace PersistentVolume",
    "admissionregistration.k8s.io/v1": (
        "MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding "
        "ValidatingWebhookConfiguration"
    ),
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "apiregistration.k8s.io/v1": "APIService",
    "networking.k8s.io/v1": "IngressClass",
    "node.k8s.io/v1": "RuntimeClass",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding",
    "scheduling.k8s.io/v1": "PriorityClass",
    "storage.k8s.io/v1": "CSIDriver StorageClass",
}

REMOVED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "apps/v1": ("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"),
        "autoscaling/v2": ("autoscaling/v2beta1", "autoscaling/v2beta2"),
        "batch/v1": ("batch/v1beta1", "batch/v2alpha1"),
        "networking.k8s.io/v1": ("extensions/v1beta1", "networking.k8s.io/v1beta1"),
        "policy/v1": ("policy/v1beta1",),
        "rbac.authorization.k8s.io/v1": ("rbac.authorization.k8s.io/v1beta1", "rbac.authorization.k8s.io/v1alpha1"),
        "apiextensions.k8s.io/v1": ("apiextensions.k8s.io/v1beta1",),
    }
)
"""Versions that KubeFed's users wrote, and that no supported Kubernetes still serves."""


def group_of(api_version: str) -> str:
    """The group of ``group/version``; "" for the core group."""
    return api_version.rpartition("/")[0]


def version_of(api_version: str) -> str:
    """The version of ``group/version``."""
    return api_version.rpartition("/")[2]


def groups_of(group: str, kind: str) -> frozenset[str]:
    """The groups in which Kubernetes has served the type ``kind`` of ``group``, that one included."""
    built_in = KNOWN.get(kind)
    if built_in is None:
        return frozenset({group})
    versions = (built_in.api_version, *REMOVED.get(built_in.api_version, ()))
    groups = frozenset(group_of(each) for each in versions)
    return groups if group in groups else frozenset({group})


def plural(kind: str) -> str:
    """KubeFed's rule for a plural: ``es`` after s, x, z, o, ch and sh, ``ies`` for y, else ``s``."""
    word = kind.lower()
    if word.endswith("endpoints"):
        return word
    if word.endswith(("s", "x", "z", "o", "ch", "sh")):
        return word + "es"
    if word.endswith("y"):
        return word[:-1] + "ies"
    return word + "s"


def _known() -> dict[str, TargetType]:
    types = {}
    for table, namespaced in ((NAMESPACED, True), (CLUSTER_WIDE, False)):
        for api_version, kinds in table.items():
            for kind in kinds.split():
                types[kind] = _target(api_version, kind, namespaced=namespaced)
    return types


def _target(api_version: str, kind: str, *, namespaced: bool) -> TargetType:
    return TargetType(
        group=group_of(api_version),
        version=version_of(api_version),
        kind=kind,
        plural=plural(kind),
        namespaced=namespaced,
    )


KNOWN: Final[Mapping[str, TargetType]] = MappingProxyType(_known())
"""The built-in types, by kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeConfig:
    """A ``FederatedTypeConfig``: ``federated_kind`` (of ``federated_group``) stands for ``target``.

    ``propagation`` Disabled: KubeFed leaves documents of this type alone.
    """

    name: str
    namespace: str = ""
    target: TargetType
    federated_kind: str
    federated_group: str = FEDERATED_GROUP
    propagation: Literal["Enabled", "Disabled"] = "Enabled"
    source: Source = IN_PYTHON


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """The federated kinds of a set of documents.

    The built-in kinds are extended by ``FederatedTypeConfig`` objects (``configured``, by federated group and kind) and
    by CustomResourceDefinitions (``defined``, by group and kind).
    """

    configured: Mapping[tuple[str, str], TargetType] = field(default_factory=dict)
    defined: Mapping[tuple[str, str], TargetType] = field(default_factory=dict)

    @classmethod
    def from_configs(
        cls, configs: Iterable[TypeConfig], defined: Mapping[tuple[str, str], TargetType] | None = None
    ) -> "Kinds":
        """The kinds with those of ``configs`` and of ``defined`` added."""
        configured = {(config.federated_group, config.federated_kind): config.target for config in configs}
        return cls(configured=configured, defined=defined or {})

    def configures(self, api_version: str, kind: str) -> bool:
        """Whether a ``FederatedTypeConfig`` names exactly this kind."""
        return (group_of(api_version), kind) in self.configured

    def names(self) -> tuple[str, ...]:
        """Every federated kind that is known, sorted."""
        own = (f"Federated{kind}" for _, kind in self.defined)
        configured = (kind for _, kind in self.configured)
        return tuple(sorted({*configured, *own, *(f"Federated{kind}" for kind in KNOWN)}))

    def target(self, federated_kind: str, api_version: str, group: str = FEDERATED_GROUP) -> TargetType | None:
        """The type behind ``federated_kind`` of the federated ``group``; ``api_version`` is the template's, or "".

        ``None`` when the kind is not known and the template does not name its version either. The definition of a
        custom type takes precedence over a FederatedTypeConfig, and that over a guess.
        """
        target = self._target(federated_kind, api_version, group)
        definition = self.defined.get((target.group, target.kind)) if target else None
        if target is None or definition is None:
            return target
        return replace(target, plural=definition.plural, namespaced=definition.namespaced)

    def _target(self, federated_kind: str, api_version: str, group: str) -> TargetType | None:
        kind = federated_kind.removeprefix("Federated")
        default = self.configured.get((group, federated_kind)) or KNOWN.get(kind)
        if default is None:
            return _target(api_version, kind, namespaced=True) if api_version else self._only(kind)
        if not api_version or api_version == default.api_version:
            return default
        return replace(default, group=group_of(api_version), version=version_of(api_version))

    def _only(self, kind: str) -> TargetType | None:
        """The type that the definitions call ``kind``; ``None`` if there is none, or more than one."""
        same_kind = [target for (_, name), target in self.defined.items() if name == kind]
        return same_kind[0] if len(same_kind) == 1 else None
