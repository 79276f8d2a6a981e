"""Ask AWS once which account an update would act in, and refuse one that the federation does not allow.

The providers do not check it themselves. They are configured without asking for their account, so that a lost region
stops nobody, and the official provider takes an account that it does not know for one that is not allowed.
"""

from typing import Final

from federation.api.model.members import Federation
from federation.errors.fault import Fault, Place

__all__ = ["faults"]

SECONDS: Final = 10
WHERE: Final = "eks-federation:federation.allowedAccountIds"


def faults(settings: Federation) -> tuple[Fault, ...]:
    """A fault where the credentials are of another account than is allowed, or of none. Nothing is asked where every
    account is allowed, or nothing is on AWS. The account of ``roleArn`` stands in it, and was checked with the config.
    """
    on_aws = any(each.provider == "eks" for each in settings.members)
    on_aws = on_aws or (settings.dns.provider == "route53" and bool(settings.zone))
    if not settings.allowed_account_ids or settings.role_arn or not on_aws:
        return ()
    allowed = ", ".join(settings.allowed_account_ids)
    try:
        found = _account(settings)
    except _errors() as error:
        why = " ".join(str(error).split()) or type(error).__name__
        message = f"AWS does not tell whose account this is: {why}"
        remedy = "log in to AWS, or set AWS_PROFILE; `aws sts get-caller-identity` shows the account"
        return (_fault(settings, message, remedy),)
    if found in settings.allowed_account_ids:
        return ()
    remedy = "set AWS_PROFILE or the credentials of an allowed account, or add this one"
    return (_fault(settings, f"the credentials are of account {found} (allowed: {allowed})", remedy),)


def _account(settings: Federation) -> str:
    # Here and not above, as all of AWS: it takes half a second to load, and is used where accounts are named.
    import boto3
    from botocore.config import Config

    from federation.components.aws.on_aws import sts_region

    config = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 2})
    client = boto3.client("sts", region_name=sts_region(settings), config=config)
    return str(client.get_caller_identity()["Account"])


def _errors() -> tuple[type[Exception], ...]:
    from botocore.exceptions import BotoCoreError, ClientError

    return (BotoCoreError, ClientError)


def _fault(settings: Federation, message: str, remedy: str) -> Fault:
    return Fault(place=Place(file=f"Pulumi.{settings.stack}.yaml"), where=WHERE, message=message, remedy=remedy)
