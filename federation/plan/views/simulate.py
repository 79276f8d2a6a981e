"""What is left if a member, or a whole region, is lost? The plan of that day, recomputed; nothing is touched.

Only what a loss can change is decided anew: documents that a preference divides, and the autoscalers beside them. All
others are, in the members that are left, what they are today. Of DNS it is asked whether a name still has an answer:
all names of a Service lead up to its global one, so they have answers together or not at all; an Ingress has its hosts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from federation.api.model.dns import IngressDNSRecord, ServiceDNSRecord
from federation.api.model.documents import Documents
from federation.api.model.federated import FederatedObject
from federation.api.model.members import Federation
from federation.plan import planner
from federation.plan.dns import ingress_endpoints, ingress_hosts, service_endpoints
from federation.plan.dns.ingresses import Backends
from federation.plan.dns.service_endpoints import EndpointRequest
from federation.plan.dns.service_names import ServiceNames
from federation.plan.dns.weights import PodIndex
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.model.observed import Observed
from federation.plan.model.plan import RecordSet
from federation.plan.objects import paused_objects
from federation.plan.objects.decisions import Decision, decide
from federation.plan.objects.placed_objects import PlacedObject, drafts_of

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
"""The kinds that run something: what is lost with the last of them is lost to the users."""

_FEW: Final = 4  # members to be asked first whether anybody answers
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LossScenario:
    """``members`` that are lost together; ``name`` is the member's, or the region's where it has several, or all the
    names that were asked for together."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingWorkload:
    """What is left of one workload: the members that have it, with replicas where its kind has any (members with 0 are
    left out), and how many find no place. ``survives`` is false when it ran before and runs nowhere then."""

    kind: str
    namespace: str
    name: str
    members: tuple[str, ...]
    replicas: Mapping[str, int]
    unplaced: int
    survives: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is left after ``loss``: all workloads, and the global names and hosts with answers, and without."""

    loss: LossScenario
    workloads: tuple[RemainingWorkload, ...]
    answered: tuple[str, ...]
    silent: tuple[str, ...]

    @property
    def dead(self) -> tuple[RemainingWorkload, ...]:
        """The workloads that would not survive."""
        return tuple(each for each in self.workloads if not each.survives)


def every_loss(federation: Federation) -> tuple[LossScenario, ...]:
    """Each available member, and each region that has several of them: a region with one is lost with that one."""
    available = [member for member in federation.members if member.available]
    single = [LossScenario(name=member.name, members=(member.name,)) for member in available]
    regions = sorted({member.region for member in available if member.region})
    whole = (_region(federation, region) for region in regions)
    return (*single, *(loss for loss in whole if len(loss.members) > 1))


def losses_of(federation: Federation, name: str) -> tuple[LossScenario, ...]:
    """The loss that ``name`` stands for: a member's, a region's, or ``each`` of all; empty when it is none of them."""
    if name == "each":
        return every_loss(federation)
    if any(member.name == name for member in federation.members):
        return (LossScenario(name=name, members=(name,)),)
    loss = _region(federation, name)
    return (loss,) if loss.members else ()


def together(losses: Iterable[LossScenario]) -> LossScenario:
    """All of ``losses`` at one time: in whichever order, and however often one of them is named."""
    some = tuple(losses)
    names = sorted({loss.name for loss in some})
    return LossScenario(name=", ".join(names), members=tuple(sorted({name for loss in some for name in loss.members})))


def _region(federation: Federation, region: str) -> LossScenario:
    members = tuple(member.name for member in federation.members if member.region == region and member.available)
    return LossScenario(name=region, members=members if region else ())


class Simulation:
    """The plan as it is, to be asked what is left of it after one loss or another."""

    def __init__(self, federation: Federation, documents: Documents, observed: Observed) -> None:
        """Plan once; ``FaultsFoundError`` where that is not possible."""
        plan = planner.plan(federation, documents, observed)
        self._federation = federation
        self._observed = observed
        self._divided = _divided(documents)
        roster = Members.of(federation)
        decisions = decide(documents, roster, observed, Findings())
        drafted = [(each, drafts_of(each, roster, Findings())) for each in decisions if not each.rests]
        drafted += paused_objects.drafted(decisions, documents, roster, observed)
        self._decisions = {_key(each.document): each for each, _ in drafted}
        self._drafts = {_key(each.document): [draft for draft in some if not draft.held] for each, some in drafted}
        self._crowd = PodIndex((draft for _, some in drafted for draft in some), roster, observed)
        self._backends = Backends.of((draft for some in self._drafts.values() for draft in some), self._crowd)
        self._records = _answered(documents.service_records, plan.records)
        self._hosts = _answered_hosts(documents.ingress_records, plan.records)

    def lose(self, loss: LossScenario) -> Outcome:
        """What is left when the members of ``loss`` are not available."""
        lost = frozenset(loss.members)
        roster = Members.of(_without(self._federation, lost))
        decisions = decide(self._divided, roster, self._observed, Findings())
        anew = {_key(each.document): each for each in decisions if not (each.rests or _is_namespace(each.document))}
        changed = {key: self._changed(key, each, roster) for key, each in anew.items()}
        left = [
            self._left(key, anew.get(key, decision), changed.get(key), lost)
            for key, decision in self._decisions.items()
            if key[0] in WORKLOADS
        ]
        crowd = _LossPodIndex(self._crowd, changed, anew, roster, self._observed)
        reached = {name: self._is_reached(record, crowd, roster) for name, record in self._records.items()}
        backends = replace(self._backends, crowd=crowd)
        reached |= {host: self._is_host_reached(record, backends, roster) for host, record in self._hosts.items()}
        return Outcome(
            loss=loss,
            workloads=tuple(left),
            answered=tuple(name for name, is_there in reached.items() if is_there),
            silent=tuple(name for name, is_there in reached.items() if not is_there),
        )

    def _changed(self, key: _Key, decision: Decision, roster: Members) -> dict[str, PlacedObject]:
        """The drafts of a document by member, where they are not what they are today: most stay, and cost nothing."""
        today = self._decisions[key]
        had = frozenset(today.members)
        some = tuple(
            name for name in decision.members if name not in had or _share(decision, name) != _share(today, name)
        )
        decision = replace(decision, members=some, selection=replace(decision.selection, members=some))
        return {draft.member: draft for draft in drafts_of(decision, roster, Findings())}

    def _left(
        self, key: _Key, decision: Decision, changed: Mapping[str, PlacedObject] | None, lost: frozenset[str]
    ) -> RemainingWorkload:
        before = self._drafts[key]
        after = [draft for draft in before if draft.member not in lost]
        if changed is not None:
            today = {draft.member: draft for draft in after}
            after = [changed.get(name) or today[name] for name in decision.members]
        kind, namespace, name = key
        return RemainingWorkload(
            kind=kind,
            namespace=namespace,
            name=name,
            members=tuple(draft.member for draft in after),
            replicas={draft.member: draft.rendered.replicas for draft in after if draft.rendered.replicas},
            unplaced=decision.distribution.unplaced if decision.distribution else 0,
            survives=_runs(after) or not _runs(before),
        )

    def _is_reached(self, record: ServiceDNSRecord, crowd: "_LossPodIndex", roster: Members) -> bool:
        drafts = self._drafts.get(("Service", record.namespace, record.name), [])
        services = {draft.member: draft for draft in drafts if roster.members[draft.member].available}
        members = tuple(roster.members[name] for name in services)
        # Nearly always one of the first few answers; the weights of all are of no matter here.
        for some in (members[:_FEW], members):
            crowd.found = False
            asked = EndpointRequest(
                record=record,
                policy=record.policy or self._federation.dns.policy,
                services={member.name: services[member.name] for member in some},
                members=some,
            )
            is_answered = any(answer.weight for answer in service_endpoints.answers(asked, crowd, Findings()))
            if is_answered and (crowd.found or some is members):
                return True
        return False

    def _is_host_reached(self, record: IngressDNSRecord, backends: Backends, roster: Members) -> bool:
        drafts = self._drafts.get(("Ingress", record.namespace, record.name), [])
        ingresses = {draft.member: draft for draft in drafts if roster.members[draft.member].available}
        members = [roster.members[name] for name in ingresses]
        policy = self._federation.dns.policy
        return bool(ingress_endpoints.answers(record, policy, ingresses, members, backends, Findings()))


class _LossPodIndex(PodIndex):
    """The pods that are left: those of today, but ``changed`` ones as they are then, of documents decided ``anew``."""

    def __init__(
        self,
        today: PodIndex,
        changed: Mapping[_Key, Mapping[str, PlacedObject]],
        anew: Mapping[_Key, Decision],
        roster: Members,
        observed: Observed,
    ) -> None:
        super().__init__([draft for some in changed.values() for draft in some.values()], roster, observed)
        self._today = today
        self._changed = changed
        self._members = {key: frozenset(decision.members) for key, decision in anew.items()}
        self.found = False

    def _stays(self, draft: PlacedObject) -> bool:
        members = self._members.get(draft.key)
        return members is None or (draft.member in members and draft.member not in self._changed[draft.key])

    def behind(self, selector: Mapping[str, str], namespace: str, member: str) -> list[tuple[PlacedObject, int]]:
        same = [pair for pair in self._today.behind(selector, namespace, member) if self._stays(pair[0])]
        found = same + super().behind(selector, namespace, member)
        self.found = self.found or bool(found)
        return found

    def knows(self, selector: Mapping[str, str], namespace: str) -> bool:
        # Of what is lost the federation knows as well, as of any held member.
        return self._today.knows(selector, namespace)


def _share(decision: Decision, member: str) -> tuple[object, object]:
    """What a division gives a member: the numbers in its manifest, and how many of them DNS weighs it by."""
    counted = decision.distribution.replicas.get(member) if decision.distribution else None
    return decision.settled.get(member), counted


def _runs(drafts: Sequence[PlacedObject]) -> bool:
    """Whether anything runs: a kind without replicas does so by being there."""
    return any(draft.rendered.replicas is None or draft.rendered.replicas > 0 for draft in drafts)


def _without(federation: Federation, lost: frozenset[str]) -> Federation:
    members = tuple(
        member.model_copy(update={"available": False}) if member.name in lost else member
        for member in federation.members
    )
    return federation.model_copy(update={"members": members})


def _divided(documents: Documents) -> Documents:
    """The documents whose replicas depend on who is available, and the namespaces around them."""
    targets = {(each.target_kind, each.namespace, each.name) for each in documents.preferences}
    chosen = tuple(
        each
        for each in documents.federated
        if _is_namespace(each)
        or each.target.kind == "HorizontalPodAutoscaler"
        or (f"Federated{each.target.kind}", each.namespace, each.name) in targets
    )
    return replace(documents, federated=chosen)


def _answered(records: Sequence[ServiceDNSRecord], sets: Sequence[RecordSet]) -> dict[str, ServiceDNSRecord]:
    """By global name, the records that have an answer today."""
    public = {each.name.removesuffix(f".{each.zone}"): each.name for each in sets if each.level == "global"}
    prefixes = ((ServiceNames.of(record, "").prefix, record) for record in records)
    return dict(sorted((public[prefix], record) for prefix, record in prefixes if prefix in public))


def _answered_hosts(records: Sequence[IngressDNSRecord], sets: Sequence[RecordSet]) -> dict[str, IngressDNSRecord]:
    """By host, the records that have an answer today."""
    public = {each.name for each in sets if each.level == "host" and each.routing is None}
    hosts = ((ingress_hosts.host_name(host), record) for record in records for host in record.hosts)
    return dict(sorted(((host, record) for host, record in hosts if host in public), key=lambda pair: pair[0]))


def _key(document: FederatedObject) -> _Key:
    return (document.target.kind, document.object_namespace, document.name)


def _is_namespace(document: FederatedObject) -> bool:
    return document.target.kind == "Namespace" and not document.target.group
