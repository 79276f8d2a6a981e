"""Plan the record sets for the hosts of IngressDNSRecords.

Every host gets one weighted set per member, under a name that carries the policy in its label. The host itself is a
simple alias to that name. There are no names by region, as in KubeFed. There are no health checks either: an
application load balancer knows the health of its targets, and the alias evaluates it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from federation.api.model.dns import IngressDNSRecord
from federation.plan.changes.make_before_break import Order
from federation.plan.dns import ingress_endpoints, record_order
from federation.plan.dns.ingress_endpoints import IngressRequest
from federation.plan.dns.ingresses import Backends
from federation.plan.dns.name_registry import NameRegistry
from federation.plan.dns.record_members import Placed
from federation.plan.dns.record_sets import PublicName, RecordSets
from federation.plan.dns.service_endpoints import Endpoint
from federation.plan.model.context import Context
from federation.plan.model.plan import RecordSet
from federation.plan.objects import checks

__all__ = ["HostRecorder", "host_name"]

_ANY: Final = "*."
# DNS treats * as a wildcard only in the first label; after our own label it would be an ordinary character.
_LABEL_OF_ANY: Final = "_any."


def host_name(host: str) -> str:
    """The name of the host's record: the host without a trailing dot."""
    return host.removesuffix(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRecorder:
    """Plans the record sets of IngressDNSRecords, which share one registry of names."""

    context: Context
    ingresses: Mapping[tuple[str, str], Placed]
    backends: Backends
    name_registry: NameRegistry
    order: Order

    def sets(self, record: IngressDNSRecord) -> list[RecordSet]:
        """The record sets of one document, in an order in which they can be made."""
        hosts = self._hosts(record)
        ingress = self.ingresses.get((record.namespace, record.name))
        if ingress is None:
            checks.report_nothing_to_lead_to(record, "Ingress", self.ingresses, self.context.findings)
            return []
        if ingress.paused and ingress.placed_objects:
            checks.report_paused(record, "Ingress", self.context.findings)
        selected = [self.context.members.by_name[name] for name in ingress.selected]
        request = IngressRequest(
            record=record,
            policy=self.context.federation.dns.policy,
            ingresses=ingress.placed_objects,
            members=tuple(selected),
        )
        endpoints = ingress_endpoints.select(request, self.backends, self.context.findings)
        if not endpoints:
            message = f"no member answers for {record.namespace}/{record.name}: no DNS record is written"
            remedy = "place the Ingress, with replicas behind it, in an available member"
            self.context.findings.warning(record.source, (), message, remedy)
        return [made for index, host in hosts.items() for made in self._host(record, index, host, endpoints)]

    def _hosts(self, record: IngressDNSRecord) -> dict[int, str]:
        """The hosts that can have a record, each once, by their index in the document."""
        zone = self.context.federation.zone.rstrip(".")
        if not record.hosts:
            message = "the record names no host: no DNS record is written"
            self.context.findings.warning(
                record.source, ("spec",), message, "write hosts: [<name>], or remove the record"
            )
        elif not zone:
            message = "the stack has no zone to put DNS names into"
            remedy = "set zone under eks-federation:federation, or dns.provider: none to do without records"
            self.context.findings.error(record.source, ("spec", "hosts"), message, remedy)
            return {}
        indexes: dict[str, int] = {}
        for index, host in enumerate(map(host_name, record.hosts)):
            bare = host.removeprefix(_ANY)
            if bare == zone or bare.endswith(f".{zone}"):
                indexes.setdefault(host, index)
                continue
            message = f"{host} is not inside the stack's zone {zone}"
            remedy = "take the host out, or set zone under eks-federation:federation to one that it is in"
            self.context.findings.error(record.source, ("spec", "hosts", index), message, remedy)
        return {index: host for host, index in indexes.items()}

    def _host(self, record: IngressDNSRecord, index: int, host: str, endpoints: Sequence[Endpoint]) -> list[RecordSet]:
        at = ("spec", "hosts", index)
        self.name_registry.register_names(record, [host], at=at, remedy="take the host out of one of them")
        made = RecordSets(policy=self.context.federation.dns.policy, zone=self.context.federation.zone.rstrip("."))
        ttl = f"an alias has the TTL of its target; recordTTL {record.ttl} has no part"
        under = host.replace(_ANY, _LABEL_OF_ANY, 1) if host.startswith(_ANY) else host
        made.group(PublicName(level="host", name=host, under=under, notes=(ttl,)), endpoints)
        self.name_registry.measure(record, {each.name: None for each in made.sets}, at=at, remedy="shorten the host")
        return record_order.ordered(made.sets, endpoints, self.order)
