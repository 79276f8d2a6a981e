"""Refuse an update that acts in another AWS account than the one that holds the clusters.

In another account none of the resources in the state exist: a refresh would forget them all, and an update would make
them a second time. No update moves a cluster to another account, so no setting lets that pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from federation.api.config.stack import ROLE
from federation.api.model.members import FederationSettings
from federation.errors.fault import Fault, Place
from federation.plan.changes import quarantine
from federation.plan.model.observed import Observed

__all__ = ["CALLER", "needs_caller", "refusals", "without_quarantined"]

CALLER: Final = ""
"""The role of an update that assumes no role: it acts with the caller's credentials."""
_WHERE: Final = "eks-federation:federation"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Mismatch:
    """The account that holds clusters, the one that an update would act in, and ``who`` leads there."""

    before: str
    now: str
    who: str


def without_quarantined(federation: FederationSettings, observed: Observed) -> Observed:
    """``observed`` without the clusters of quarantined members: no update and no refresh touches them."""
    quarantined = {member.name for member in federation.members if not member.available}
    return replace(
        observed, clusters={name: each for name, each in observed.clusters.items() if name not in quarantined}
    )


def needs_caller(federation: FederationSettings, observed: Observed, *, by_state: bool = False) -> bool:
    """Whether `refusals` needs the caller's account: the update touches some standing cluster without a role."""
    return CALLER in _roles(federation, observed, by_state=by_state).values()


def refusals(
    federation: FederationSettings, observed: Observed, caller: str, *, by_state: bool = False
) -> tuple[Fault, ...]:
    """A fault for each account whose clusters an update in another account would act on.

    ``caller`` is the account of the credentials. ``by_state``: the providers in the state act, as in a refresh or a
    destroy; they have the roles of the last update, not that of the config.
    """
    found: dict[_Mismatch, list[str]] = {}
    for member, role in _roles(federation, observed, by_state=by_state).items():
        now, before = caller if role == CALLER else _account(role), observed.clusters[member].account
        if now and now != before:
            who = "the credentials are" if role == CALLER else "roleArn is"
            found.setdefault(_Mismatch(before=before, now=now, who=who), []).append(member)
    return tuple(_fault(federation, each, members) for each, members in sorted(found.items()))


def _roles(federation: FederationSettings, observed: Observed, *, by_state: bool) -> Mapping[str, str]:
    """The role that acts on each member whose cluster stands in a known account."""
    before = observed.roles_before if by_state else {}
    standing = sorted(name for name, each in observed.clusters.items() if each.account)
    return {name: before.get(name, federation.role_arn) for name in standing}


def _account(role: str) -> str:
    """The account of a role, "" if its ARN has another form."""
    match = ROLE.match(role)
    return match[1] if match else ""


def _fault(federation: FederationSettings, mismatch: _Mismatch, members: list[str]) -> Fault:
    before, who = mismatch.before, mismatch.who
    message = f"{who} of account {mismatch.now}, "
    message += f"and the EKS clusters of {quarantine.listed(members)} stand in account {before}: "
    message += "nothing of them is found there, so the state would lose them"
    remedy = f"set AWS_PROFILE or the credentials of account {before}" if "credentials" in who else "put roleArn back"
    remedy += "; no update moves a cluster to another account: make a stack of its own there"
    return Fault(place=Place(file=f"Pulumi.{federation.stack}.yaml"), where=_WHERE, message=message, remedy=remedy)
