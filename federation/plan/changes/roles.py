"""Find a changed deploying role, which would lock the program out of the clusters of ``eks`` members.

EKS makes only the creator of a cluster its administrator. A later role may call AWS but not the clusters, so the
program would be locked out of them in the middle of an update.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from federation.api.model.members import FederationSettings
from federation.plan.model.observed import Observed
from federation.plan.model.trees import mapping

__all__ = ["REMEDY", "ChangedRole", "changed", "from_output"]

REMEDY = (
    "put it back, or give the new one an access entry in each cluster first: `aws eks create-access-entry`, then "
    "`aws eks associate-access-policy` with AmazonEKSClusterAdminPolicy; and let that one update pass with "
    "`fed up --no-guard` (EKS_FEDERATION_GUARD=off)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRole:
    """The ``members`` whose clusters the role ``before`` deployed and the role ``now`` would call; "" is none."""

    before: str
    now: str
    members: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"roleArn changes from {self.before or 'none'} to {self.now or 'none'}, and {', '.join(self.members)} "
            f"{'lets' if len(self.members) == 1 else 'let'} only the first in: the program would be locked out "
            "(limit: the role stays)"
        )


def changed(federation: FederationSettings, observed: Observed) -> tuple[ChangedRole, ...]:
    """The changed roles that would lock the program out; quarantined members are not called, so they do not count."""
    found: dict[str, list[str]] = {}
    for member in federation.members:
        before = observed.roles_before.get(member.name)
        if member.provider == "eks" and member.available and before not in (None, federation.role_arn):
            found.setdefault(before or "", []).append(member.name)
    return tuple(_changed(before, federation.role_arn, members) for before, members in sorted(found.items()))


def _changed(before: str, now: str, members: Iterable[str]) -> ChangedRole:
    return ChangedRole(before=before, now=now, members=tuple(members))


def from_output(output: object) -> Mapping[str, str]:
    """The roles by member in a stack's output; values that a user's own program put there are left out."""
    return {name: text for name, text in mapping(output).items() if isinstance(text, str)}
