"""Tell which cluster is behind a member, and whether it is still that of the last update.

A member that leads to another cluster keeps its name and all its documents, so nothing of its plan changes. But the
provider that reaches it becomes another one, and then the engine replaces every object on it: deleted in the old
cluster, made anew in the new one. An *identity* is a text that changes exactly when that happens; it holds no secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from federation.api.model.members import Federation, Member
from federation.plan.model import names
from federation.plan.model.observed import Observed
from federation.plan.model.trees import mapping

__all__ = ["Replaced", "accepted", "differ", "from_output", "moved", "of_eks", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A member whose ``objects`` (so many) would be replaced, and its identities at the last update and now.

    ``meant``: the config says so, by ``plan.unjoin``. It cannot say so of a held member, whose objects nothing could
    make anew.
    """

    member: str
    before: str
    now: str
    objects: int
    held: bool
    meant: bool

    def __str__(self) -> str:
        which = f"{self.member} is held and" if self.held else self.member
        why = ", as plan.unjoin lets it" if self.meant else ""
        return (
            f"{which} leads to another cluster: all of its {self.objects} objects would be replaced, deleted in "
            f"{self.before} and made anew in {self.now}{why}"
        )


def of_eks(federation: Federation, member: Member) -> str:
    """The identity of an ``eks`` member: all in the config that has AWS make another cluster when it changes."""
    cluster = names.cluster(federation.name, federation.stack, member.original_name)
    return f"eks {member.region} {member.network.cidr} {cluster}"


def from_output(output: object) -> Mapping[str, str]:
    """By member, what an update wrote into a stack's output; nothing of what a program of one's own put there."""
    return {name: text for name, text in mapping(output).items() if isinstance(text, str)}


def differ(before: str, now: str) -> bool:
    """Whether a member leads to another cluster; where one of both is not known ("") nobody can say so."""
    return bool(before and now) and before != now


def moved(observed: Observed) -> frozenset[str]:
    """The members that lead to another cluster, whatever they hold."""
    before = observed.identities_before
    return frozenset(name for name, now in observed.identities.items() if differ(before.get(name, ""), now))


def accepted(federation: Federation, observed: Observed) -> tuple[Replaced, ...]:
    """The members that lead to another cluster, and may."""
    return tuple(each for each in _replaced(federation, observed) if each.meant)


def refused(federation: Federation, observed: Observed) -> tuple[Replaced, ...]:
    """The members that lead to another cluster, and must not."""
    return tuple(each for each in _replaced(federation, observed) if not each.meant)


def _replaced(federation: Federation, observed: Observed) -> list[Replaced]:
    """The members that hold objects and lead to another cluster than at the last update, where both are known.

    Held ones too: nothing else of them changes, but the provider does. An orphan is left standing in the old one.
    """
    on_hold, elsewhere = {each.name for each in federation.members if not each.available}, moved(observed)
    found = []
    for name in (member.name for member in federation.members if member.name in elsewhere):
        before, now = observed.identities_before[name], observed.identities[name]
        count = sum(not each.orphan for each in (observed.registered or {}).get(name, ()))
        if count:
            is_held = name in on_hold
            meant = name in federation.plan.unjoin and not is_held
            found.append(Replaced(member=name, before=before, now=now, objects=count, held=is_held, meant=meant))
    return found
