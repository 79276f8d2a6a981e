"""Look up an access key's secret and its IAM principal.

A request carries only the id of its access key. The secret that checks its signature, and the IAM ARN behind it, are
in moto's IAM (users and their keys) and STS (assumed roles). So keys made through the API work from then on; deleted,
deactivated and expired keys do not.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends
from moto.settings import default_user_config
from moto.sts.models import sts_backends

from sandbox.aws.contract import ACCOUNT, Credentials

OWNER = "deployer"
"""Name of the IAM user that the sandbox's own key pair belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who signs with a key.

    `arn` is the result of `GetCallerIdentity`: a user's ARN, or `arn:aws:sts::<account>:assumed-role/<role>/<session>`.
    `iam_arn` is the ARN in policies and access entries: the same for a user, the role's ARN for an assumed role.
    """

    key_id: str
    secret: str = field(repr=False)
    session_token: str | None = field(repr=False)
    account: str
    arn: str
    iam_arn: str
    user_id: str
    session_name: str = ""
    expires: datetime | None = None

    @property
    def is_role(self) -> bool:
        """Whether this is an assumed role."""
        return self.iam_arn != self.arn

    def has_expired(self) -> bool:
        """Whether the credentials have expired."""
        return self.expires is not None and self.expires <= datetime.now(UTC)


def install_owner(credentials: Credentials) -> None:
    """Make the IAM user that the sandbox's key pair belongs to."""
    # Roles attach AWS's managed policies by name; moto refuses them unless told to load them.
    default_user_config["iam"] = {"load_aws_managed_policies": True}
    iam = iam_backends[ACCOUNT]["aws"]
    user = iam.create_user("us-east-1", OWNER)
    key = iam.create_access_key(OWNER)
    del iam.access_keys[key.physical_resource_id]
    key.access_key_id = credentials.access_key_id
    key.secret_access_key = credentials.secret_access_key
    iam.access_keys[key.physical_resource_id] = key
    # Policies are not evaluated; this one is for users who list policies to see why this user may do everything.
    iam.attach_user_policy("arn:aws:iam::aws:policy/AdministratorAccess", user.name)


def find(key_id: str) -> Principal | None:
    """Find the principal of an access key; None for an unknown or inactive key."""
    if key_id.startswith("ASIA"):
        return _assumed_role(key_id)
    iam = iam_backends[ACCOUNT]["aws"]
    key = iam.access_keys.get(key_id)
    if key is None or key.user_name not in iam.users or key not in iam.users[key.user_name].access_keys:
        return None
    if key.status != "Active":
        return None
    user = iam.users[key.user_name]
    return Principal(
        key_id=key_id,
        secret=key.secret_access_key,
        session_token=None,
        account=ACCOUNT,
        arn=user.arn,
        iam_arn=user.arn,
        user_id=user.id,
    )


def _assumed_role(key_id: str) -> Principal | None:
    role: Any = sts_backends[ACCOUNT]["aws"].get_assumed_role_from_access_key(key_id)
    if role is None:
        return None
    return Principal(
        key_id=key_id,
        secret=role.secret_access_key,
        session_token=role.session_token,
        account=role.account_id,
        arn=role.arn,
        iam_arn=role.role_arn,
        user_id=role.user_id,
        session_name=role.session_name,
        expires=role.expiration.replace(tzinfo=UTC),
    )
