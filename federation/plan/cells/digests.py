"""Digest what a cell registers, so that an unchanged cell is not run.

Secret values are in no digest. So a cell with objects that hold secrets runs in every update.
"""

from federation.api.model.cells import Cell
from federation.api.model.members import FederationSettings, Member
from federation.plan.model import digests
from federation.plan.model.plan import Plan
from federation.plan.model.plan_digest import record_lines

__all__ = ["digest_cell", "has_secrets"]

_NOT_ON_AWS = {"annotations", "available", "labels", "wave"}


def digest_cell(cell: Cell, part: Plan, federation: FederationSettings, program: str) -> str:
    """The digest of the ``part`` that ``cell`` registers; "" for a cell whose member has left the config.

    ``program`` is a digest of the code that registers it.
    """
    if cell.part == "root":
        return digests.combined([program, *_root(part, federation)])
    member = next((each for each in federation.members if cell.is_of(each)), None)
    if member is None:
        return ""
    cluster = _cluster(member, federation)
    if cell.part == "cluster":
        return digests.combined([program, cluster])
    return digests.combined([program, cluster, *_apps(part, federation)])


def has_secrets(part: Plan) -> bool:
    """Whether ``part`` has values that its digest leaves out."""
    return any(each.sealed for each in part.members)


def _root(part: Plan, federation: FederationSettings) -> list[str]:
    settings = federation.dns.model_dump(mode="json")
    quarantined = [member.name for member in federation.members if not member.available]
    members = [[member.name, member.original_name, member.region] for member in federation.members]
    return [
        digests.canonical([federation.name, federation.stack, federation.zone, settings, quarantined, members]),
        digests.canonical([federation.role_arn, federation.deletion_protection]),
        *record_lines(part.records, part.health_checks),
    ]


def _cluster(member: Member, federation: FederationSettings) -> str:
    own = member.model_dump(mode="json", exclude=_NOT_ON_AWS)
    protection = federation.is_protected(member)
    return digests.canonical([federation.name, federation.stack, federation.role_arn, protection, own])


def _apps(part: Plan, federation: FederationSettings) -> list[str]:
    lines = [digests.canonical([federation.timeout_seconds, federation.plan.adopt_resources])]
    for member in part.members:
        lines += (member.digest, *(each.logical_name for each in member.paused))
    return lines
