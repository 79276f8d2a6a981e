"""Digests of what would be applied, which show whether a member's slice has changed.

Reasons and lines of files are not part of a digest, and neither are secret values. Digests are shown, and stored in
stack outputs, and a short password can be guessed even from its hash. A keyed hash would need a key, which a pure
function does not have. A literal counts as *there is a literal*, a reference counts by its config key. So a changed
secret value does not change the digest: ``MemberPlan.sealed`` names the objects that hold secrets, and code that skips
unchanged slices has to compare those objects itself.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from federation.api.model.federated import Tree
from federation.api.model.secrets import HIDDEN, SecretLiteral, SecretReference

__all__ = ["Digester", "canonical", "combined", "plain"]


def canonical(value: Any) -> str:
    """``value`` as JSON with sorted keys, secret values hidden; ``TypeError`` for what no manifest can hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=plain)


def plain(value: Any) -> Any:
    """The JSON form of a value of a type that JSON does not have."""
    match value:
        case SecretLiteral():
            return HIDDEN
        case SecretReference():
            return {"valueFrom": {"config": value.key}, "encoded": value.encoded}
        case Mapping():
            return dict(value)
        case date():
            return value.isoformat()
    msg = f"a manifest cannot hold a {type(value).__name__}"
    raise TypeError(msg)


class Digester:
    """Digests of manifests, each computed once however many members share it."""

    def __init__(self) -> None:
        # The manifest is kept beside its digest, so that its id is not used again.
        self._entries: dict[int, tuple[Tree, str, bool]] = {}

    def digest(self, manifest: Tree) -> str:
        """The manifest's digest."""
        return self._look_up(manifest)[1]

    def is_sealed(self, manifest: Tree) -> bool:
        """True when the manifest holds a secret value."""
        return self._look_up(manifest)[2]

    def _look_up(self, manifest: Tree) -> tuple[Tree, str, bool]:
        found = self._entries.get(id(manifest))
        if found is None:
            found = self._entries[id(manifest)] = (manifest, *_digest_and_seal(manifest))
        return found


def _digest_and_seal(manifest: Tree) -> tuple[str, bool]:
    sealed = False

    def plain_noting_secrets(value: Any) -> Any:
        nonlocal sealed
        sealed = sealed or isinstance(value, SecretLiteral | SecretReference)
        return plain(value)

    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), default=plain_noting_secrets)
    return hashlib.sha256(text.encode()).hexdigest(), sealed


def combined(parts: Iterable[str]) -> str:
    """One digest over many texts, each on a line of its own: none of them holds a line feed."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
