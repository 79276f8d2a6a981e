"""Simulate the loss of members or regions: recompute the plan without them; nothing is deployed.

Everything is planned once. For a loss, only documents that it can change are assigned again: those that a preference
divides, and their autoscalers. All others stay as they are today in the remaining members. For DNS, only the global
name of a Service and the hosts of an Ingress are checked: all names of a Service lead up to its global one, so they all
resolve or none does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from federation.api.model.dns import IngressDNSRecord, ServiceDNSRecord
from federation.api.model.documents import Documents
from federation.api.model.federated import FederatedObject
from federation.api.model.members import FederationSettings
from federation.plan import planner
from federation.plan.dns import ingress_endpoints, ingress_hosts, service_endpoints
from federation.plan.dns.ingress_endpoints import IngressRequest
from federation.plan.dns.ingresses import Backends
from federation.plan.dns.service_endpoints import EndpointRequest
from federation.plan.dns.service_names import ServiceNames
from federation.plan.dns.weights import PodIndex
from federation.plan.model.context import Context
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.model.observed import Observed
from federation.plan.model.plan import RecordSet
from federation.plan.objects.placed_objects import PlacedObject, place
from federation.plan.objects.preparation import Preparation
from federation.plan.replicas.assignment import Assignment, assign
from federation.plan.replicas.prepared import PreparedDocument

__all__ = [
    "WORKLOADS",
    "LossScenario",
    "Outcome",
    "RemainingWorkload",
    "Simulation",
    "every_loss",
    "losses_of",
    "together",
]

WORKLOADS: Final = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"})
"""The kinds that run something: when the last of them is lost, users lose the service."""

_FEW: Final = 4  # members that are checked first for an endpoint
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LossScenario:
    """``members`` that are lost together.

    ``name`` is that of the member, of the region if it has several, or of all losses that were requested together.
    """

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingWorkload:
    """What is left of one workload: the ``members`` that have it, and its ``replicas`` there.

    ``replicas`` leaves out members with 0, and is empty for a kind without replicas. ``unplaced`` replicas fit into no
    member. ``survives`` is false when the workload ran before the loss and runs in no member after it.
    """

    kind: str
    namespace: str
    name: str
    members: tuple[str, ...]
    replicas: Mapping[str, int]
    unplaced: int
    survives: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is left after ``loss``: all workloads, and the global names and hosts with endpoints, and without."""

    loss: LossScenario
    workloads: tuple[RemainingWorkload, ...]
    answered: tuple[str, ...]
    silent: tuple[str, ...]

    @property
    def dead(self) -> tuple[RemainingWorkload, ...]:
        """The workloads that would not survive."""
        return tuple(each for each in self.workloads if not each.survives)


def every_loss(federation: FederationSettings) -> tuple[LossScenario, ...]:
    """Each available member, and each region that has several of them: a region with one is lost with that one."""
    available = [member for member in federation.members if member.available]
    single = [LossScenario(name=member.name, members=(member.name,)) for member in available]
    regions = sorted({member.region for member in available if member.region})
    whole = (_region(federation, region) for region in regions)
    return (*single, *(loss for loss in whole if len(loss.members) > 1))


def losses_of(federation: FederationSettings, name: str) -> tuple[LossScenario, ...]:
    """The loss that ``name`` means: of a member, of a region, or ``each`` for all; empty when it is none of them."""
    if name == "each":
        return every_loss(federation)
    if any(member.name == name for member in federation.members):
        return (LossScenario(name=name, members=(name,)),)
    loss = _region(federation, name)
    return (loss,) if loss.members else ()


def together(losses: Iterable[LossScenario]) -> LossScenario:
    """All of ``losses`` at one time; their order and repetitions make no difference."""
    some = tuple(losses)
    names = sorted({loss.name for loss in some})
    return LossScenario(name=", ".join(names), members=tuple(sorted({name for loss in some for name in loss.members})))


def _region(federation: FederationSettings, region: str) -> LossScenario:
    members = tuple(member.name for member in federation.members if member.region == region and member.available)
    return LossScenario(name=region, members=members if region else ())


class Simulation:
    """The plan as it is, from which losses are simulated one by one."""

    def __init__(self, federation: FederationSettings, documents: Documents, observed: Observed) -> None:
        """Plan once; raises ``FaultsFoundError`` when the plan has faults."""
        planned = planner.plan_with_stages(federation, documents, observed)
        placing = planned.placing
        self._preparation = placing.preparation
        self._context = placing.context.unreported()
        self._affected = _affected(placing.preparation)
        self._assignments = {_key(each.document): each for each, _ in placing.everywhere}
        self._placed_objects = {_key(each.document): some for each, some in (*placing.made, *placing.standing)}
        self._pod_index = planned.served.pod_index
        self._backends = Backends.from_placed(
            (placed for some in self._placed_objects.values() for placed in some), self._pod_index
        )
        self._records = _served_records(documents.service_records, planned.plan.records)
        self._hosts = _served_hosts(documents.ingress_records, planned.plan.records)

    def lose(self, loss: LossScenario) -> Outcome:
        """What is left when the members of ``loss`` are not available."""
        lost = frozenset(loss.members)
        context = self._context.in_federation(_without(self._context.federation, lost))
        assignments = {_key(each.document): each for each in assign(self._affected, context)}
        after = {key: each for key, each in assignments.items() if not each.prepared.paused}
        changed = {key: self._changed(key, each, context) for key, each in after.items()}
        left = [
            self._left(after.get(key, today), changed.get(key), lost)
            for key, today in self._assignments.items()
            if key[0] in WORKLOADS
        ]
        pod_index = _LossPodIndex(self._pod_index, changed, after, context)
        reached = {name: self._is_reached(record, pod_index, context.members) for name, record in self._records.items()}
        backends = replace(self._backends, pod_index=pod_index)
        for name, host_record in self._hosts.items():
            reached[name] = self._is_host_reached(host_record, backends, context.members)
        return Outcome(
            loss=loss,
            workloads=tuple(left),
            answered=tuple(name for name, is_there in reached.items() if is_there),
            silent=tuple(name for name, is_there in reached.items() if not is_there),
        )

    def _changed(self, key: _Key, after: Assignment, context: Context) -> dict[str, PlacedObject]:
        """A document's placed objects that differ from today's, by member; most stay the same and cost nothing."""
        today = self._assignments[key]
        had = frozenset(today.members)
        some = {
            name: after.replicas[name]
            for name in after.members
            if name not in had or _share(after, name) != _share(today, name)
        }
        [(_, placed_objects)] = place([replace(after, members=tuple(some), replicas=some)], self._preparation, context)
        return {placed.member: placed for placed in placed_objects}

    def _left(
        self, assignment: Assignment, changed: Mapping[str, PlacedObject] | None, lost: frozenset[str]
    ) -> RemainingWorkload:
        kind, namespace, name = key = _key(assignment.document)
        before = self._placed_objects[key]
        after = [placed for placed in before if placed.member not in lost]
        if changed is not None:
            today = {placed.member: placed for placed in after}
            after = [changed.get(member) or today[member] for member in assignment.members]
        return RemainingWorkload(
            kind=kind,
            namespace=namespace,
            name=name,
            members=tuple(placed.member for placed in after),
            replicas={placed.member: placed.replicas.count for placed in after if placed.replicas.count},
            unplaced=assignment.distribution.unplaced if assignment.distribution else 0,
            survives=_runs(after) or not _runs(before),
        )

    def _is_reached(self, record: ServiceDNSRecord, pod_index: "_LossPodIndex", members: Members) -> bool:
        placed_objects = self._placed_objects.get(("Service", record.namespace, record.name), [])
        services = {placed.member: placed for placed in placed_objects if members.by_name[placed.member].available}
        candidates = tuple(members.by_name[name] for name in services)
        # Nearly always one of the first few is an endpoint, and the weights of the others do not matter here.
        for some in (candidates[:_FEW], candidates):
            pod_index.has_workloads = False
            request = EndpointRequest(
                record=record,
                policy=record.policy or self._context.federation.dns.policy,
                services={member.name: services[member.name] for member in some},
                members=some,
            )
            is_served = any(endpoint.weight for endpoint in service_endpoints.select(request, pod_index, Findings()))
            if is_served and (pod_index.has_workloads or some is candidates):
                return True
        return False

    def _is_host_reached(self, record: IngressDNSRecord, backends: Backends, members: Members) -> bool:
        placed_objects = self._placed_objects.get(("Ingress", record.namespace, record.name), [])
        ingresses = {placed.member: placed for placed in placed_objects if members.by_name[placed.member].available}
        request = IngressRequest(
            record=record,
            policy=self._context.federation.dns.policy,
            ingresses=ingresses,
            members=tuple(members.by_name[name] for name in ingresses),
        )
        return bool(ingress_endpoints.select(request, backends, Findings()))


class _LossPodIndex(PodIndex):
    """The pods that are left after a loss: those of today, with the ``changed`` ones in place of their former selves.

    ``after`` are the documents that were assigned again. ``has_workloads`` is set by each lookup that matches.
    """

    def __init__(
        self,
        today: PodIndex,
        changed: Mapping[_Key, Mapping[str, PlacedObject]],
        after: Mapping[_Key, Assignment],
        context: Context,
    ) -> None:
        placed_objects = [placed for some in changed.values() for placed in some.values()]
        super().__init__(placed_objects, context.members, context.observed)
        self._today = today
        self._changed = changed
        self._members_after = {key: frozenset(each.members) for key, each in after.items()}
        self.has_workloads = False

    def _stays(self, placed: PlacedObject) -> bool:
        after = self._members_after.get(placed.key)
        return after is None or (placed.member in after and placed.member not in self._changed[placed.key])

    def behind(self, selector: Mapping[str, str], namespace: str, member: str) -> list[tuple[PlacedObject, int]]:
        same = [pair for pair in self._today.behind(selector, namespace, member) if self._stays(pair[0])]
        found = same + super().behind(selector, namespace, member)
        self.has_workloads = self.has_workloads or bool(found)
        return found

    def knows(self, selector: Mapping[str, str], namespace: str) -> bool:
        # Pods in lost members count as well, as they do in any quarantined member.
        return self._today.knows(selector, namespace)


def _share(assignment: Assignment, member: str) -> tuple[object, object]:
    """What a division gives a member: the numbers in its manifest, and the replicas that count for its DNS weight."""
    found = assignment.replicas.get(member)
    return (found.fields, found.weighed) if found else (None, None)


def _runs(placed_objects: Sequence[PlacedObject]) -> bool:
    """Whether anything runs; an object of a kind without replicas runs if it exists."""
    return any(placed.replicas.count is None or placed.replicas.count > 0 for placed in placed_objects)


def _without(federation: FederationSettings, lost: frozenset[str]) -> FederationSettings:
    members = tuple(
        member.model_copy(update={"available": False}) if member.name in lost else member
        for member in federation.members
    )
    return federation.model_copy(update={"members": members})


def _affected(preparation: Preparation) -> tuple[PreparedDocument, ...]:
    """The documents that depend on available members: those that a preference divides, and their autoscalers."""
    return tuple(
        each
        for each in preparation.documents
        if each.preference is not None or each.document.target.kind == "HorizontalPodAutoscaler"
    )


def _served_records(records: Sequence[ServiceDNSRecord], sets: Sequence[RecordSet]) -> dict[str, ServiceDNSRecord]:
    """By global name, the records that have endpoints today."""
    public = {each.name.removesuffix(f".{each.zone}"): each.name for each in sets if each.level == "global"}
    prefixes = ((ServiceNames.from_record(record, "").prefix, record) for record in records)
    return dict(sorted((public[prefix], record) for prefix, record in prefixes if prefix in public))


def _served_hosts(records: Sequence[IngressDNSRecord], sets: Sequence[RecordSet]) -> dict[str, IngressDNSRecord]:
    """By host, the records that have endpoints today."""
    public = {each.name for each in sets if each.level == "host" and each.routing is None}
    hosts = ((ingress_hosts.host_name(host), record) for record in records for host in record.hosts)
    return dict(sorted(((host, record) for host, record in hosts if host in public), key=lambda pair: pair[0]))


def _key(document: FederatedObject) -> _Key:
    return (document.target.kind, document.object_namespace, document.name)
