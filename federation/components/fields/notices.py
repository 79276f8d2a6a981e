"""Log notices on held members, on members that do not answer, and on fields that others own.

Pulumi shows them in preview and in update alike. Missed updates end the program with an error, but only after all other
work is done.
"""

from collections.abc import Mapping, Sequence

import pulumi

from federation.components.fields import field_notices, observe
from federation.components.fields.observe import ObservedMembers, Updates
from federation.components.kubernetes.objects import KubernetesObject
from federation.components.last_update import LastUpdate
from federation.plan.changes import quarantine
from federation.plan.model.plan import Plan

__all__ = ["fail_at_the_end", "tell"]

UNSEEN = "what others have taken there, and what is labelled as not to be managed, is not seen before the update"


def tell(plan: Plan, last: LastUpdate, members: ObservedMembers, updates: Updates) -> None:
    """Log a line for each held member, each silent one, each field that others own, and each that is removed."""
    for member in plan.members:
        if not member.available:
            pulumi.log.info(quarantine.described(member))
    for name, changes in observe.missed(plan, last.index, members).items():
        pulumi.log.warn(_silent(name, members.silent[name], changes))
    for name, why in members.unreadable.items():
        pulumi.log.warn(f"{name} cannot be looked at ({why}): {UNSEEN}")
    for line in field_notices.lines(members, updates):
        (pulumi.log.warn if line.warns else pulumi.log.info)(line.text)


def fail_at_the_end(
    objects: Mapping[str, KubernetesObject], plan: Plan, last: LastUpdate, members: ObservedMembers
) -> None:
    """End the program with an error, after all else is done, when a silent member has missed updates.

    Creations and deletions there have failed by themselves. With those the program must end without an error: after a
    failed program the engine deletes nothing, in any member.
    """
    missed = observe.missed(plan, last.index, members)
    lines = [
        _silent(name, members.silent[name], changes)
        for name, changes in missed.items()
        if changes and all(each.startswith("update ") for each in changes)
    ]
    if lines:
        pulumi.Output.all(*(each.urn for each in objects.values())).apply(lambda _: _fail(lines))


def _fail(lines: Sequence[str]) -> None:
    raise pulumi.RunError("\n".join(lines))


def _silent(name: str, why: str, changes: Sequence[str]) -> str:
    waiting = f"it misses {quarantine.listed(changes)}" if changes else "it had no changes to take"
    remedy = "update again when it answers, or set available: false to move its replicas elsewhere"
    return f"{name} does not answer ({why}): nothing of it is changed; {waiting}; {remedy}"
