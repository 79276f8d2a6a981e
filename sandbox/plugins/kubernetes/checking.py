"""What inputs does a resource have, once names, namespaces and the like are filled in?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.plugins.kubernetes import manifest
from sandbox.plugins.kubernetes.cluster import Cluster
from sandbox.plugins.kubernetes.errors import RefusedError
from sandbox.plugins.properties import Unknown

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How a resource without `metadata.name` gets one: `proposed`, else made of `base`; refused if `disabled`."""

    base: str
    seed: bytes = b""
    proposed: str = ""
    disabled: bool = False


async def check(
    given: Mapping[str, Any], old: Mapping[str, Any], kind: manifest.Token, naming: Naming, cluster: Cluster
) -> Tree:
    """Return the inputs that a resource is registered with.

    `given` is what the program said, `old` the inputs of the last update. Raises `RefusedError` for what the provider
    does not take.
    """
    _refuse(given, kind)
    inputs = manifest.cleaned(given, kind)
    found = inputs.setdefault("metadata", {})
    if isinstance(found, Unknown):
        return inputs
    if found.get("generateName"):
        raise RefusedError("metadata.generateName cannot be used with server-side apply; give metadata.name")
    if not found.get("name"):
        _name(found, old, naming)
    await _place(found, kind, old, cluster)
    return inputs


def _refuse(given: Mapping[str, Any], kind: manifest.Token) -> None:
    annotations = manifest.metadata(given).get("annotations")
    if not isinstance(annotations, Mapping):
        return
    for key in annotations:
        if key.startswith("pulumi.com/") and key not in manifest.ANNOTATIONS:
            raise RefusedError(
                f'{kind.kind}: metadata.annotations["{key}"] is not known to the sandbox\'s kubernetes provider '
                f"(known: {', '.join(sorted(manifest.ANNOTATIONS))})"
            )


def _name(found: Tree, old: Mapping[str, Any], naming: Naming) -> None:
    before = manifest.metadata(old)
    if before.get("name") and manifest.annotation(old, manifest.AUTONAMED) == "true":
        name = before["name"]
    elif naming.disabled:
        raise RefusedError("metadata.name is missing, and the project's `pulumi:autonaming` is disabled; give a name")
    else:
        name = naming.proposed or manifest.autoname(naming.base, naming.seed)
    found["name"] = name
    annotations = found.setdefault("annotations", {})
    if isinstance(annotations, dict):
        annotations[manifest.AUTONAMED] = "true"


async def _place(found: Tree, kind: manifest.Token, old: Mapping[str, Any], cluster: Cluster) -> None:
    before = manifest.metadata(old)
    otherwise = "namespace" in before if before else True
    if not await cluster.namespaced(kind.api_version, kind.kind, otherwise=otherwise):
        found.pop("namespace", None)
    elif not found.get("namespace"):
        found["namespace"] = before.get("namespace") if await cluster.fault() and before else cluster.namespace
