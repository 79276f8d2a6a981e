"""Build the record sets for the global, regional and zonal names of one Service.

From the leaves up, these are:

* one weighted set per member and region, under a name that carries the policy in its label;
* the region's public name, a simple alias to that name;
* one set per region under the policy's global name;
* the global public name, a simple alias to that name.

Each availability zone has a group of its own, made like a region's. A public name without endpoints stays, and leads
one level up: zone to region, region to global.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from federation.api.model.dns import ServiceDNSRecord
from federation.api.model.members import Member
from federation.plan.dns.record_sets import GROUP_LABELS, PublicName, RecordSets, TreePolicy, scaling
from federation.plan.dns.service_endpoints import Endpoint
from federation.plan.dns.weights import scaled
from federation.plan.model import names
from federation.plan.model.plan import AliasTarget, RecordSet, Routing

__all__ = ["NameRequest", "ServiceNames", "build"]

# The label in front of a name at the region level, by policy.
_TOP_LABELS: Final[Mapping[TreePolicy, str]] = {"plain": "_plain", "weighted": "_weighted", "latency": "_latency"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNames:
    """KubeFed's three levels of names for one Service: ``<name>.<namespace>.<domainRef>.svc...<zone>``."""

    prefix: str
    zone: str

    @classmethod
    def from_record(cls, record: ServiceDNSRecord, zone: str) -> "ServiceNames":
        """The names of ``record`` in ``zone``; an external name takes the place of the Service's."""
        name = record.external_name or record.name
        return cls(prefix=f"{name}.{record.namespace}.{record.domain_ref}.svc", zone=zone)

    def everywhere(self) -> str:
        """The global name."""
        return f"{self.prefix}.{self.zone}"

    def region(self, region: str) -> str:
        """The name of one region."""
        return f"{self.prefix}.{region}.{self.zone}"

    def availability_zone(self, zone: str, region: str) -> str:
        """The name of one availability zone."""
        return f"{self.prefix}.{zone}.{region}.{self.zone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRequest:
    """One record to build names for: ``members`` are all that get names, ``endpoints`` those that serve the Service.

    ``checked`` are the logical names of health checks by member.
    """

    record: ServiceDNSRecord
    policy: TreePolicy
    zone: str
    members: Sequence[Member]
    endpoints: Sequence[Endpoint]
    checked: Mapping[str, str]


def build(request: NameRequest) -> list[RecordSet]:
    """All record sets of one record, in the order in which they can be made."""
    record, members, endpoints = request.record, request.members, request.endpoints
    names_ = ServiceNames.from_record(record, request.zone)
    tree = _Tree(record=record, policy=request.policy, zone=request.zone, names=names_, checked=request.checked)
    regions = sorted({member.region for member in members if member.region})
    by_region = {region: [endpoint for endpoint in endpoints if endpoint.member.region == region] for region in regions}
    for region in regions:
        tree.group(PublicName(level="region", name=names_.region(region)), by_region[region])
    tree.top({region: some for region, some in by_region.items() if some})
    for region in regions:
        if not by_region[region]:
            tree.lead("region", names_.region(region), names_.everywhere(), f"no endpoint in {region}: global name")
    for region in regions:
        tree.availability_zones(region, [member for member in members if member.region == region], by_region[region])
    if record.dns_prefix:
        tree.lead("prefix", f"{record.dns_prefix}.{names_.zone}", names_.everywhere(), "dnsPrefix: global name")
    return tree.sets


@dataclass(slots=True, kw_only=True)
class _Tree(RecordSets):
    record: ServiceDNSRecord
    names: ServiceNames

    def top(self, by_region: Mapping[str, Sequence[Endpoint]]) -> None:
        """Add one set per region under the policy's global name, and the global name as an alias to them."""
        public = self.names.everywhere()
        hidden = f"{_TOP_LABELS[self.policy]}.{public}"
        sums = {region: sum(endpoint.weight for endpoint in some) for region, some in by_region.items()}
        weights = scaled(sums)
        for region, some in by_region.items():
            group = f"{GROUP_LABELS[self.policy]}.{self.names.region(region)}"
            counted = " + ".join(f"{endpoint.member.name} {endpoint.weight}" for endpoint in some)
            self.add(
                RecordSet(
                    logical_name=names.record_set("global", hidden, region),
                    name=hidden,
                    zone=self.zone,
                    type="A",
                    level="global",
                    target=AliasTarget(name=group, records=tuple(self.behind[group])),
                    routing=self._region_routing(region, weights[region]),
                    weighs=sums[region],
                    reasons=(f"the region's members: {counted}", *scaling(sums[region], weights[region])),
                )
            )
        self.lead(
            "global", public, hidden, f"an alias has the TTL of its target; recordTTL {self.record.ttl} has no part"
        )

    def availability_zones(self, region: str, members: Iterable[Member], endpoints: Sequence[Endpoint]) -> None:
        """Add the names of a region's availability zones; each leads to the region's members in that zone."""
        for zone in sorted({zone for member in members for zone in member.zones}):
            public = self.names.availability_zone(zone, region)
            here = [endpoint for endpoint in endpoints if zone in endpoint.member.zones]
            self.group(PublicName(level="zone", name=public), here)
            if not here:
                self.lead("zone", public, self.names.region(region), f"no endpoint in {zone}: its region's name")

    def _region_routing(self, region: str, weight: int) -> Routing:
        if self.policy == "latency":
            return Routing(policy="latency", identifier=region, region=region)
        return Routing(policy="weighted", identifier=region, weight=weight)
