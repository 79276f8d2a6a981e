"""Put the rooms of the planner together: documents, members and observed state become one plan.

The function is pure: the same documents, members and observed state give the same plan, in whichever order they come.
All faults are collected before any is raised.

Documents are prepared once. What depends on available members is decided for the members as they are and, while a
member is quarantined, for its return.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from federation.api.model.documents import Documents
from federation.api.model.members import FederationSettings
from federation.errors.fault import Fault, raise_if_errors
from federation.plan.changes import make_before_break, quarantine, replacements
from federation.plan.changes.make_before_break import Order
from federation.plan.changes.member_plans import MemberPlanner
from federation.plan.dns import records
from federation.plan.dns.record_members import Served
from federation.plan.model.context import Context
from federation.plan.model.findings import Findings
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.model.plan_digest import plan_digest
from federation.plan.objects import checks, paused, planned_objects
from federation.plan.objects.placing import Placing, place_documents
from federation.plan.objects.preparation import prepare_documents
from federation.plan.objects.type_aliases import FormerTokens
from federation.plan.objects.workloads import workloads
from federation.plan.schema import check
from federation.plan.schema.unchecked import Unchecked

__all__ = ["PlanWithStages", "plan", "plan_with_stages"]

_NOTHING_OBSERVED = Observed()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWithStages:
    """A plan, with the values that it was made from."""

    plan: Plan
    placing: Placing
    served: Served


def plan(federation: FederationSettings, documents: Documents, observed: Observed = _NOTHING_OBSERVED) -> Plan:
    """Plan ``documents`` for ``federation``; ``FaultsFoundError`` with all faults when one of them is an error."""
    return plan_with_stages(federation, documents, observed).plan


def plan_with_stages(federation: FederationSettings, documents: Documents, observed: Observed) -> PlanWithStages:
    """The plan, and the values that a simulation starts from."""
    context = Context.from_documents(federation, documents, observed)
    placing = place_documents(documents, prepare_documents(documents, context), context)
    check.check(federation, placing.made, placing.propagated, context.findings)
    objects = planned_objects.planned(placing.carried_out, FormerTokens(observed))
    order = make_before_break.order(federation, objects, observed)
    served = Served.from_placing(placing)
    dns = records.plan_records(context, documents, served, order)
    checks.check_unread(documents, context.findings)
    quarantine.check_unjoined(federation, observed, context.findings)
    warnings = raise_if_errors((*documents.warnings, *documents.errors, *context.findings.faults()))
    planner = MemberPlanner(observed, paused.entries(documents, observed))
    on_return, later = _plan_return(documents, placing, planner)
    members = replacements.in_turn(
        [
            planner.plan(member, order.objects(objects.get(member.name, ())))
            if member.available
            else quarantine.member_plan(member, observed, on_return.get(member.name))
            for member in federation.members
        ],
        order.moves.values(),
        observed,
    )
    made = Plan(
        federation=federation.name,
        stack=federation.stack,
        zone=federation.zone,
        members=members,
        workloads=workloads(placing.made, placing.propagated, context.members),
        records=dns.records,
        health_checks=dns.health_checks,
        warnings=(*warnings, *later, *paused.warnings(members, documents), *replacements.warnings(members, observed)),
        digest=plan_digest(federation, members, dns.records, dns.health_checks),
        moves=tuple(order.moves[name] for name in sorted(order.moves)),
    )
    return PlanWithStages(plan=made, placing=placing, served=served)


def _plan_return(
    documents: Documents, today: Placing, planner: MemberPlanner
) -> tuple[Mapping[str, tuple[IndexEntry, ...]], tuple[Fault, ...]]:
    """The index of each quarantined member when all are back; with faults that show only then, none and these."""
    federation, observed = today.context.federation, today.context.observed
    quarantined = quarantine.names(federation)
    if not quarantined:
        return {}, ()
    findings = Findings.from_documents(documents, federation.plan.strictness)
    context = replace(today.context.in_federation(quarantine.released(federation)), findings=findings)
    placing = place_documents(documents, today.preparation, context)
    unchecked = Unchecked(today.carried_out, context)
    check.check(context.federation, unchecked.documents(placing.made), unchecked.objects(placing.propagated), findings)
    records.plan_records(context, documents, Served.from_placing(placing), Order())
    faults = quarantine.faults_on_return(federation, findings)
    if faults:
        return {}, faults
    returning = [each for each in placing.carried_out if each.member in quarantined]
    objects = planned_objects.planned(returning, FormerTokens(observed))
    return {name: planner.index(name, objects.get(name, ())) for name in quarantined}, ()
