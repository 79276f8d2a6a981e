"""Which record sets make up one public name with a policy?

One weighted set a member under a name that carries the policy in its label, and the public name, a simple alias to it.
No public name ever carries a policy itself, since Route53 cannot change a set between simple and weighted in place, and
a change of policy would take the name away for a moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from federation.plan.dns.service_endpoints import Endpoint
from federation.plan.dns.weights import scaled
from federation.plan.model import names
from federation.plan.model.plan import AliasTarget, RecordSet, Routing

__all__ = ["GROUP_LABELS", "Level", "RecordSets", "TreePolicy", "scaling"]

TreePolicy = Literal["plain", "weighted", "latency"]
Level = Literal["global", "region", "zone", "prefix", "host"]

GROUP_LABELS: Final[Mapping[TreePolicy, str]] = {"plain": "_plain", "weighted": "_weighted", "latency": "_weighted"}
"""What stands before a name at the member level, by policy."""


@dataclass(slots=True, kw_only=True)
class RecordSets:
    """Record sets in the order in which they can be made; ``checked`` are logical names of health checks by member."""

    policy: TreePolicy
    zone: str
    checked: Mapping[str, str] = field(default_factory=dict)
    sets: list[RecordSet] = field(default_factory=list)
    # Logical names of the sets behind each DNS name so far: an alias to it can be made once these exist.
    behind: dict[str, list[str]] = field(default_factory=dict)

    def group(
        self, level: Level, public: str, answers: Sequence[Endpoint], *, under: str = "", notes: Sequence[str] = ()
    ) -> None:
        """One set a member, and the public name as an alias to them; nothing where nobody answers.

        ``under`` takes the place of the public name behind the policy's label.
        """
        if not answers:
            return
        hidden = f"{GROUP_LABELS[self.policy]}.{under or public}"
        weights = scaled({answer.member.name: answer.weight for answer in answers})
        for answer in answers:
            member = answer.member.name
            self.add(
                RecordSet(
                    logical_name=names.record_set(level, hidden, answer.member.original_name),
                    name=hidden,
                    zone=self.zone,
                    type="A",
                    level=level,
                    target=answer.target,
                    routing=Routing(policy="weighted", identifier=answer.member.original_name, weight=weights[member]),
                    weighs=answer.weight,
                    health_check=self.checked.get(member, ""),
                    reasons=(*answer.reasons, *scaling(answer.weight, weights[member])),
                )
            )
        shown = ", ".join(answer.member.name for answer in answers)
        self.lead(level, public, hidden, f"its members: {shown}", *notes)

    def lead(self, level: Level, public: str, to: str, *reasons: str) -> None:
        """A public name: a simple alias to another name."""
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

    def add(self, made: RecordSet) -> None:
        """Put one set behind the others."""
        self.sets.append(made)
        self.behind.setdefault(made.name, []).append(made.logical_name)


def scaling(weighs: int, weight: int) -> tuple[str, ...]:
    """The reason for a weight that is not what it stands for."""
    return () if weighs == weight else (f"scaled into 0..255: {weighs} -> {weight}",)
