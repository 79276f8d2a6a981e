"""Read from a config that cannot be used what its stack's destruction needs: whose AWS accounts may be touched."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from federation.api.model.documents import Documents
from federation.api.model.members import Federation
from federation.api.reading import loading
from federation.errors.fault import FederationError
from federation.operations.project.settings import NAMESPACE, Stack
from federation.plan.model.trees import mapping

__all__ = ["AccountsUnknownError", "bare"]

_SECTION: Final = f"{NAMESPACE}:federation"
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")


class AccountsUnknownError(FederationError):
    """Something stands on AWS, and the config does not tell in which accounts it may be touched."""


def bare(root: Path, stack: str, *, on_aws: bool) -> Stack:
    """``stack`` without members and documents. ``AccountsUnknownError`` when that is not enough (``on_aws``)."""
    found = _accounts(_section(root, stack))
    if found is None:
        if on_aws:
            raise AccountsUnknownError(
                f"nothing was removed: resources of stack {stack} stand on AWS, and which accounts are allowed cannot "
                f"be read; mend {_SECTION} in Pulumi.{stack}.yaml (name, allowedAccountIds, roleArn)"
            )
        found = {}
    federation = Federation.model_validate({"name": "unread", "stack": stack, **found})
    return Stack(name=stack, root=root, federation=federation, documents=Documents())


def _section(root: Path, stack: str) -> Mapping[str, Any]:
    try:
        tree, _ = loading.read_mapping(root / f"Pulumi.{stack}.yaml", root=root)
    except FederationError:
        return {}
    return mapping(mapping(tree.get("config")).get(_SECTION))


def _accounts(section: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The allowed accounts and the role, ``None`` where they are not written as they have to be."""
    allowed, role = section.get("allowedAccountIds") or [], section.get("roleArn") or ""
    if not section or not isinstance(allowed, list) or not isinstance(role, str):
        return None
    if not all(isinstance(each, str) and _ACCOUNT.match(each) for each in allowed):
        return None
    return {"allowedAccountIds": allowed, "roleArn": role}
