"""Read the allowed AWS accounts and the role from a config with faults, for the destruction of its stack."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from federation.api.config.stack import ACCOUNT, FEDERATION_KEYS, ROLE
from federation.api.model.documents import Documents
from federation.api.model.members import FederationSettings
from federation.api.reading import loading
from federation.errors.fault import FederationError
from federation.operations.project.settings import NAMESPACE, Stack
from federation.plan.model.trees import mapping

__all__ = ["AccountsUnknownError", "read_account_settings"]

_SECTION: Final = f"{NAMESPACE}:federation"


class AccountsUnknownError(FederationError):
    """Resources exist on AWS, and the allowed accounts cannot be read from the config."""


def read_account_settings(root: Path, stack: str, *, on_aws: bool) -> Stack:
    """``stack`` without members and documents. Raises ``AccountsUnknownError`` when resources exist ``on_aws`` and the
    allowed accounts cannot be read."""
    accounts = _accounts(_section(root, stack))
    if accounts is None:
        if on_aws:
            raise AccountsUnknownError(
                f"nothing was removed: resources of stack {stack} exist on AWS, and the allowed accounts cannot "
                f"be read; correct {_SECTION} in Pulumi.{stack}.yaml (name, allowedAccountIds, roleArn)"
            )
        accounts = {}
    federation = FederationSettings.model_validate({"name": "unread", "stack": stack, **accounts})
    return Stack(name=stack, root=root, federation=federation, documents=Documents())


def _section(root: Path, stack: str) -> Mapping[str, Any]:
    try:
        tree, _ = loading.read_mapping(root / f"Pulumi.{stack}.yaml", root=root)
    except FederationError:
        return {}
    return mapping(mapping(tree.get("config")).get(_SECTION))


def _accounts(section: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The allowed accounts and the role, ``None`` where one of them is not valid, or may be under a mistyped key."""
    allowed, role = section.get("allowedAccountIds") or [], section.get("roleArn") or ""
    if not section or set(section) - set(FEDERATION_KEYS) or not isinstance(allowed, list) or not isinstance(role, str):
        return None
    if not all(isinstance(each, str) and ACCOUNT.match(each) for each in allowed):
        return None
    match = ROLE.match(role)
    if role and (match is None or (allowed and match[1] not in allowed)):
        return None
    return {"allowedAccountIds": allowed, "roleArn": role}
