"""What is an object called, what of it is sent to the cluster, and what of it is kept in the state?"""

import copy
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.plugins.kubernetes.errors import RefusedError
from sandbox.plugins.properties import Path, Unknown

Tree = dict[str, Any]

AUTONAMED: Final = "pulumi.com/autonamed"
DELETION_POLICY: Final = "pulumi.com/deletionPropagationPolicy"
MANAGER: Final = "pulumi.com/patchFieldManager"
FORCE: Final = "pulumi.com/patchForce"
SKIP_AWAIT: Final = "pulumi.com/skipAwait"
TIMEOUT: Final = "pulumi.com/timeoutSeconds"
ANNOTATIONS: Final = frozenset({AUTONAMED, DELETION_POLICY, MANAGER, FORCE, SKIP_AWAIT, TIMEOUT})

STATE_API_VERSION: Final = "__initialApiVersion"
STATE_MANAGER: Final = "__fieldManager"

_READ_ONLY: Final = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
_BY_THE_CLUSTER: Final = (
    "deployment.kubernetes.io/revision",
    "deprecated.daemonset.template.generation",
    "kubectl.kubernetes.io/last-applied-configuration",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a resource's type says: `kubernetes:apps/v1:Deployment` is `apps/v1` and `Deployment`."""

    api_version: str
    kind: str


def token(written: str) -> Token:
    """Read a resource type. Raises `RefusedError`, naming it, for what is no Kubernetes object."""
    parts = written.split(":")
    group, _, version = parts[1].rpartition("/") if len(parts) == 3 else ("", "", "")
    if len(parts) != 3 or parts[0] != "kubernetes" or not group:
        raise RefusedError(
            f'"{written}" is no resource of the sandbox\'s kubernetes provider, which knows '
            "`kubernetes:<group, or core>/<version>:<Kind>` and no others"
        )
    if group in ("helm.sh", "kustomize", "yaml"):
        raise RefusedError(
            f"{written}: the sandbox's kubernetes provider does no Helm, Kustomize or YAML; register the objects"
        )
    return Token(api_version=version if group == "core" else f"{group}/{version}", kind=parts[2])


def metadata(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object's metadata; empty if it has none or they are not known yet."""
    found = tree.get("metadata")
    return found if isinstance(found, Mapping) else {}


def annotation(tree: Mapping[str, Any], key: str) -> str:
    """Return an annotation, empty if there is none."""
    annotations = metadata(tree).get("annotations")
    value = annotations.get(key, "") if isinstance(annotations, Mapping) else ""
    return value if isinstance(value, str) else ""


def cleaned(tree: Mapping[str, Any], kind: Token) -> Tree:
    """Return inputs without nulls and what only the cluster writes, with apiVersion and kind filled in.

    Raises `RefusedError` if they contradict the resource's type.
    """
    result: Tree = _without_nulls(tree)
    for key, wanted in (("apiVersion", kind.api_version), ("kind", kind.kind)):
        given = result.setdefault(key, wanted)
        if given != wanted and not isinstance(given, Unknown):
            raise RefusedError(f'{key} is "{given}", but the resource\'s type says "{wanted}"; make them agree')
    if isinstance(result.get("metadata"), dict):
        for key in _READ_ONLY:
            result["metadata"].pop(key, None)
    return result


def autoname(base: str, seed: bytes) -> str:
    """Make a name out of a resource's, the same for the same seed."""
    return f"{base}-{hashlib.sha256(seed).hexdigest()[:8] if seed else secrets.token_hex(4)}"


def manager(inputs: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    """Return the field manager: the annotated one, else the one in the state, else a new random one."""
    return annotation(inputs, MANAGER) or state.get(STATE_MANAGER) or f"pulumi-kubernetes-{secrets.token_hex(4)}"


def forced(inputs: Mapping[str, Any], *, default: bool) -> bool:
    """Say whether fields are taken from other managers."""
    given = annotation(inputs, FORCE)
    return given == "true" if given else default


def identifier(live: Mapping[str, Any]) -> str:
    """Return a resource's ID: `namespace/name`, or the name alone."""
    found = metadata(live)
    namespace = found.get("namespace")
    return f"{namespace}/{found['name']}" if namespace else str(found["name"])


def split(identity: str) -> tuple[str, str]:
    """Return namespace (empty if none) and name of an ID. Raises `RefusedError` for what is none."""
    namespace, _, name = identity.rpartition("/")
    if not name or "/" in namespace:
        raise RefusedError(f'"{identity}" is no ID of an object; it must be NAMESPACE/NAME, or NAME')
    return namespace, name


def state(live: Mapping[str, Any], manager_name: str) -> Tree:
    """Return what is kept of a live object: all but `managedFields`, and who manages it."""
    kept = copy.deepcopy(dict(live))
    kept.get("metadata", {}).pop("managedFields", None)
    kept[STATE_API_VERSION] = live.get("apiVersion", "")
    kept[STATE_MANAGER] = manager_name
    return kept


def secret_paths(live: Mapping[str, Any], inputs: frozenset[Path]) -> frozenset[Path]:
    """List what of a live object is secret: what was in the inputs, and all that a Secret holds."""
    if live.get("kind") != "Secret" or live.get("apiVersion") != "v1":
        return inputs
    last_applied: Path = ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
    return inputs | {("data",), ("stringData",), last_applied}


def as_inputs(live: Mapping[str, Any]) -> Tree:
    """Return the inputs that would make a live object that no program has registered yet."""
    inputs = {key: copy.deepcopy(value) for key, value in live.items() if key != "status"}
    found = inputs.get("metadata", {})
    for key in _READ_ONLY:
        found.pop(key, None)
    annotations = found.get("annotations", {})
    for key in _BY_THE_CLUSTER:
        annotations.pop(key, None)
    if not annotations:
        found.pop("annotations", None)
    return inputs


def _without_nulls(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {key: _without_nulls(value) for key, value in tree.items() if value is not None}
    if isinstance(tree, list):
        return [_without_nulls(item) for item in tree]
    return tree
