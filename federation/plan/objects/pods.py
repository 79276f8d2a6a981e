"""Read the pod template of a manifest: the labels of its pods, and the objects that they need."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.plan.model.trees import mapping, mappings
from federation.plan.replicas.assignment import SCALED_KINDS

__all__ = ["SCALED_KINDS", "Reference", "labels", "references"]

Reference = tuple[str, str]
"""Kind and name of an object in the workload's own namespace."""

_SECRET_REFERENCES: Final = ("secretRef", "nodePublishSecretRef")
_TEMPLATED_KINDS = SCALED_KINDS | {"DaemonSet", "Job", "ReplicationController"}


def labels(manifest: Tree) -> Mapping[str, str]:
    """The labels of the manifest's pods; empty for kinds that make none."""
    return mapping(mapping(_pod(manifest).get("metadata")).get("labels"))


def references(manifest: Tree) -> tuple[Reference, ...]:
    """The ConfigMaps, Secrets, ServiceAccounts and PersistentVolumeClaims that the pods name, sorted."""
    spec = mapping(_pod(manifest).get("spec"))
    if not spec:
        return ()
    found = {pair for pair in _named(spec) if isinstance(pair[1], str) and pair[1]}
    return tuple(sorted(found))


def _pod(manifest: Tree) -> Tree:
    kind, spec = manifest.get("kind"), mapping(manifest.get("spec"))
    if kind in _TEMPLATED_KINDS:
        return mapping(spec.get("template"))
    if kind == "CronJob":
        return mapping(mapping(mapping(spec.get("jobTemplate")).get("spec")).get("template"))
    return manifest if kind == "Pod" else mapping(None)


def _named(spec: Tree) -> Iterator[tuple[str, Any]]:
    yield "ServiceAccount", spec.get("serviceAccountName") or spec.get("serviceAccount")
    for secret in mappings(spec.get("imagePullSecrets")):
        yield "Secret", secret.get("name")
    for volume in mappings(spec.get("volumes")):
        yield from _of_volume(volume)
    for group in ("initContainers", "containers", "ephemeralContainers"):
        for container in mappings(spec.get(group)):
            yield from _of_container(container)


def _of_volume(volume: Tree) -> Iterator[tuple[str, Any]]:
    yield "PersistentVolumeClaim", mapping(volume.get("persistentVolumeClaim")).get("claimName")
    yield "ConfigMap", mapping(volume.get("configMap")).get("name")
    for projected in mappings(mapping(volume.get("projected")).get("sources")):
        yield "ConfigMap", mapping(projected.get("configMap")).get("name")
        yield "Secret", mapping(projected.get("secret")).get("name")
    # The drivers are not listed: in every kind of volume, fields of these names refer to a Secret.
    for source in map(mapping, volume.values()):
        yield "Secret", source.get("secretName")
        for field in _SECRET_REFERENCES:
            yield "Secret", mapping(source.get(field)).get("name")


def _of_container(container: Tree) -> Iterator[tuple[str, Any]]:
    for source in mappings(container.get("envFrom")):
        yield "ConfigMap", mapping(source.get("configMapRef")).get("name")
        yield "Secret", mapping(source.get("secretRef")).get("name")
    for variable in mappings(container.get("env")):
        source = mapping(variable.get("valueFrom"))
        yield "ConfigMap", mapping(source.get("configMapKeyRef")).get("name")
        yield "Secret", mapping(source.get("secretKeyRef")).get("name")
