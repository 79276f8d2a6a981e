"""What changes between two forms of an object, and which of it cannot be done in place?

Only inputs are compared, so that an unchanged program is no change whatever the cluster has filled in, and costs no
request. Which fields are immutable the API server knows best: it is asked by a dry run; the table here is for what
the official provider replaces of its own accord, and for when there is nobody to ask.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sandbox.plugins.kubernetes import paths
from sandbox.plugins.kubernetes.errors import ApiError
from sandbox.plugins.properties import Path

How = Literal["add", "update", "delete"]

IDENTITY: Final[tuple[Path, ...]] = (("kind",), ("metadata", "name"), ("metadata", "namespace"))

_CONTENT: Final = {
    "ConfigMap": (("data",), ("binaryData",)),
    "Secret": (("data",), ("stringData",), ("type",)),
}
_SELECTOR: Final = (("spec", "selector"),)
_IMMUTABLE: Final[dict[str, tuple[Path, ...]]] = {
    "DaemonSet": _SELECTOR,
    "Deployment": _SELECTOR,
    "Job": (*_SELECTOR, ("spec", "completions"), ("spec", "parallelism"), ("spec", "template")),
    "PersistentVolumeClaim": (("spec",),),
    "ReplicaSet": _SELECTOR,
    "RoleBinding": (("roleRef",),),
    "ClusterRoleBinding": (("roleRef",),),
    "Service": (("spec", "clusterIP"),),
    "StatefulSet": (
        *_SELECTOR,
        ("spec", "podManagementPolicy"),
        ("spec", "serviceName"),
        ("spec", "volumeClaimTemplates"),
    ),
    "StorageClass": (("parameters",), ("provisioner",)),
}
_REFUSALS: Final = re.compile(
    r"immutable|may not change once set|cannot change roleRef|updates to .* are forbidden"
    r"|fields other than .* (?:are|is) forbidden|pod updates may not change",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One place where two trees differ."""

    path: Path
    how: How
    replaces: bool = False


def between(old: Any, new: Any, path: Path = ()) -> list[Change]:
    """List the places where two trees differ, as deep as possible, in the order of the keys."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = sorted(old.keys() | new.keys())
        return [found for key in keys for found in _entry(old, new, key, (*path, key))]
    if isinstance(old, list) and isinstance(new, list):
        changes = [
            found for index, pair in enumerate(zip(old, new, strict=False)) for found in between(*pair, (*path, index))
        ]
        changes += [Change(path=(*path, index), how="delete") for index in range(len(new), len(old))]
        changes += [Change(path=(*path, index), how="add") for index in range(len(old), len(new))]
        return changes
    # True == 1 in Python, but not in an object.
    same = old == new and isinstance(old, bool) == isinstance(new, bool)
    return [] if same else [Change(path=path, how="update")]


def replacing(changes: Sequence[Change], places: Iterable[Path]) -> list[Change]:
    """Mark the changes at or below certain places, and those above them, as replacements."""
    places = list(places)
    return [
        Change(
            path=change.path,
            how=change.how,
            replaces=change.replaces
            or paths.covered(change.path, places)
            or any(paths.covered(place, [change.path]) for place in places),
        )
        for change in changes
    ]


def own_accord(kind: str, *, mutable_config_maps: bool, mutable_secrets: bool) -> tuple[Path, ...]:
    """List the places whose change makes the official provider replace, although the API server would update."""
    if (kind == "ConfigMap" and mutable_config_maps) or (kind == "Secret" and mutable_secrets):
        return ()
    return _CONTENT.get(kind, ())


def presumed(kind: str) -> tuple[Path, ...]:
    """List the places that are known to be immutable, for when no API server can be asked."""
    return _IMMUTABLE.get(kind, ())


def refused(error: ApiError, changes: Sequence[Change]) -> list[Path]:
    """List the changed places that an API server refused as immutable; empty if it refused something else.

    Where its answer names no field that has changed, all that changed outside of metadata counts.
    """
    if error.status not in (403, 422):
        return []
    causes = [cause for cause in error.causes if _REFUSALS.search(cause.message)]
    if not causes and not _REFUSALS.search(error.message):
        return []
    named = [paths.parse(re.sub(r"\[[^\]\d*][^\]]*\]", "", cause.field)) for cause in causes if cause.field]
    hit = [
        change.path
        for change in changes
        if paths.covered(change.path, named) or any(paths.covered(place, [change.path]) for place in named)
    ]
    return hit or [change.path for change in changes if change.path[:1] != ("metadata",)]


def _entry(old: dict[str, Any], new: dict[str, Any], key: str, path: Path) -> list[Change]:
    if key not in new:
        return [Change(path=path, how="delete")]
    if key not in old:
        return [Change(path=path, how="add")]
    return between(old[key], new[key], path)
