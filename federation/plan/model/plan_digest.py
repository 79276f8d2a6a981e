"""Digest a whole plan: what reaches the members and AWS, without reasons and without the order of operations."""

from collections.abc import Sequence
from dataclasses import replace

from federation.api.model.members import FederationSettings
from federation.plan.model import digests
from federation.plan.model.plan import HealthCheck, MemberPlan, RecordSet

__all__ = ["plan_digest", "record_lines"]


def plan_digest(
    federation: FederationSettings,
    members: Sequence[MemberPlan],
    record_sets: Sequence[RecordSet],
    health_checks: Sequence[HealthCheck],
) -> str:
    """The digest of a plan with these parts."""
    lines = [digests.canonical([federation.name, federation.stack, federation.zone])]
    lines += [member.digest for member in members]
    return digests.combined([*lines, *record_lines(record_sets, health_checks)])


def record_lines(record_sets: Sequence[RecordSet], health_checks: Sequence[HealthCheck]) -> list[str]:
    """What is applied of record sets and health checks, a line for each."""
    applied = [repr(replace(each, reasons=(), weighs=None, after=())) for each in record_sets]
    return [*applied, *(repr(each) for each in health_checks)]
