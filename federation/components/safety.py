"""Hold a plan against what stands before anything is registered, and against what others have in the members.

Every program that has a federation goes this way: that of this project's stacks, one of a user's own, and the component
package. Nothing of it changes anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi

from federation.api.model.members import Federation
from federation.components import last_update
from federation.components.clusters import identity
from federation.components.fields import notices, observe
from federation.components.fields.observe import ObservedMembers
from federation.components.last_update import LastUpdate
from federation.errors.fault import Fault, Severity, raise_if_errors
from federation.plan.changes import cluster_identity, guarding, renames
from federation.plan.changes.renames import Renames
from federation.plan.live import injections
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.views.other_stacks import elsewhere

__all__ = ["Known", "checked", "known", "seen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known before an update: what the ``last`` one left, what a plan goes by (``observed``), and what is
    ``seen`` in the members."""

    last: LastUpdate = field(default_factory=LastUpdate)
    observed: Observed = field(default_factory=Observed)
    seen: ObservedMembers = field(default_factory=lambda: ObservedMembers(silent={}))


def known(name: str, federation: Federation, given: Observed) -> Known:
    """What the state knows of the federation whose resource is ``name``; what is ``given`` by hand counts first."""
    renamed = Renames.of(federation)
    names = [each for member in federation.members for each in (member.name, *member.former_names)]
    last = last_update.read(name, names, federation.name)
    observed = last_update.completed(given, last, identity.of(federation, Path()))
    return Known(last=last.by(renamed), observed=renamed.observed(observed))


def checked(
    federation: Federation, plan: Plan, observed: Observed, environment: Mapping[str, str], faults: Sequence[Fault]
) -> None:
    """Log all warnings; ``FaultsFoundError`` with ``faults`` and what the guard has against ``plan``."""
    found = guarding.findings(federation, plan, observed, environment)
    raise_if_errors([*faults, *(each for each in found if each.severity is Severity.ERROR)])
    for warning in (*plan.warnings, *found, *cluster_identity.accepted(federation, observed)):
        pulumi.log.warn(str(warning).removeprefix("warning: "))
    for line in (*elsewhere(plan), *renames.lines(observed)):
        pulumi.log.info(line)


def seen(federation: Federation, plan: Plan, before: Known) -> tuple[Plan, ObservedMembers]:
    """``plan`` with the values that others have injected into its objects, and what is seen in the members.

    What this update does to others' fields is logged. In a member that has moved all is made anew. The whole state is
    read only where others own something.
    """
    moved = cluster_identity.moved(before.observed)
    found = observe.look(plan, observe.reached(federation, Path(), before.last.kubeconfigs, moved), moved)
    raise_if_errors(observe.faults(found))
    registered = {name: each for name, each in (before.observed.registered or {}).items() if name not in moved}
    resources: Mapping[str, Mapping[str, Any]] = last_update.resources() if found.takeovers else {}
    resources = {Renames.of(plan).logical_name(urn): tree for urn, tree in resources.items()}
    updates = observe.updates(plan, registered, found.takeovers, resources)
    notices.tell(plan, before.last, found, updates)
    for each in injections.unread(plan, found.injected, registered, found.silent):
        pulumi.log.warn(str(each).removeprefix("warning: "))
    return injections.applied(plan, found.injected, registered, updates.names), found
