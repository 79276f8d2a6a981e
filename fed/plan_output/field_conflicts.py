"""Print the fields of live members that an update takes back from others, or removes.

The clients are slow to load, so this module is loaded only where something stands.
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

__all__ = ["LiveFields", "look"]

SECONDS: Final = 3.0  # a request that begins then may take as long again
_REMEDY: Final = "`fed up --refresh` takes it back"
_UNSEEN: Final = "fields that this update takes back or removes there are not shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFields:
    """What was ``seen`` of the members, what the update changes, and by member the reason why it was not looked at.

    ``problem`` is the reason when no member could be looked at.
    """

    seen: ObservedMembers
    updates: Updates = field(default_factory=Updates)
    not_looked_at: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def faults(self) -> Sequence[Fault]:
        """An error for each object because of which the update will be refused."""
        return observe.faults(self.seen)

    def print(self) -> None:
        """A line for each field, and for each member that was not looked at."""
        for line in field_notices.lines(self.seen, self.updates, _REMEDY):
            say(line.text)
        if self.problem:
            say(f"the members were not looked at ({self.problem}): {_UNSEEN}")
            return
        for name, why in self.not_looked_at.items():
            say(f"{name} was not looked at ({why}): {_UNSEEN}")

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
            for each in self.seen.conflicts
        ]
        removed = [
            {
                "object": each.logical_name,
                "field": each.field,
                "manager": each.manager,
                "value": each.value,
                "removed": each.logical_name in self.updates.names,
            }
            for each in self.seen.removed
        ]
        return {"fieldConflicts": conflicts, "removedFields": removed, "notLookedAt": dict(self.not_looked_at)}


def look(stack: Stack, plan: Plan, observed: Observed) -> LiveFields:
    """Look at the members of ``plan`` that hold objects, all at once, with the kubeconfigs of the last update."""
    registered = observed.registered or {}
    names = [member.name for member in plan.members if member.available and registered.get(member.name)]
    try:
        before = outputs.read(stack.root, stack.name).kubeconfigs
    except outputs.OutputsUnavailableError as error:
        problem = str(error)
        return LiveFields(seen=ObservedMembers(silent={}), not_looked_at=dict.fromkeys(names, problem), problem=problem)
    moved = cluster_identity.moved(observed)
    kubeconfigs = observe.reached(stack.federation, stack.root, before, moved)
    seen = observe.look(plan, kubeconfigs, moved, within=SECONDS)
    missing = {name: "the last update has left no way to reach it" for name in names if name not in kubeconfigs}
    missing |= {name: f"does not answer: {why}" for name, why in seen.silent.items()}
    missing |= seen.unreadable
    updates = observe.updates(plan, registered, seen.conflicts, None)
    return LiveFields(seen=seen, updates=updates, not_looked_at=dict(sorted(missing.items())))
