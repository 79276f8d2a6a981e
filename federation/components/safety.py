"""Check a plan against the existing state and against live members, before anything is registered.

Every program that has a federation uses this: the program of this project's stacks, a user's own program, and the
component package. Nothing here changes anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi

from federation.api.model.cells import CELLS_OF_MEMBER, Cell, list_cells
from federation.api.model.members import FederationSettings
from federation.components import last_update
from federation.components.clusters import identity
from federation.components.fields import notices, observe
from federation.components.fields.observe import ObservedMembers
from federation.components.last_update import EngineState, LastUpdate
from federation.errors.fault import Fault, Severity, raise_if_errors
from federation.plan.changes import cluster_identity, guarding, renames
from federation.plan.changes.renames import Renames
from federation.plan.live import injections
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.views.other_stacks import describe_other_stacks

__all__ = ["PriorState", "check_update", "observe_members", "prior_state"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorState:
    """The state before an update: what the ``last`` update left, what the engine's ``state`` holds by present names,
    what planning uses (``observed``), and what was observed in the live ``members``."""

    last: LastUpdate = field(default_factory=LastUpdate)
    state: EngineState = field(default_factory=EngineState)
    observed: Observed = field(default_factory=Observed)
    members: ObservedMembers = field(default_factory=lambda: ObservedMembers(unreachable={}))


def prior_state(name: str, federation: FederationSettings, given: Observed) -> PriorState:
    """What the state holds of the federation whose resource is ``name``; values ``given`` by hand take precedence.

    In the layout ``cells`` this is the state of all cells together.
    """
    renamed = Renames.from_config(federation)
    names = [each for member in federation.members for each in (member.name, *member.former_names)]
    stacks = _cells(federation) if federation.layout == "cells" else []
    state = last_update.engine_state(stacks=stacks)
    last = last_update.read_last_update(name, names, federation.name, state)
    observed = last_update.complete_observed(given, last, identity.identify_clusters(federation, Path()), state)
    by_present_names = last_update.engine_state(renamed, stacks)
    return PriorState(last=last.by(renamed), state=by_present_names, observed=renamed.observed(observed))


def _cells(federation: FederationSettings) -> list[str]:
    """The stacks of all cells, with those of members that leave: ``plan.unjoin`` names them, or this is one of them."""
    leaving = [
        Cell(environment=federation.stack, member=name, part=part)
        for name in federation.plan.unjoin
        for part in CELLS_OF_MEMBER
    ]
    return sorted({*(cell.stack for cell in (*list_cells(federation), *leaving)), pulumi.get_stack()})


def check_update(
    federation: FederationSettings,
    plan: Plan,
    observed: Observed,
    environment: Mapping[str, str],
    faults: Sequence[Fault],
) -> None:
    """Log all warnings. Raises ``FaultsFoundError`` with ``faults`` and the guard's findings on ``plan``."""
    findings = guarding.findings(federation, plan, observed, environment)
    raise_if_errors([*faults, *(each for each in findings if each.severity is Severity.ERROR)])
    for warning in (*plan.warnings, *findings, *cluster_identity.accepted(federation, observed)):
        pulumi.log.warn(str(warning).removeprefix("warning: "))
    for line in (*describe_other_stacks(plan), *renames.lines(observed)):
        pulumi.log.info(line)


def observe_members(federation: FederationSettings, plan: Plan, prior: PriorState) -> tuple[Plan, ObservedMembers]:
    """``plan`` with the values that others have injected into its objects, and what was observed in the members.

    Logs what this update does to fields of other owners. In a member that has moved to another cluster, every object
    is new. The whole state is read only where others own a field.
    """
    moved = cluster_identity.moved(prior.observed)
    members = observe.observe_members(
        plan, observe.present_kubeconfigs(federation, Path(), prior.last.kubeconfigs, moved), moved
    )
    raise_if_errors(observe.faults(members))
    registered = {name: each for name, each in (prior.observed.registered or {}).items() if name not in moved}
    resources: Mapping[str, Mapping[str, Any]] = last_update.state_resources() if members.field_conflicts else {}
    resources = {Renames.from_config(plan).logical_name(urn): tree for urn, tree in resources.items()}
    updates = observe.changed_objects(plan, registered, members.field_conflicts, resources)
    notices.log_notices(plan, prior.last, members, updates)
    for each in injections.unread(plan, members.injected, registered, members.unreachable):
        pulumi.log.warn(str(each).removeprefix("warning: "))
    return injections.applied(plan, members.injected, registered, updates.names), members
