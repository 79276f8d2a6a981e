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
    """What was seen of the members.

    ``current`` and ``capacity`` map a workload's key (``namespace/name``) to replicas by member: running and ready, and
    the most that can be scheduled (only members with an estimate). ``nodes`` counts a member's nodes.
    ``registered`` is what the stack holds by member, as its last update left it (a member without any is left out);
    ``None`` when nobody has looked. ``held_before`` are the members that the last update held. ``identities`` tell by
    member which cluster it leads to now, ``identities_before`` at the last update (see `identities`); where nothing is
    known, a member has none. ``roles_before`` are the roles that have deployed ``eks`` members ("" for none), likewise.
    ``zone_before`` is the hosted zone that the last update made ("" for none), ``names_before`` its public names, and
    ``records_before`` its record sets by logical name (``None`` when nobody knows). ``renamed`` has by present name the
    former one of members that the last update knew by it (see `changes.renames`). ``unread`` is why the state could not
    be read, "" where it was; ``exists`` is false for a stack that was never made. ``clusters`` is what stands of
    ``eks`` members on AWS; ``protected_zone`` is the hosted zone that Pulumi protects.
    """

    current: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    capacity: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    nodes: Mapping[str, int] = field(default_factory=dict)
    registered: Mapping[str, tuple[IndexEntry, ...]] | None = None
    held_before: tuple[str, ...] = ()
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
        """The members of which the state has a cluster, or the part of one that an update has left unfinished."""
        return frozenset(self.roles_before).union(name for name, each in self.clusters.items() if each.count)
