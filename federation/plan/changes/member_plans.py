"""Make each member's part of the plan: its objects, their digest, and the index for the next update."""

from collections.abc import Mapping, Sequence

from federation.api.model.members import Member
from federation.plan.changes.fingerprints import Fingerprints
from federation.plan.model import digests
from federation.plan.model.digests import Digester
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import MemberPlan, PlannedObject
from federation.plan.objects import retention, sent_replicas

__all__ = ["MemberPlanner"]


class MemberPlanner:
    """Makes member plans; a manifest is digested once, however many members and plans share it.

    ``paused`` has the objects of paused types by member, as the last update left them.
    """

    def __init__(self, observed: Observed, paused: Mapping[str, Sequence[IndexEntry]]) -> None:
        self._registered = observed.registered or {}
        self._paused = paused
        self._digester, self._fingerprints = Digester(), Fingerprints()

    def plan(self, member: Member, objects: Sequence[PlannedObject]) -> MemberPlan:
        """The part of a member that is available."""
        staying = self._staying(member.name, objects)
        digester = self._digester
        # Texts in digests stay as they are: other ones would change every digest.
        lines = [f"{member.name} {member.available}", *(f"rests {entry.logical_name}" for entry in staying)]
        for item in objects:
            lines += (item.logical_name, item.token, *item.depends_on, "", *item.ignore_changes, "")
            lines += ("orphan",) if item.orphan else ()
            lines.append(digester.digest(item.manifest))
        return MemberPlan(
            name=member.name,
            region=member.region,
            zones=member.zones,
            wave=member.wave,
            available=member.available,
            objects=tuple(objects),
            digest=digests.combined(lines),
            sealed=tuple(item.logical_name for item in objects if digester.is_sealed(item.manifest)),
            index=self.index(member.name, objects),
            paused=staying,
            former_names=member.former_names,
        )

    def index(self, member: str, objects: Sequence[PlannedObject]) -> tuple[IndexEntry, ...]:
        """The index that an update of ``objects`` writes for ``member``."""
        before = {entry.logical_name: entry for entry in self._registered.get(member, ())}
        entries = (self._entry(each, before.get(each.logical_name)) for each in objects)
        return (*entries, *self._staying(member, objects))

    def _staying(self, member: str, objects: Sequence[PlannedObject]) -> tuple[IndexEntry, ...]:
        paused = self._paused.get(member, ())
        planned = {item.logical_name for item in objects} if paused else set()
        return tuple(entry for entry in paused if entry.logical_name not in planned)

    def _entry(self, item: PlannedObject, last: IndexEntry | None) -> IndexEntry:
        digest, replicas = sent_replicas.sent(item, last, self._digester)
        return IndexEntry(
            logical_name=item.logical_name,
            token=item.token,
            digest=digest,
            replicas=replicas,
            orphan=item.orphan,
            ports=retention.port_keys(item.manifest),
            fixed=self._fingerprints.prints(item.manifest, item.ignore_changes),
        )
