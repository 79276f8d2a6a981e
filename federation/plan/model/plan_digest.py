"""Digest a whole plan: what reaches the members and AWS, without reasons and without the order of operations."""

from collections.abc import Sequence
from dataclasses import replace

from federation.api.model.members import Federation
from federation.plan.model import digests
from federation.plan.model.plan import HealthCheck, MemberPlan, RecordSet

__all__ = ["plan_digest"]


def plan_digest(
    federation: Federation,
    members: Sequence[MemberPlan],
    record_sets: Sequence[RecordSet],
    health_checks: Sequence[HealthCheck],
) -> str:
    """The digest of a plan with these parts."""
    lines = [digests.canonical([federation.name, federation.stack, federation.zone])]
    lines += [member.digest for member in members]
    lines += [repr(replace(each, reasons=(), weighs=None, after=())) for each in record_sets]
    lines += [repr(each) for each in health_checks]
    return digests.combined(lines)
