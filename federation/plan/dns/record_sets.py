"""Build the record sets of one public DNS name with a routing policy.

Each member gets one weighted set, under a name that carries the policy in its label. The public name is a simple alias
to that name. It never has a policy itself: Route53 cannot change a set between simple and weighted in place, so a
change of policy would remove the name for a moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from federation.plan.dns.service_endpoints import Endpoint
from federation.plan.dns.weights import scaled
from federation.plan.model import names
from federation.plan.model.plan import AliasTarget, RecordSet, Routing

__all__ = ["GROUP_LABELS", "Level", "PublicName", "RecordSets", "TreePolicy", "scaling"]

TreePolicy = Literal["plain", "weighted", "latency"]
Level = Literal["global", "region", "zone", "prefix", "host"]

GROUP_LABELS: Final[Mapping[TreePolicy, str]] = {"plain": "_plain", "weighted": "_weighted", "latency": "_weighted"}
"""The label in front of a name at the member level, by policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicName:
    """A name that clients resolve. ``under`` replaces it after the policy's label; ``notes`` are further reasons."""

    level: Level
    name: str
    under: str = ""
    notes: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class RecordSets:
    """Record sets in the order in which they can be made; ``checked`` are logical names of health checks by member."""

    policy: TreePolicy
    zone: str
    checked: Mapping[str, str] = field(default_factory=dict)
    sets: list[RecordSet] = field(default_factory=list)
    # Logical names of the sets behind each DNS name so far: an alias to it can be made once these exist.
    behind: dict[str, list[str]] = field(default_factory=dict)

    def group(self, public: PublicName, endpoints: Sequence[Endpoint]) -> None:
        """Add one set per member, and the public name as an alias to them; nothing when there are no endpoints."""
        if not endpoints:
            return
        hidden = f"{GROUP_LABELS[self.policy]}.{public.under or public.name}"
        weights = scaled({endpoint.member.name: endpoint.weight for endpoint in endpoints})
        for endpoint in endpoints:
            member = endpoint.member.name
            self.add(
                RecordSet(
                    logical_name=names.record_set(public.level, hidden, endpoint.member.original_name),
                    name=hidden,
                    zone=self.zone,
                    type="A",
                    level=public.level,
                    target=endpoint.target,
                    routing=Routing(
                        policy="weighted", identifier=endpoint.member.original_name, weight=weights[member]
                    ),
                    weighs=endpoint.weight,
                    health_check=self.checked.get(member, ""),
                    reasons=(*endpoint.reasons, *scaling(endpoint.weight, weights[member])),
                )
            )
        shown = ", ".join(endpoint.member.name for endpoint in endpoints)
        self.lead(public.level, public.name, hidden, f"its members: {shown}", *public.notes)

    def lead(self, level: Level, public: str, to: str, *reasons: str) -> None:
        """Add a public name as a simple alias to another name."""
        self.add(
            RecordSet(
                logical_name=names.record_set(level, public),
                name=public,
                zone=self.zone,
                type="A",
                level=level,
                target=AliasTarget(name=to, records=tuple(self.behind[to])),
                reasons=reasons,
            )
        )

    def add(self, record_set: RecordSet) -> None:
        """Append one record set."""
        self.sets.append(record_set)
        self.behind.setdefault(record_set.name, []).append(record_set.logical_name)


def scaling(weighs: int, weight: int) -> tuple[str, ...]:
    """The reason for a weight that differs from the replicas behind it."""
    return () if weighs == weight else (f"scaled into 0..255: {weighs} -> {weight}",)
