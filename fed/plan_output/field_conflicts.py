"""Print the fields of live members that an update takes back from others, or removes.

The clients are slow to load, so this module is loaded only where objects exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fed.terminal.output import say
from federation.components.fields import field_notices, observe
from federation.components.fields.observe import ObservedMembers, Updates
from federation.errors.fault import Fault
from federation.operations.engine import outputs
from federation.operations.project.settings import Stack
from federation.plan.changes import cluster_identity
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan

__all__ = ["LiveFields", "read_live_fields"]

SECONDS: Final = 3.0  # a request that begins then may take as long again
_REMEDY: Final = "`fed up --refresh` takes it back"
_UNREAD: Final = "fields that this update takes back or removes there are not shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFields:
    """What was observed of the ``members``, what the update changes, and by ``unread`` member the reason.

    ``problem`` is the reason when no member could be read.
    """

    members: ObservedMembers
    updates: Updates = field(default_factory=Updates)
    unread: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def faults(self) -> Sequence[Fault]:
        """An error for each object because of which the update will be refused."""
        return observe.faults(self.members)

    def print(self) -> None:
        """A line for each field, and for each member that was not read."""
        for line in field_notices.lines(self.members, self.updates, _REMEDY):
            say(line.text)
        if self.problem:
            say(f"the members were not read ({self.problem}): {_UNREAD}")
            return
        for name, why in self.unread.items():
            say(f"{name} was not read ({why}): {_UNREAD}")

    def to_tree(self) -> dict[str, Any]:
        """The same as plain data."""
        conflicts = [
            {
                "object": each.logical_name,
                "field": each.field.removeprefix("."),
                "manager": each.manager,
                "live": each.live,
                "planned": each.planned,
                "takenBack": each not in self.updates.unnoticed,
            }
            for each in self.members.field_conflicts
        ]
        removed = [
            {
                "object": each.logical_name,
                "field": each.field,
                "manager": each.manager,
                "value": each.value,
                "removed": each.logical_name in self.updates.names,
            }
            for each in self.members.removed
        ]
        return {"fieldConflicts": conflicts, "removedFields": removed, "notLookedAt": dict(self.unread)}


def read_live_fields(stack: Stack, plan: Plan, observed: Observed) -> LiveFields:
    """Read the members of ``plan`` that have objects, all at once, with the kubeconfigs of the last update."""
    registered = observed.registered or {}
    names = [member.name for member in plan.members if member.available and registered.get(member.name)]
    try:
        before = outputs.read_outputs(stack.root, stack.name).kubeconfigs
    except outputs.OutputsUnavailableError as error:
        problem = str(error)
        return LiveFields(
            members=ObservedMembers(unreachable={}), unread=dict.fromkeys(names, problem), problem=problem
        )
    moved = cluster_identity.moved(observed)
    kubeconfigs = observe.present_kubeconfigs(stack.federation, stack.root, before, moved)
    members = observe.observe_members(plan, kubeconfigs, moved, within=SECONDS)
    missing = {name: "the last update has no kubeconfig of it" for name in names if name not in kubeconfigs}
    missing |= {name: f"does not answer: {why}" for name, why in members.unreachable.items()}
    missing |= members.unreadable
    updates = observe.changed_objects(plan, registered, members.field_conflicts, None)
    return LiveFields(members=members, updates=updates, unread=dict(sorted(missing.items())))
