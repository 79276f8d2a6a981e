"""Which record sets do the hosts of an Ingress get?

For every host of an IngressDNSRecord the same: one weighted set a member under a name that carries the policy in its
label, and the host, a simple alias to it. There are no names by region, as there were none in KubeFed, and no health
checks: an application load balancer knows the health of its targets, and the alias heeds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from federation.api.model.dns import IngressDNSRecord
from federation.api.model.members import Federation
from federation.plan.changes.make_before_break import Order
from federation.plan.dns import ingress_endpoints, record_order
from federation.plan.dns.ingresses import Backends
from federation.plan.dns.name_registry import NameRegistry
from federation.plan.dns.record_members import Placed
from federation.plan.dns.record_sets import RecordSets
from federation.plan.dns.service_endpoints import Endpoint
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.model.plan import RecordSet
from federation.plan.objects import checks

__all__ = ["host_name", "plan_hosts"]

_ANY: Final = "*."
# A * is special only in front: behind a label of ours it would be a character like any other.
_LABEL_OF_ANY: Final = "_any."


def plan_hosts(
    federation: Federation,
    records: Sequence[IngressDNSRecord],
    *,
    ingresses: Mapping[tuple[str, str], Placed],
    backends: Backends,
    roster: Members,
    claims: NameRegistry,
    order: Order,
    findings: Findings,
) -> tuple[RecordSet, ...]:
    """The record sets of all ``records``, in an order in which they can be made."""
    recorder = _Recorder(
        federation=federation,
        ingresses=ingresses,
        backends=backends,
        roster=roster,
        claims=claims,
        order=order,
        findings=findings,
    )
    return tuple(made for record in records for made in recorder.sets(record))


def host_name(host: str) -> str:
    """A host as its record is called: without the dot that may end it."""
    return host.removesuffix(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recorder:
    federation: Federation
    ingresses: Mapping[tuple[str, str], Placed]
    backends: Backends
    roster: Members
    claims: NameRegistry
    order: Order
    findings: Findings

    def sets(self, record: IngressDNSRecord) -> list[RecordSet]:
        """The record sets of one document."""
        hosts = self._hosts(record)
        ingress = self.ingresses.get((record.namespace, record.name))
        if ingress is None:
            checks.report_nothing_to_lead_to(record, "Ingress", self.ingresses, self.findings)
            return []
        if ingress.rests and ingress.drafts:
            checks.report_resting(record, "Ingress", self.findings)
        members = [self.roster.members[name] for name in ingress.selected]
        policy = self.federation.dns.policy
        said = ingress_endpoints.answers(record, policy, ingress.drafts, members, self.backends, self.findings)
        if not said:
            message = f"no member answers for {record.namespace}/{record.name}: no DNS record is written"
            remedy = "place the Ingress, with replicas behind it, in an available member"
            self.findings.warning(record.source, (), message, remedy)
        return [made for index, host in hosts.items() for made in self._host(record, index, host, said)]

    def _hosts(self, record: IngressDNSRecord) -> dict[int, str]:
        """The hosts that can have a record, each once, by their place in the document."""
        zone = self.federation.zone.rstrip(".")
        if not record.hosts:
            message = "the record names no host: no DNS record is written"
            self.findings.warning(record.source, ("spec",), message, "write hosts: [<name>], or remove the record")
        elif not zone:
            message = "the stack has no zone to put DNS names into"
            remedy = "set zone under eks-federation:federation, or dns.provider: none to do without records"
            self.findings.error(record.source, ("spec", "hosts"), message, remedy)
            return {}
        found: dict[str, int] = {}
        for index, host in enumerate(map(host_name, record.hosts)):
            bare = host.removeprefix(_ANY)
            if bare == zone or bare.endswith(f".{zone}"):
                found.setdefault(host, index)
                continue
            message = f"{host} is not inside the stack's zone {zone}"
            remedy = "take the host out, or set zone under eks-federation:federation to one that it is in"
            self.findings.error(record.source, ("spec", "hosts", index), message, remedy)
        return {index: host for host, index in found.items()}

    def _host(self, record: IngressDNSRecord, index: int, host: str, said: Sequence[Endpoint]) -> list[RecordSet]:
        at = ("spec", "hosts", index)
        self.claims.take(record, [host], at=at, remedy="take the host out of one of them")
        made = RecordSets(policy=self.federation.dns.policy, zone=self.federation.zone.rstrip("."))
        ttl = f"an alias has the TTL of its target; recordTTL {record.ttl} has no part"
        under = host.replace(_ANY, _LABEL_OF_ANY, 1) if host.startswith(_ANY) else host
        made.group("host", host, said, under=under, notes=(ttl,))
        self.claims.measure(record, {each.name: None for each in made.sets}, at=at, remedy="shorten the host")
        return record_order.ordered(made.sets, said, self.order)
