"""The observed state that a plan may depend on, gathered elsewhere and passed in as one value.

An empty value is an ordinary case: planning works offline, from documents alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from federation.plan.model.object_index import IndexEntry
from federation.plan.model.record_changes import RecordLine
from federation.plan.model.standing import Standing

__all__ = ["Observed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The observed state of the members and of the stack.

    ``current`` and ``capacity`` map a workload's key (``namespace/name``) to replicas by member: running and ready, and
    the most that can be scheduled (only members with an estimate). ``nodes`` counts a member's nodes.

    ``registered`` has the stack's objects by member, as the last update left them; a member without any is left out
    (``None``: not read). ``quarantined_before`` are the members that the last update quarantined. ``identities`` has
    the cluster that each member leads to now, ``identities_before`` the one at the last update (see `identities`).
    ``roles_before`` has the roles that have deployed ``eks`` members ("" for none). A member whose value is not known
    is left out of these.

    ``zone_before`` is the hosted zone that the last update made ("" for none), ``names_before`` are its public names,
    and ``records_before`` its record sets by logical name (``None``: not known). ``renamed`` maps the present name of a
    member to its name in the last update (see `changes.renames`).

    ``unread`` is the reason why the state could not be read, or "". ``exists`` is false for a stack that was never
    made. ``clusters`` has the AWS resources of ``eks`` members. ``protected_zone`` is the hosted zone that Pulumi
    protects.
    """

    current: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    capacity: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    nodes: Mapping[str, int] = field(default_factory=dict)
    registered: Mapping[str, tuple[IndexEntry, ...]] | None = None
    quarantined_before: tuple[str, ...] = ()
    identities: Mapping[str, str] = field(default_factory=dict)
    identities_before: Mapping[str, str] = field(default_factory=dict)
    roles_before: Mapping[str, str] = field(default_factory=dict)
    zone_before: str = ""
    names_before: tuple[str, ...] = ()
    records_before: Mapping[str, RecordLine] | None = None
    unread: str = ""
    exists: bool = True
    renamed: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, Standing] = field(default_factory=dict)
    protected_zone: str = ""

    @property
    def clusters_before(self) -> frozenset[str]:
        """The members whose cluster is in the state, even if an update has left it unfinished."""
        return frozenset(self.roles_before).union(name for name, each in self.clusters.items() if each.count)
