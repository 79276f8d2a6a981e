"""Is the guard on, and what happens when it refuses? Where a user may say so: in the environment, for one run.

That way it is the same for `pulumi up`, for `fed up --no-guard`, which sets it, and in CI.
"""

from collections.abc import Mapping
from dataclasses import replace

from federation.api.members import Federation
from federation.errors import Fault, FaultsFoundError, FederationError, Severity
from federation.plan import guard
from federation.plan.observed import Observed
from federation.plan.result import Plan

__all__ = ["OFF", "VARIABLE", "UnknownAnswerError", "check", "findings"]

VARIABLE = "EKS_FEDERATION_GUARD"
OFF = "off"
ON = ("", "on")


class UnknownAnswerError(FederationError):
    """The environment says something else than on or off: too much depends on it to guess."""


def findings(
    federation: Federation, plan: Plan, observed: Observed, environment: Mapping[str, str]
) -> tuple[Fault, ...]:
    """What the guard has against ``plan``: errors, or warnings where it is off."""
    said = environment.get(VARIABLE, "").strip().lower()
    if said not in (*ON, OFF):
        msg = f"{VARIABLE} is {said!r} (allowed: on, off)"
        raise UnknownAnswerError(msg)
    found = guard.refusals(federation, plan, observed)
    if said == OFF:
        return tuple(replace(each, severity=Severity.WARNING, remedy="the guard is off") for each in found)
    return found


def check(federation: Federation, plan: Plan, observed: Observed, environment: Mapping[str, str]) -> tuple[Fault, ...]:
    """What the guard, being off, lets pass; ``FaultsFoundError`` with all of it when it is on."""
    found = findings(federation, plan, observed, environment)
    if any(each.severity is Severity.ERROR for each in found):
        raise FaultsFoundError(found)
    return found
