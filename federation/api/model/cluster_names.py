"""Name EKS clusters, and report names that AWS does not accept.

The name of a cluster joins federation, stack and member by hyphens, and each of them may contain hyphens. So two
stacks can produce the same name: ``dev-us`` with ``east``, and ``dev`` with ``us-east``. Existing clusters keep their
names, so the form cannot change, and a name that another stack of the project has is a fault.
"""

from collections.abc import Iterable
from typing import Final

from federation.api.model.members import Member, OtherStackMember
from federation.errors.report import Report
from federation.errors.source import PathKey

__all__ = ["check_cluster_names", "cluster_name"]

LONGEST: Final = 59  # a role's name has at most 64 characters, and the name of the nodes' role ends with -node


def cluster_name(federation: str, stack: str, member: str) -> str:
    """The cluster's own name on AWS, where it must be unique in account and region."""
    return f"{federation}-{stack}-{member}"


def check_cluster_names(
    federation: str,
    stack: str,
    members: Iterable[Member],
    others: Iterable[OtherStackMember],
    report: Report,
    at: PathKey,
) -> None:
    """Report each ``eks`` member whose cluster name would be too long, or is taken by another stack."""
    taken = {each.cluster: each for each in others if each.cluster}
    for member in members:
        name = cluster_name(federation, stack, member.name)
        if member.provider != "eks":
            continue
        if len(name) > LONGEST:
            message = f"its cluster would be called {name}, of {len(name)} characters (allowed: {LONGEST}, since the "
            message += "role of its nodes is called after it)"
            report.error((*at, member.name), message, "shorten the name of the federation, the stack or the member")
        elif name in taken:
            other = taken[name]
            message = f"its cluster would be called {name}, as that of {other.name} in stack {other.stack} is"
            report.error((*at, member.name), message, "give the member that is not deployed yet another name")
