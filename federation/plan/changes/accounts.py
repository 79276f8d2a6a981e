"""Compare the AWS account that an update acts in with the account of what stands.

In another account nothing of the state is found: a refresh forgets it all, and an update makes it a second time. No
update moves a cluster from one account to another, so no setting lets that pass.
"""

from collections.abc import Mapping
from typing import Final

from federation.api.config.stack import ROLE
from federation.api.model.members import Federation
from federation.errors.fault import Fault, Place
from federation.plan.changes import quarantine
from federation.plan.model.observed import Observed

__all__ = ["CALLER", "asks_for_caller", "refusals"]

CALLER: Final = ""
"""The role of an update that assumes none: it acts as whoever runs it."""
_WHERE: Final = "eks-federation:federation"


def asks_for_caller(federation: Federation, observed: Observed, *, by_state: bool = False) -> bool:
    """Whether `refusals` needs the caller's account: some of what stands is touched without a role."""
    return CALLER in _roles(federation, observed, by_state=by_state).values()


def refusals(federation: Federation, observed: Observed, caller: str, *, by_state: bool = False) -> tuple[Fault, ...]:
    """A fault for each account that something stands in and that another one would act on.

    ``caller`` is the account of the credentials. ``by_state``: the providers of the state act, as in a refresh and in a
    destruction; they have the roles of the last update, and not that of the config.
    """
    found: dict[tuple[str, str, str], list[str]] = {}
    for member, role in _roles(federation, observed, by_state=by_state).items():
        now, before = caller if role == CALLER else _account(role), observed.clusters[member].account
        if now and now != before:
            who = "the credentials are" if role == CALLER else "roleArn is"
            found.setdefault((before, now, who), []).append(member)
    return tuple(_fault(federation, *key, members) for key, members in sorted(found.items()))


def _roles(federation: Federation, observed: Observed, *, by_state: bool) -> Mapping[str, str]:
    """By member that stands in a known account, the role that acts on it."""
    before = observed.roles_before if by_state else {}
    standing = sorted(name for name, each in observed.clusters.items() if each.account)
    return {name: before.get(name, federation.role_arn) for name in standing}


def _account(role: str) -> str:
    """The account of a role, "" where its ARN has another form."""
    found = ROLE.match(role)
    return found[1] if found else ""


def _fault(federation: Federation, before: str, now: str, who: str, members: list[str]) -> Fault:
    message = (
        f"{who} of account {now}, and the EKS clusters of {quarantine.listed(members)} stand in account {before}: "
    )
    message += "nothing of them is found there, so the state would lose them"
    remedy = f"set AWS_PROFILE or the credentials of account {before}" if "credentials" in who else "put roleArn back"
    remedy += "; no update moves a cluster to another account: make a stack of its own there"
    return Fault(place=Place(file=f"Pulumi.{federation.stack}.yaml"), where=_WHERE, message=message, remedy=remedy)
