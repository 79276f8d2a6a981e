"""Ask AWS once which account an update would act in, and refuse an account that is not allowed.

An account other than that of the existing resources is refused too. The providers do not check it. They are configured
without a request for their account, so that a lost region blocks no update. The official provider treats an unknown
account as one that is not allowed.
"""

from contextlib import suppress
from typing import Final

from federation.api.model.members import FederationSettings
from federation.errors.fault import Fault, Place
from federation.plan.changes import accounts
from federation.plan.model.observed import Observed

__all__ = ["faults"]

SECONDS: Final = 10
WHERE: Final = "eks-federation:federation.allowedAccountIds"


def faults(
    settings: FederationSettings, observed: Observed, *, by_state: bool = False, destroys: bool = False
) -> tuple[Fault, ...]:
    """A fault where there are no credentials, or those of an account that is not allowed or not that of the existing
    resources.

    ``by_state`` is as in `accounts.refusals`. ``destroys``: resources on AWS are about to go, whatever the config has,
    those of quarantined members too. AWS gets a request only where the result is needed: a role's account is in its
    ARN, which was checked when the config was read. A quarantined member causes no request, whose region may be lost
    with its STS.
    """
    observed = observed if destroys else accounts.without_quarantined(settings, observed)
    is_limited = _is_limited(settings, on_aws=destroys)
    caller = ""
    if is_limited or accounts.needs_caller(settings, observed, by_state=by_state):
        try:
            caller = _account(settings)
        except _errors() as error:
            why = " ".join(str(error).split()) or type(error).__name__
            message = f"AWS does not return the account of these credentials: {why}"
            remedy = "log in to AWS, or set AWS_PROFILE; `aws sts get-caller-identity` shows the account"
            return (_fault(settings, message, remedy),)
    found = accounts.refusals(settings, observed, caller, by_state=by_state)
    if found or not is_limited or caller in settings.allowed_account_ids:
        return found
    allowed = ", ".join(settings.allowed_account_ids)
    remedy = "set AWS_PROFILE or the credentials of an allowed account, or add this one"
    return (_fault(settings, f"the credentials are of account {caller} (allowed: {allowed})", remedy),)


def _is_limited(settings: FederationSettings, *, on_aws: bool) -> bool:
    """Whether the config allows only some accounts to the credentials of an update that touches AWS."""
    on_aws = on_aws or any(each.provider == "eks" for each in settings.members)
    on_aws = on_aws or (settings.dns.provider == "route53" and bool(settings.zone))
    return bool(settings.allowed_account_ids) and not settings.role_arn and on_aws


def _account(settings: FederationSettings) -> str:
    """The account of the credentials; where one region does not answer, the next one gets the request."""
    from federation.components.aws.on_aws import sts_region

    first = sts_region(settings)
    others = {member.region for member in settings.members if member.provider == "eks" and member.available} - {first}
    try:
        return _query_account(first)
    except _errors():
        for region in sorted(others):
            with suppress(*_errors()):
                return _query_account(region)
        raise


def _query_account(region: str) -> str:
    # Imported here, as all AWS packages: they take half a second to load, and few plans need the account.
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 2})
    return str(boto3.client("sts", region_name=region, config=config).get_caller_identity()["Account"])


def _errors() -> tuple[type[Exception], ...]:
    from botocore.exceptions import BotoCoreError, ClientError

    return (BotoCoreError, ClientError)


def _fault(settings: FederationSettings, message: str, remedy: str) -> Fault:
    return Fault(place=Place(file=f"Pulumi.{settings.stack}.yaml"), where=WHERE, message=message, remedy=remedy)
