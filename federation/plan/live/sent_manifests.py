"""Compute the manifest that the provider sends to a member, given the live object there."""

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.api.model.secrets import SecretLiteral, SecretReference
from federation.errors.source import PathKey
from federation.plan.live import injected_values
from federation.plan.live.managed_fields import ABSENT
from federation.plan.model.plan import PlannedObject
from federation.plan.model.trees import mapping

__all__ = ["FOR_PULUMI", "as_sent", "is_secret", "stored"]

FOR_PULUMI: Final = "pulumi.com/"
"""The prefix of annotations for Pulumi alone, which are never compared."""
_RETAINED: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def as_sent(planned: PlannedObject, live: Tree, secrets: Mapping[str, str]) -> dict[str, Any]:
    """The manifest as the provider sends it to a member that holds ``live``: retained paths have the live values.

    ``secrets`` are values by key of the stack's config. A reference to a key that is not in ``secrets`` gets the live
    value, since the right one is not known.
    """
    manifest = planned.manifest
    if injected_values.is_injectable(planned):
        manifest = injected_values.merged(planned, live).manifest
    revealed: dict[str, Any] = _revealed(stored(replace(planned, manifest=manifest)), live, secrets)
    for path in planned.ignore_changes:
        _retain(revealed, live, tuple(int(at) if at else key for at, key in _RETAINED.findall(path)))
    return revealed


def stored(planned: PlannedObject) -> dict[str, Any]:
    """The manifest without annotations for Pulumi and without status; a Secret's ``stringData`` is in its ``data``."""
    made: dict[str, Any] = {key: value for key, value in planned.manifest.items() if key != "status"}
    if is_secret(planned) and "stringData" in made:
        encoded = {key: _encoded(value) for key, value in mapping(made.pop("stringData", None)).items()}
        made["data"] = {**mapping(made.get("data")), **encoded}
    annotations = mapping(mapping(made["metadata"]).get("annotations"))
    kept = {key: value for key, value in annotations.items() if not key.startswith(FOR_PULUMI)}
    bare = {key: value for key, value in made["metadata"].items() if key != "annotations"}
    made["metadata"] = {**bare, "annotations": kept} if kept else bare
    return made


def is_secret(planned: PlannedObject) -> bool:
    """Whether ``planned`` is a Secret of the core group."""
    return planned.kind == "Secret" and planned.api_version == "v1"


def _encoded(value: Any) -> Any:
    """A value of ``stringData`` as the API server stores it."""
    match value:
        case SecretLiteral():
            return SecretLiteral(base64.b64encode(value.reveal().encode()).decode())
        case SecretReference(key=key):
            return SecretReference(key=key, encoded=True)
        case str():
            return base64.b64encode(value.encode()).decode()
    return value


def _revealed(value: Any, live: Any, secrets: Mapping[str, str]) -> Any:
    """``value`` in plain dicts and lists. A reference that is not in ``secrets`` stays only without a live value."""
    match value:
        case Mapping():
            return {key: _revealed(item, _child(live, key), secrets) for key, item in value.items()}
        case list() | tuple():
            return [_revealed(item, _child(live, at), secrets) for at, item in enumerate(value)]
        case SecretLiteral():
            return value.reveal()
        case SecretReference(key=key, encoded=encoded) if key in secrets:
            return base64.b64encode(secrets[key].encode()).decode() if encoded else secrets[key]
        case SecretReference():
            return value if live is ABSENT else live
    return value


def _child(tree: Any, key: str | int) -> Any:
    if isinstance(key, int):
        return tree[key] if isinstance(tree, list) and key < len(tree) else ABSENT
    return tree.get(key, ABSENT) if isinstance(tree, Mapping) else ABSENT


def _retain(tree: Any, live: Any, path: PathKey) -> None:
    """Copy the value of ``live`` at ``path`` into ``tree``, or remove it there if ``live`` has none."""
    *parents, last = path
    for key in parents:
        tree, live = _child(tree, key), _child(live, key)
    value = _child(live, last)
    if value is ABSENT and isinstance(tree, dict):
        tree.pop(last, None)
    elif value is not ABSENT and isinstance(tree, dict | list):
        tree[last] = value  # type: ignore[index]
