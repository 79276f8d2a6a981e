"""What does the program tell of members that are held, that do not answer, and of what others have taken there?

Pulumi shows it in preview and in update alike. That something was left undone ends the update with an error, but only
when everything else is done.
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


def tell(plan: Plan, last: LastUpdate, seen: ObservedMembers, updates: Updates) -> None:
    """Log a line for each held member, each silent one, each field that is not ours any more, and each that goes."""
    for member in plan.members:
        if not member.available:
            pulumi.log.info(quarantine.described(member))
    for name, changes in observe.missed(plan, last.index, seen).items():
        pulumi.log.warn(_silent(name, seen.silent[name], changes))
    for name, why in seen.unseen.items():
        pulumi.log.warn(f"{name} cannot be looked at ({why}): {UNSEEN}")
    for line in field_notices.lines(seen, updates):
        (pulumi.log.warn if line.warns else pulumi.log.info)(line.text)


def fail_at_the_end(
    objects: Mapping[str, KubernetesObject], plan: Plan, last: LastUpdate, seen: ObservedMembers
) -> None:
    """End the program with an error, after all else is done, when a silent member has missed updates.

    What was to be created or deleted there has failed by itself, and then the program must end well: the engine deletes
    nothing, in any member, after a program that failed.
    """
    missed = observe.missed(plan, last.index, seen)
    lines = [
        _silent(name, seen.silent[name], changes)
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
