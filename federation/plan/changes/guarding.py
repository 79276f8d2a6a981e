"""Run the guard on a plan, with the settings that the environment gives for one run.

The environment may turn the guard off, or allow single losses. So it works alike in `pulumi up` of any program, in CI,
and in `fed up --no-guard` and `--allow`, which set these variables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from federation.api.model.members import FederationSettings
from federation.errors.fault import Fault, FaultsFoundError, FederationError, Severity
from federation.plan.changes import dead_ends, guard, unjoining
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan

__all__ = ["ALLOW", "OFF", "VARIABLE", "UnknownSettingError", "check", "findings", "to_tree"]

VARIABLE = "EKS_FEDERATION_GUARD"
ALLOW = "EKS_FEDERATION_ALLOW"
"""Targets that may go in this one run, separated by commas, as under ``guard: {allow: ...}``."""
OFF = "off"
ON = ("", "on")


class UnknownSettingError(FederationError):
    """The environment has a value other than on or off: too much depends on it to guess."""


def findings(
    federation: FederationSettings, plan: Plan, observed: Observed, environment: Mapping[str, str]
) -> tuple[Fault, ...]:
    """The guard's objections to ``plan``: errors, or warnings if it is off; and what to do after the update."""
    setting = environment.get(VARIABLE, "").strip().lower()
    if setting not in (*ON, OFF):
        msg = f"{VARIABLE} is {setting!r} (allowed: on, off)"
        raise UnknownSettingError(msg)
    once = tuple(filter(None, (each.strip() for each in environment.get(ALLOW, "").split(","))))
    settings = federation.guard.model_copy(update={"allow": (*federation.guard.allow, *once)})
    faults = guard.refusals(federation.model_copy(update={"guard": settings}), plan, observed)
    if setting == OFF:
        faults = tuple(replace(each, severity=Severity.WARNING, remedy="the guard is off") for each in faults)
    warned = unjoining.warned(federation, plan, observed)
    return (*faults, *warned, *dead_ends.refusals(federation, observed))


def to_tree(faults: Sequence[Fault]) -> dict[str, Any]:
    """The guard's ``findings`` as plain data: ``passed`` or ``refused``, and a line for each."""
    is_refused = any(each.severity is Severity.ERROR for each in faults)
    return {"verdict": "refused" if is_refused else "passed", "reasons": [str(each) for each in faults]}


def check(
    federation: FederationSettings, plan: Plan, observed: Observed, environment: Mapping[str, str]
) -> tuple[Fault, ...]:
    """The guard's warnings; raises ``FaultsFoundError`` with all findings if one of them is an error."""
    faults = findings(federation, plan, observed, environment)
    if any(each.severity is Severity.ERROR for each in faults):
        raise FaultsFoundError(faults)
    return faults
