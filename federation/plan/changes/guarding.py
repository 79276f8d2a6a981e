"""Hold a plan against the guard, which the environment may turn off or open for single losses, for one run.

That way it is the same for `pulumi up` of any program, for `fed up --no-guard` and `--allow`, which set it, and in CI.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from federation.api.model.members import Federation
from federation.errors.fault import Fault, FaultsFoundError, FederationError, Severity
from federation.plan.changes import dead_ends, guard, unjoining
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan

__all__ = ["ALLOW", "OFF", "VARIABLE", "UnknownSettingError", "check", "findings", "to_tree"]

VARIABLE = "EKS_FEDERATION_GUARD"
ALLOW = "EKS_FEDERATION_ALLOW"
"""Targets that may go in this one run, with commas in between: as under ``guard: {allow: ...}``."""
OFF = "off"
ON = ("", "on")


class UnknownSettingError(FederationError):
    """The environment says something else than on or off: too much depends on it to guess."""


def findings(
    federation: Federation, plan: Plan, observed: Observed, environment: Mapping[str, str]
) -> tuple[Fault, ...]:
    """What the guard has against ``plan``: errors, or warnings where it is off; and what to do afterwards."""
    said = environment.get(VARIABLE, "").strip().lower()
    if said not in (*ON, OFF):
        msg = f"{VARIABLE} is {said!r} (allowed: on, off)"
        raise UnknownSettingError(msg)
    once = tuple(filter(None, (each.strip() for each in environment.get(ALLOW, "").split(","))))
    settings = federation.guard.model_copy(update={"allow": (*federation.guard.allow, *once)})
    found = guard.refusals(federation.model_copy(update={"guard": settings}), plan, observed)
    if said == OFF:
        found = tuple(replace(each, severity=Severity.WARNING, remedy="the guard is off") for each in found)
    warned = unjoining.warned(federation, plan, observed)
    return (*found, *warned, *dead_ends.refusals(federation, observed))


def to_tree(found: Sequence[Fault]) -> dict[str, Any]:
    """The guard's ``findings`` as plain data: ``passed`` or ``refused``, and a line for each."""
    is_refused = any(each.severity is Severity.ERROR for each in found)
    return {"verdict": "refused" if is_refused else "passed", "reasons": [str(each) for each in found]}


def check(federation: Federation, plan: Plan, observed: Observed, environment: Mapping[str, str]) -> tuple[Fault, ...]:
    """What the guard, being off, lets pass; ``FaultsFoundError`` with all of it when it is on."""
    found = findings(federation, plan, observed, environment)
    if any(each.severity is Severity.ERROR for each in found):
        raise FaultsFoundError(found)
    return found
