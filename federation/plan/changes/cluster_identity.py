"""Identify the cluster behind a member, and detect a change since the last update.

A member that leads to another cluster keeps its name and all its documents, so its plan does not change. But its
Kubernetes provider changes, and then the engine replaces every object: deletes it in the old cluster and creates it
again in the new one. An *identity* is a text that changes exactly when that happens; it holds no secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from federation.api.model.members import FederationSettings, Member
from federation.plan.model import names
from federation.plan.model.observed import Observed
from federation.plan.model.trees import mapping

__all__ = ["Replaced", "accepted", "differ", "from_output", "moved", "of_eks", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A member whose objects would all be replaced, with its identities at the last update and now.

    ``objects`` is their number. ``meant``: the config allows it by ``plan.unjoin``. It cannot do so for a quarantined
    member, because the objects there could not be created again.
    """

    member: str
    before: str
    now: str
    objects: int
    quarantined: bool
    meant: bool

    def __str__(self) -> str:
        which = f"{self.member} is quarantined and" if self.quarantined else self.member
        why = ", as plan.unjoin lets it" if self.meant else ""
        return (
            f"{which} leads to another cluster: all of its {self.objects} objects would be replaced, deleted in "
            f"{self.before} and created again in {self.now}{why}"
        )


def of_eks(federation: FederationSettings, member: Member) -> str:
    """The identity of an ``eks`` member: all settings whose change makes AWS replace the cluster."""
    cluster = names.cluster(federation.name, federation.stack, member.original_name)
    return f"eks {member.region} {member.network.cidr} {cluster}"


def from_output(output: object) -> Mapping[str, str]:
    """The identities by member in a stack's output; values that a user's own program put there are left out."""
    return {name: text for name, text in mapping(output).items() if isinstance(text, str)}


def differ(before: str, now: str) -> bool:
    """Whether a member leads to another cluster; false if either identity is unknown ("")."""
    return bool(before and now) and before != now


def moved(observed: Observed) -> frozenset[str]:
    """The members that lead to another cluster, with or without objects."""
    before = observed.identities_before
    return frozenset(name for name, now in observed.identities.items() if differ(before.get(name, ""), now))


def accepted(federation: FederationSettings, observed: Observed) -> tuple[Replaced, ...]:
    """The members that lead to another cluster and are allowed to."""
    return tuple(each for each in _replaced(federation, observed) if each.meant)


def refused(federation: FederationSettings, observed: Observed) -> tuple[Replaced, ...]:
    """The members that lead to another cluster and are not allowed to."""
    return tuple(each for each in _replaced(federation, observed) if not each.meant)


def _replaced(federation: FederationSettings, observed: Observed) -> list[Replaced]:
    """The members that hold objects and lead to another cluster than at the last update, where both are known.

    Quarantined members count too: their provider changes even though nothing else does. An orphan stays in the old
    cluster.
    """
    quarantined = {each.name for each in federation.members if not each.available}
    moved_members = moved(observed)
    found = []
    for name in (member.name for member in federation.members if member.name in moved_members):
        before, now = observed.identities_before[name], observed.identities[name]
        count = sum(not each.orphan for each in (observed.registered or {}).get(name, ()))
        if count:
            is_quarantined = name in quarantined
            meant = name in federation.plan.unjoin and not is_quarantined
            found.append(
                Replaced(member=name, before=before, now=now, objects=count, quarantined=is_quarantined, meant=meant)
            )
    return found
