"""Plan the DNS record sets and health checks of all ServiceDNSRecords and IngressDNSRecords.

For a ServiceDNSRecord these are its zone, policy, endpoints and health checks, and the tree of record sets over them.
For an IngressDNSRecord they are the record sets of its hosts. Each record that cannot be written is reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from federation.api.model.dns import RoutingPolicy, ServiceDNSRecord
from federation.api.model.documents import Documents
from federation.plan.changes.make_before_break import Order
from federation.plan.dns import record_order, service_endpoints, service_names
from federation.plan.dns.ingress_hosts import HostRecorder
from federation.plan.dns.ingresses import Backends
from federation.plan.dns.name_registry import NameRegistry
from federation.plan.dns.record_members import Placed, Served, placed
from federation.plan.dns.record_sets import TreePolicy
from federation.plan.dns.service_endpoints import Endpoint, EndpointRequest
from federation.plan.dns.service_names import NameRequest
from federation.plan.dns.weights import PodIndex
from federation.plan.model import names
from federation.plan.model.context import Context
from federation.plan.model.plan import HealthCheck, RecordSet, ServiceTarget
from federation.plan.objects import checks

__all__ = ["RecordResult", "plan_records"]

_POLICIES: Final[Mapping[RoutingPolicy, TreePolicy]] = {"plain": "plain", "weighted": "weighted", "latency": "latency"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordResult:
    """The record sets, in an order in which they can be made, and the health checks behind them."""

    records: tuple[RecordSet, ...] = ()
    health_checks: tuple[HealthCheck, ...] = ()


def plan_records(context: Context, documents: Documents, served: Served, order: Order) -> RecordResult:
    """The records of all documents; none when the stack has DNS turned off (``dns.provider: none``)."""
    if not (documents.service_records or documents.ingress_records) or context.federation.dns.provider == "none":
        return RecordResult()
    name_registry = NameRegistry(findings=context.findings)
    recorder = _Recorder(
        context=context,
        zones={domain.name: domain.domain.rstrip(".") for domain in documents.domains},
        doubtful=frozenset(domain.name for domain in documents.domains if domain.source in documents.suspect),
        services=placed(served, "Service"),
        pod_index=served.pod_index,
        name_registry=name_registry,
        order=order,
    )
    results = [recorder.plan(record) for record in documents.service_records]
    host_recorder = HostRecorder(
        context=context,
        ingresses=placed(served, "Ingress", "networking.k8s.io"),
        backends=Backends.from_placed(served.placed_objects, served.pod_index),
        name_registry=name_registry,
        order=order,
    )
    hosts = (made for record in documents.ingress_records for made in host_recorder.sets(record))
    records = (*(made for result in results for made in result.records), *hosts)
    probes = tuple(probe for result in results for probe in result.health_checks)
    return RecordResult(records=records, health_checks=probes)


@dataclass(slots=True, kw_only=True)
class _Recorder:
    context: Context
    zones: Mapping[str, str]
    doubtful: frozenset[str]  # Domains that have a fault themselves
    services: Mapping[tuple[str, str], Placed]
    pod_index: PodIndex
    name_registry: NameRegistry
    order: Order

    def plan(self, record: ServiceDNSRecord) -> RecordResult:
        """The record sets and health checks of one document."""
        checks.check_record(record, self.context)
        zone, policy = self._zone(record), self._policy(record)
        service = self.services.get((record.namespace, record.name))
        if service is None:
            checks.report_nothing_to_lead_to(record, "Service", self.services, self.context.findings)
        elif service.paused and service.placed_objects:
            checks.report_paused(record, "Service", self.context.findings)
        if service is None or not zone or policy is None:
            return RecordResult()
        selected = tuple(self.context.members.by_name[name] for name in service.selected)
        request = EndpointRequest(record=record, policy=policy, services=service.placed_objects, members=selected)
        endpoints = service_endpoints.select(request, self.pod_index, self.context.findings)
        if not self._can_be_written(record, endpoints):
            return RecordResult()
        probes = self._health_checks(endpoints)
        checked = {probe.member: probe.logical_name for probe in probes}
        sets = service_names.build(
            NameRequest(record=record, policy=policy, zone=zone, members=selected, endpoints=endpoints, checked=checked)
        )
        self._register(record, sets)
        return RecordResult(records=tuple(record_order.ordered(sets, endpoints, self.order)), health_checks=probes)

    def _zone(self, record: ServiceDNSRecord) -> str:
        """The zone behind the record's ``domainRef``: a Domain's, or the federation's own under its own name."""
        ref, own = record.domain_ref, self.context.federation.zone.rstrip(".")
        zone = self.zones.get(ref, own if ref == self.context.federation.name else "")
        message = remedy = ""
        is_unknown = ref not in self.zones and ref != self.context.federation.name
        if is_unknown:
            allowed = ", ".join(sorted({*self.zones, self.context.federation.name}))
            message = f'"{ref}" is neither a Domain nor the federation (allowed: {allowed})'
            remedy = f'add a Domain called "{ref}", or name one of these'
        elif not own:
            message = "the stack has no zone to put DNS names into"
            remedy = "set zone under eks-federation:federation, or dns.provider: none to do without records"
        elif zone != own and not zone.endswith(f".{own}"):
            message = f'Domain "{ref}" is {zone}, which is not inside the stack\'s zone {own}'
            remedy = "set zone under eks-federation:federation to the Domain's, or move the Domain into it"
        if message and ref not in self.doubtful and not (is_unknown and self.context.findings.incomplete):
            self.context.findings.error(record.source, ("spec", "domainRef"), message, remedy)
        return "" if message else zone

    def _policy(self, record: ServiceDNSRecord) -> TreePolicy | None:
        wanted: RoutingPolicy = record.policy or self.context.federation.dns.policy
        if wanted in _POLICIES:
            return _POLICIES[wanted]
        if wanted == "multivalue":
            message = "Route53 has no multivalue alias, and load balancers are reached by alias only"
        else:
            message = f'policy "{wanted}" cannot be carried out yet'
        remedy = f"use weighted or plain for now (allowed: {', '.join(sorted(_POLICIES))})"
        self.context.findings.error(record.source, ("spec", "policy"), message, remedy)
        return None

    def _can_be_written(self, record: ServiceDNSRecord, endpoints: Sequence[Endpoint]) -> bool:
        key = f"{record.namespace}/{record.name}"
        if not endpoints:
            message = f"no member answers for {key}: no DNS record is written"
            remedy = "place the Service, with type LoadBalancer and replicas behind it, in an available member"
            self.context.findings.warning(record.source, (), message, remedy)
        elif not any(endpoint.weight for endpoint in endpoints):
            message = f"all weights of {key} are 0: no weighted DNS record is written"
            remedy = "give a member replicas or a weight, or use policy: plain"
            self.context.findings.warning(record.source, (), message, remedy)
        return any(endpoint.weight for endpoint in endpoints)

    def _health_checks(self, endpoints: Sequence[Endpoint]) -> tuple[HealthCheck, ...]:
        if not self.context.federation.dns.health_checks:
            return ()
        return tuple(
            HealthCheck(
                logical_name=names.health_check(
                    endpoint.member.original_name, endpoint.target.namespace, endpoint.target.service
                ),
                member=endpoint.target.member,
                target=endpoint.target,
                port=endpoint.port,
            )
            for endpoint in endpoints
            if endpoint.port and isinstance(endpoint.target, ServiceTarget)
        )

    def _register(self, record: ServiceDNSRecord, sets: Sequence[RecordSet]) -> None:
        """Register the record's names; a name that another record has, or that is too long for DNS, is a fault."""
        made = dict.fromkeys(each.name for each in sets)
        self.name_registry.register_names(
            record, made, at=("spec",), remedy="give one of them another externalName or dnsPrefix"
        )
        self.name_registry.measure(record, made, at=("metadata", "name"), remedy="shorten the names that it is made of")
