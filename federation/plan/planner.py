"""Put the rooms of the planner together: documents, members and observed state become one plan.

The function is pure: the same documents, members and observed state give the same plan, in whichever order they come.
All faults are collected before any is raised.
"""

from collections.abc import Iterable, Mapping, Sequence

from federation.api.model.documents import Documents
from federation.api.model.members import Federation, Member
from federation.errors.fault import raise_if_errors
from federation.plan.changes import make_before_break, quarantine, replacements
from federation.plan.changes.fingerprints import Fingerprints
from federation.plan.changes.make_before_break import Order
from federation.plan.dns import records
from federation.plan.dns.record_members import Served
from federation.plan.dns.weights import PodIndex
from federation.plan.model import digests, names
from federation.plan.model.context import Context
from federation.plan.model.digests import Digester
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import HealthCheck, MemberPlan, Plan, PlannedObject, RecordSet, Workload
from federation.plan.objects import checks, dependencies, paused, paused_objects, replica_ownership, retention
from federation.plan.objects.decisions import Decision, decide
from federation.plan.objects.dependencies import Surroundings
from federation.plan.objects.placed_objects import PlacedObject, drafts_of
from federation.plan.objects.replica_ownership import Autoscalers
from federation.plan.objects.type_aliases import FormerTokens
from federation.plan.placement import unmatched
from federation.plan.schema import check

__all__ = ["plan"]

_NOTHING_OBSERVED = Observed()
_PlacedDocument = tuple[Decision, list[PlacedObject]]


def plan(federation: Federation, documents: Documents, observed: Observed = _NOTHING_OBSERVED) -> Plan:
    """Plan ``documents`` for ``federation``; ``FaultsFoundError`` with all faults when one of them is an error."""
    context = Context.from_documents(federation, documents, observed)
    members, findings = context.members, context.findings
    decisions = decide(documents, context)
    placed_documents = _placed(decisions, members, observed, findings)
    paused_documents = paused_objects.drafted(decisions, documents, members, observed)
    made, standing = _in_available(placed_documents), _in_available(paused_documents)
    propagated = dependencies.propagated(documents.plain, (*made, *standing), findings)
    check.check(federation, made, propagated, findings)
    placed_objects = [*_all(made), *propagated]
    objects, order = _ordered(federation, placed_objects, _all(standing), observed, findings)
    served = Served(
        decisions=[decision for decision, _ in (*paused_documents, *placed_documents)],
        placed_objects=[*_all(standing), *placed_objects],
        pod_index=PodIndex(_all((*placed_documents, *paused_documents)), members, observed),
    )
    dns = records.plan_records(context, documents, served, order)
    checks.check_unread(documents, findings)
    quarantine.check_unjoined(federation, observed, findings)
    warnings = raise_if_errors((*documents.warnings, *documents.errors, *findings.faults()))
    back, later = quarantine.when_all_are_back(federation, lambda whole: plan(whole, documents, observed))
    slices = _slices(federation, objects, observed, back, paused.entries(documents, observed))
    slices = replacements.in_turn(slices, order.moves.values(), observed)
    return Plan(
        federation=federation.name,
        stack=federation.stack,
        zone=federation.zone,
        members=slices,
        workloads=_workloads(made, propagated, members),
        records=dns.records,
        health_checks=dns.health_checks,
        warnings=(*warnings, *later, *paused.warnings(slices, documents), *replacements.warnings(slices, observed)),
        digest=_digest(federation, slices, dns.records, dns.health_checks),
        moves=tuple(order.moves[name] for name in sorted(order.moves)),
    )


def _placed(
    decisions: Iterable[Decision], members: Members, observed: Observed, findings: Findings
) -> list[_PlacedDocument]:
    """The documents of active types, each with its placed objects."""
    ports = retention.last_ports(observed)
    return [(each, drafts_of(each, members, findings, ports)) for each in decisions if not each.rests]


def _in_available(placed_documents: Iterable[_PlacedDocument]) -> list[_PlacedDocument]:
    """``placed_documents`` without the placed objects of held members."""
    return [(decision, [placed for placed in some if not placed.held]) for decision, some in placed_documents]


def _all(placed_documents: Iterable[_PlacedDocument]) -> list[PlacedObject]:
    return [placed for _, some in placed_documents for placed in some]


def _slices(
    federation: Federation,
    objects: Mapping[str, Sequence[PlannedObject]],
    observed: Observed,
    back: Plan | None,
    rest: Mapping[str, Sequence[IndexEntry]],
) -> tuple[MemberPlan, ...]:
    digester, fingerprints = Digester(), Fingerprints()
    return tuple(
        _member_plan(
            member,
            objects.get(member.name, ()),
            rest.get(member.name, ()),
            (observed.registered or {}).get(member.name, ()),
            digester,
            fingerprints,
        )
        if member.available
        else quarantine.slice_of(member, observed, back)
        for member in federation.members
    )


def _ordered(
    federation: Federation,
    placed_objects: Sequence[PlacedObject],
    standing: Sequence[PlacedObject],
    observed: Observed,
    findings: Findings,
) -> tuple[Mapping[str, Sequence[PlannedObject]], Order]:
    """The objects by member, each with the objects that it waits for, and the order that decides this."""
    objects = _objects(
        placed_objects, Autoscalers([*standing, *placed_objects], observed), FormerTokens(observed), findings
    )
    order = make_before_break.order(federation, objects, observed)
    return {name: order.objects(some) for name, some in objects.items()}, order


def _objects(
    placed_objects: Sequence[PlacedObject], autoscalers: Autoscalers, former: FormerTokens, findings: Findings
) -> dict[str, list[PlannedObject]]:
    """The objects of each member, in the order in which they can be applied."""
    around = dependencies.surroundings(placed_objects)
    ordered = sorted(
        placed_objects, key=lambda placed: (dependencies.rank(placed.kind), placed.namespace, placed.kind, placed.name)
    )
    objects: dict[str, list[PlannedObject]] = {}
    for placed in ordered:
        made = _object(placed, around[placed.member], autoscalers, former, findings)
        objects.setdefault(placed.member, []).append(made)
    return objects


def _object(
    placed: PlacedObject, around: Surroundings, autoscalers: Autoscalers, former: FormerTokens, findings: Findings
) -> PlannedObject:
    rendered = placed.rendered
    return PlannedObject(
        logical_name=placed.logical_name,
        token=names.token(rendered.api_version, placed.kind),
        member=placed.member,
        api_version=rendered.api_version,
        kind=placed.kind,
        namespace=placed.namespace,
        name=placed.name,
        manifest=rendered.manifest,
        replicas=rendered.replicas,
        reasons=placed.reasons,
        overrides=rendered.overrides,
        depends_on=around.depends_on(placed),
        ignore_changes=autoscalers.ignored(placed, findings),
        former_tokens=former.of(placed.logical_name, rendered.api_version, placed.kind),
        load_balancer=rendered.load_balancer,
        orphan=placed.orphan,
        source=placed.source,
    )


def _member_plan(
    member: Member,
    objects: Sequence[PlannedObject],
    rest: Sequence[IndexEntry],
    last: Sequence[IndexEntry],
    digester: Digester,
    fingerprints: Fingerprints,
) -> MemberPlan:
    planned = {item.logical_name for item in objects} if rest else set()
    before = {entry.logical_name: entry for entry in last}
    staying = tuple(entry for entry in rest if entry.logical_name not in planned)
    lines = [f"{member.name} {member.available}", *(f"rests {entry.logical_name}" for entry in staying)]
    for item in objects:
        lines += (item.logical_name, item.token, *item.depends_on, "", *item.ignore_changes, "")
        lines += ("orphan",) if item.orphan else ()
        lines.append(digester.of(item.manifest))
    return MemberPlan(
        name=member.name,
        region=member.region,
        zones=member.zones,
        wave=member.wave,
        available=member.available,
        objects=tuple(objects),
        digest=digests.combined(lines),
        sealed=tuple(item.logical_name for item in objects if digester.is_sealed(item.manifest)),
        index=(*(_entry(each, before.get(each.logical_name), digester, fingerprints) for each in objects), *staying),
        resting=staying,
        former_names=member.former_names,
    )


def _entry(item: PlannedObject, last: IndexEntry | None, digester: Digester, fingerprints: Fingerprints) -> IndexEntry:
    digest, replicas = replica_ownership.sent(item, last, digester)
    return IndexEntry(
        logical_name=item.logical_name,
        token=item.token,
        digest=digest,
        replicas=replicas,
        orphan=item.orphan,
        ports=retention.port_keys(item.manifest),
        fixed=fingerprints.of(item.manifest, item.ignore_changes),
    )


def _workloads(
    made: Sequence[_PlacedDocument], propagated: Iterable[PlacedObject], members: Members
) -> tuple[Workload, ...]:
    workloads = [_workload(decision, placed_objects, members) for decision, placed_objects in made]
    return tuple(sorted([*workloads, *_propagated(propagated)], key=lambda item: (item.key, item.kind)))


def _workload(decision: Decision, placed_objects: Sequence[PlacedObject], members: Members) -> Workload:
    document = decision.document
    replicas = {
        placed.member: placed.rendered.replicas for placed in placed_objects if placed.rendered.replicas is not None
    }
    if decision.distribution is not None and document.target.kind == "Job":
        replicas = dict(decision.distribution.assigned)
    held = [name for name in decision.selection.members if not members.members[name].available]
    reasons = dict(decision.selection.reasons)
    for name in held:
        reasons[name] = (*reasons[name], "not available: held, its objects stay as they are")
    counts = replicas or decision.distribution
    namespace = document.object_namespace
    return Workload(
        key=document.key,
        kind=document.target.kind,
        namespace=namespace,
        name=document.name,
        members=decision.members,
        reasons=reasons,
        replicas=dict(sorted({**replicas, **dict.fromkeys(held, 0)}.items())) if counts else {},
        distribution=decision.distribution,
        elsewhere=checks.elsewhere(document, decision.preference, members),
        selects=unmatched.selected_elsewhere(document, decision.preference, members),
        document=names.in_every_member(document.target.api_version, document.target.kind, namespace, document.name),
        source=document.source,
    )


def _propagated(placed_objects: Iterable[PlacedObject]) -> list[Workload]:
    by_key: dict[tuple[str, str, str], list[PlacedObject]] = {}
    for placed in placed_objects:
        by_key.setdefault(placed.key, []).append(placed)
    return [
        Workload(
            key=f"{namespace}/{name}",
            kind=kind,
            namespace=namespace,
            name=name,
            members=tuple(placed.member for placed in some),
            reasons={placed.member: placed.reasons for placed in some},
            document=some[0].logical_name.removeprefix(f"{some[0].member}/"),
            source=some[0].source,
        )
        for (kind, namespace, name), some in by_key.items()
    ]


def _digest(
    federation: Federation,
    members: Sequence[MemberPlan],
    record_sets: Sequence[RecordSet],
    health_checks: Sequence[HealthCheck],
) -> str:
    lines = [digests.canonical([federation.name, federation.stack, federation.zone])]
    lines += [member.digest for member in members]
    lines += [records.applied(item) for item in record_sets]
    lines += [records.applied(item) for item in health_checks]
    return digests.combined(lines)
