"""The members of this stack, which of them are available, and the names that other stacks have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from federation.api.model.federated import Selector
from federation.api.model.members import FederationSettings, Member, OtherStackMember
from federation.errors import suggestions
from federation.plan.model import selectors

__all__ = ["Members"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The members by name, sorted, and the other names that a document may use.

    ``other_stacks`` are names that only other stacks have; ``others`` are all members of other stacks whose labels are
    known. ``former`` maps a member's former names to its present one.
    """

    by_name: Mapping[str, Member]
    available: tuple[str, ...]
    other_stacks: frozenset[str]
    others: tuple[OtherStackMember, ...] = ()
    former: Mapping[str, str] = field(default_factory=dict)
    _matching: dict[object, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_federation(cls, federation: FederationSettings) -> "Members":
        """The members of ``federation``. Its siblings and ``plan.knownMembers`` are legal names of other stacks."""
        members = {member.name: member for member in federation.members}
        others = {*federation.siblings, *federation.plan.known_members}
        return cls(
            by_name=members,
            available=tuple(member.name for member in federation.members if member.available),
            other_stacks=frozenset(others - members.keys()),
            others=federation.others,
            former={former: member.name for member in federation.members for former in member.former_names},
        )

    @property
    def originals(self) -> Mapping[str, str]:
        """The first names of renamed members, by the present ones."""
        return {name: member.original_name for name, member in self.by_name.items() if member.former_names}

    def matching(self, selector: Selector) -> frozenset[str]:
        """The members whose labels ``selector`` matches; documents with the same selector share the result."""
        key = (tuple(sorted(selector.match_labels.items())), selector.match_expressions)
        found = self._matching.get(key)
        if found is None:
            names = (name for name, member in self.by_name.items() if selectors.matches(selector, member.labels))
            found = self._matching[key] = frozenset(names)
        return found

    def status(self, name: str) -> Literal["member", "other stack", "unknown"]:
        """Whether this stack has a member called ``name``, or only another stack has one, or none has."""
        if name in self.by_name:
            return "member"
        return "other stack" if name in self.other_stacks else "unknown"

    def in_other_stacks(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of ``names`` that only other stacks have, sorted."""
        return tuple(sorted({name for name in names if self.status(name) == "other stack"}))

    def __str__(self) -> str:
        return suggestions.listed(self.by_name) or "none"
