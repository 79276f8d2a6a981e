"""Check that a role exists and trusts its caller before it is assumed.

moto assumes any role, of any account, whether it exists or not. A program that assumes a role it has forgotten to
make, or that does not trust its caller, must fail here as on AWS.
"""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.sts import urls
from moto.sts.responses import TokenResponse

from sandbox.aws import services
from sandbox.aws.contract import ACCOUNT
from sandbox.aws.principals import Principal
from sandbox.aws.refusals import RefusalError


class StsApi(TokenResponse):  # type: ignore[misc] # moto is not followed by mypy
    """STS: moto's, with AssumeRole looking at the role."""

    def assume_role(self) -> ActionResult:
        """AssumeRole: AccessDenied unless the role exists and trusts the caller."""
        caller, arn = services.principal_of(self), self._get_param("RoleArn")
        role = next((r for r in iam_backends[ACCOUNT]["aws"].roles.values() if r.arn == arn), None)
        if role is None or not trusts(json.loads(role.assume_role_policy_document), caller):
            raise RefusalError(
                "AccessDenied",
                f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}",
            )
        assumed: ActionResult = super().assume_role()
        return assumed

    def get_caller_identity(self) -> ActionResult:
        """GetCallerIdentity, of the key that signed."""
        caller = services.principal_of(self)
        return ActionResult({"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn})

    def get_session_token(self) -> ActionResult:
        """Refuse GetSessionToken: moto's answer is a key that nothing accepts afterwards."""
        raise NotImplementedError("sts:GetSessionToken is not in the sandbox; AssumeRole is")

    def get_federation_token(self) -> ActionResult:
        """Refuse GetFederationToken, for the same reason."""
        raise NotImplementedError("sts:GetFederationToken is not in the sandbox; AssumeRole is")


def trusts(policy: dict[str, Any], caller: Principal) -> bool:
    """Return whether a trust policy lets a caller assume its role. Statements with conditions grant nothing here."""
    root = f"arn:aws:iam::{caller.account}:root"
    accepted = {"*", caller.account, root, caller.arn, caller.iam_arn}
    return any(
        statement.get("Effect") == "Allow"
        and not statement.get("Condition")
        and {"sts:AssumeRole", "sts:*", "*"} & set(_listed(statement.get("Action")))
        and accepted & set(_named(statement.get("Principal")))
        for statement in _listed(policy.get("Statement"))
    )


def mount() -> None:
    """Route STS here."""
    for path in urls.url_paths:
        urls.url_paths[path] = StsApi.dispatch


def _named(principal: Any) -> list[str]:
    return _listed(principal.get("AWS")) if isinstance(principal, dict) else _listed(principal)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
