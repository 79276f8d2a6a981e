"""Has a slice changed? A digest over what would be applied, and nothing else: no reasons, no lines of files.

Secret values take no part. Digests are shown, and kept in stack outputs; of a short password even a hash is a way to
find it by trying, and a keyed hash needs a key that a pure function has not got. A literal counts as *there is a
literal*, a reference by the config key that it names. The price is that a changed value does not change the digest: so
``MemberPlan.sealed`` names the objects that hold any, and whoever skips unchanged slices has to look at those himself.
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
    """What stands for a value that JSON does not know."""
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
        # The manifest is kept beside its digest, so that no other one can get its id meanwhile.
        self._known: dict[int, tuple[Tree, str, bool]] = {}

    def of(self, manifest: Tree) -> str:
        """The manifest's digest."""
        return self._look_up(manifest)[1]

    def is_sealed(self, manifest: Tree) -> bool:
        """True when the manifest holds a secret value."""
        return self._look_up(manifest)[2]

    def _look_up(self, manifest: Tree) -> tuple[Tree, str, bool]:
        found = self._known.get(id(manifest))
        if found is None:
            found = self._known[id(manifest)] = (manifest, *_digest_and_seal(manifest))
        return found


def _digest_and_seal(manifest: Tree) -> tuple[str, bool]:
    sealed = False

    def noticing(value: Any) -> Any:
        nonlocal sealed
        sealed = sealed or isinstance(value, SecretLiteral | SecretReference)
        return plain(value)

    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), default=noticing)
    return hashlib.sha256(text.encode()).hexdigest(), sealed


def combined(parts: Iterable[str]) -> str:
    """One digest over many texts, each on a line of its own: none of them holds a line feed."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
