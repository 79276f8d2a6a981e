"""Treat a member under a new name as the member that it was.

``formerNames`` in a member's config names the rename. Data that an update left under a former name is read under the
present one, so that plan, guard and status compare a member with itself. Aliases move the objects in Pulumi's state.

A rename that the config does not name is suspected if a new member leads to the cluster of a member that has left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from federation.api.model.members import FederationSettings, Member
from federation.plan.changes import cluster_identity
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan

__all__ = ["Renames", "Suspected", "lines", "newcomers", "suspected"]

Value = TypeVar("Value")
Index = Mapping[str, tuple[IndexEntry, ...]]


@dataclass(frozen=True, slots=True)
class Renames:
    """``pairs`` of a member's former and present name, its most recent former name last."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_config(cls, whole: FederationSettings | Plan) -> "Renames":
        """The renames of all members of a federation, or of a plan."""
        return cls(tuple((former, member.name) for member in whole.members for former in member.former_names))

    def member(self, name: str) -> str:
        """The present name of the member called ``name``."""
        return dict(self.pairs).get(name, name)

    def logical_name(self, name: str) -> str:
        """A resource's logical name (or URN) with the member's present name at its start."""
        start, colons, rest = name.rpartition("::")
        member, slash, tail = rest.partition("/")
        return f"{start}{colons}{self.member(member)}{slash}{tail}" if self.pairs else name

    def keyed(self, found: Mapping[str, Value]) -> dict[str, Value]:
        """``found`` by present names. A value under a present name wins over one under a former name."""
        renamed = {present: found[former] for former, present in self.pairs if former in found}
        former = {former for former, _ in self.pairs}
        return {**renamed, **{name: value for name, value in found.items() if name not in former}}

    def index(self, found: Index) -> Index:
        """An index with present names, also in its entries. Entries of a half-done rename, under both, are joined."""
        if not self.pairs:
            return found
        joined: dict[str, dict[str, IndexEntry]] = {}
        former = {former for former, _ in self.pairs}
        for name in sorted(found, key=lambda name: (name not in former, name)):
            entries = joined.setdefault(self.member(name), {})
            for each in found[name]:
                renamed = replace(each, logical_name=self.logical_name(each.logical_name))
                entries[renamed.logical_name] = renamed
        return {name: tuple(sorted(entries.values())) for name, entries in sorted(joined.items())}

    def observed(self, observed: Observed) -> Observed:
        """``observed`` with present names; ``renamed`` holds the former names that were found in it."""
        if not self.pairs:
            return observed
        # Roles do not count: a cluster on AWS keeps its member's first name in the state.
        standing = {*(observed.registered or ()), *observed.identities_before}
        found = {present: former for former, present in self.pairs if former in standing}
        return replace(
            observed,
            current={key: self.keyed(each) for key, each in observed.current.items()},
            capacity={key: self.keyed(each) for key, each in observed.capacity.items()},
            nodes=self.keyed(observed.nodes),
            registered=None if observed.registered is None else self.index(observed.registered),
            quarantined_before=tuple(sorted({self.member(name) for name in observed.quarantined_before})),
            identities_before=self.keyed(observed.identities_before),
            roles_before=self.keyed(observed.roles_before),
            clusters=self.keyed(observed.clusters),
            renamed={**observed.renamed, **found},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspected:
    """A member that has left (``before``) and one that seems to be the same (``now``); ``cluster`` says why.

    ``is_new``: the last update has left nothing of ``now``, so it may be only a new name.
    """

    before: str
    now: str
    cluster: str
    is_new: bool = True

    def __str__(self) -> str:
        return f"{self.before} is no longer a member, and {self.now} {self.cluster}"

    @property
    def remedy(self) -> str:
        """The possible next steps; none of them deletes anything."""
        if not self.is_new:
            return f"call the member {self.before} again, and lead {self.now} to the cluster that it has had"
        return (
            f"if {self.now} is {self.before} under a new name, write formerNames: [{self.before}] under {self.now} in "
            f"eks-federation:members, and its objects are moved; or call the member {self.before} again"
        )


def suspected(federation: FederationSettings, observed: Observed) -> tuple[Suspected, ...]:
    """The renames that the config does not name, of members that leave objects or clusters behind.

    Two names of one cluster mean the same objects, so a deletion under the old name is a loss under the new one. That
    is suspected whatever ``plan.unjoin`` says. The new name of an ``eks`` member would be another cluster:
    ``plan.unjoin`` lets the old one go.
    """
    present = {member.name for member in federation.members}
    registered = (observed.registered or {}).items()
    standing = {name for name, entries in registered if not all(each.orphan for each in entries)}
    new = newcomers(federation, observed)
    found = []
    for before in sorted((standing | observed.clusters_before) - present):
        identity = observed.identities_before.get(before, "")
        same = [each for each in federation.members if identity and observed.identities.get(each.name) == identity]
        alike = [each for each in new if identity and identity == _identity(federation, each, before)]
        if same:
            cluster = f"leads to its cluster, {identity}: it would take the objects over, and they would be deleted"
            cluster = f"{cluster} as those of {before}"
            found.append(Suspected(before=before, now=same[0].name, cluster=cluster, is_new=same[0] in new))
        elif alike and before not in federation.plan.unjoin:
            cluster = "is new in its region with its network range: the EKS cluster would be deleted and another made"
            found.append(Suspected(before=before, now=alike[0].name, cluster=cluster))
        for each in _called_after(federation, observed, before):
            cluster = "has its EKS cluster, which is called after it: that would be deleted and another made"
            found.append(Suspected(before=before, now=each, cluster=cluster))
    return tuple(found)


def newcomers(federation: FederationSettings, observed: Observed) -> tuple[Member, ...]:
    """The members without any trace in the last update."""
    recorded = {*(observed.registered or ()), *observed.identities_before, *observed.clusters_before}
    return tuple(member for member in federation.members if member.name not in recorded)


def lines(observed: Observed) -> tuple[str, ...]:
    """``dc1 was onprem`` for each member whose objects are under a former name."""
    return tuple(f"{now} was {before}: its objects are moved" for now, before in sorted(observed.renamed.items()))


def _called_after(federation: FederationSettings, observed: Observed, before: str) -> list[str]:
    """The members whose cluster is still called after ``before``, their former name that the config no longer has.

    A cluster that is to be created again (``plan.unjoin``) may get a new name.
    """
    eks = [each for each in federation.members if each.provider == "eks" and each.name not in federation.plan.unjoin]
    identities = observed.identities_before
    return [each.name for each in eks if identities.get(each.name) == _identity(federation, each, before)]


def _identity(federation: FederationSettings, member: Member, before: str) -> str:
    """The identity that an ``eks`` member would have under the name ``before``; "" for other members."""
    called = member.model_copy(update={"former_names": (before,)})
    return cluster_identity.of_eks(federation, called) if member.provider == "eks" else ""
