"""The federation's names on Route53: the zone, the health checks and the record sets of a plan.

The plan leaves the hostname of a member's load balancer symbolic. It is filled in here from the status of the Service
or the Ingress. An Ingress controller chooses the kind of its load balancer, so the kind is read from the hostname.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from federation.api.model.members import DnsSettings
from federation.components.kubernetes.objects import KubernetesObject
from federation.components.kubernetes.takers import Takers
from federation.plan.dns import load_balancers, record_order
from federation.plan.model import names
from federation.plan.model.plan import AliasTarget, BalancerTarget, HealthCheck, RecordSet, Routing, ServiceTarget
from federation.plan.model.standing import PROTECTED

__all__ = ["FederatedDns", "FederatedDnsArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedDnsArgs:
    """``objects`` are the registered ones by logical name; ``regions`` the AWS region of each member. ``is_protected``
    protects the zone from deletion, if it is made here. ``hostnames`` finds load balancers of objects that are
    registered in other stacks."""

    zone: str
    settings: DnsSettings
    records: Sequence[RecordSet]
    health_checks: Sequence[HealthCheck]
    objects: Mapping[str, KubernetesObject]
    regions: Mapping[str, str]
    aws_provider: aws.Provider
    tags: Mapping[str, str]
    takers: Takers | None = None
    is_protected: bool = False
    hostnames: Callable[[BalancerTarget], pulumi.Output[str]] | None = None


class FederatedDns(pulumi.ComponentResource):
    """Zone, health checks and record sets. ``zone_id`` and ``name_servers`` are the zone's; ``own_zone`` is its name if
    this component made it, else ""."""

    zone_id: pulumi.Output[str]
    name_servers: pulumi.Output[Sequence[str]]

    def __init__(self, name: str, args: FederatedDnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        own = pulumi.ResourceOptions(providers=[args.aws_provider])
        super().__init__("eks-federation:index:FederatedDns", name, None, pulumi.ResourceOptions.merge(own, opts))
        self._args = args
        self.own_zone = "" if args.settings.zone_id else args.zone
        self._balancer_zones: dict[tuple[str, str], pulumi.Output[str]] = {}
        self._find_or_make_zone()
        self._checks = {check.logical_name: self._make_check(check) for check in args.health_checks}
        self._planned = {record.logical_name: record for record in args.records}
        self._records: dict[str, aws.route53.Record] = {}
        for record in args.records:
            self._records[record.logical_name] = self._make_record(record)
        protected = {PROTECTED: args.is_protected} if self.own_zone else {}
        self.register_outputs({"zoneId": self.zone_id, "nameServers": self.name_servers, **protected})

    def hostname(self, target: BalancerTarget) -> pulumi.Output[str]:
        """The hostname of the load balancer that ``target`` stands for."""
        if self._args.hostnames is not None:
            return self._args.hostnames(target)
        kind = "Service" if isinstance(target, ServiceTarget) else "Ingress"
        return self._args.objects[target.object_name].status.apply(lambda status: _required_hostname(status, kind))

    def _find_or_make_zone(self) -> None:
        settings = self._args.settings
        if settings.zone_id:
            found = aws.route53.get_zone_output(
                zone_id=settings.zone_id, opts=pulumi.InvokeOutputOptions(parent=self, provider=self._args.aws_provider)
            )
            self.zone_id, self.name_servers = found.zone_id, found.name_servers
            return
        made = aws.route53.Zone(
            names.dns("zone", self._args.zone),
            name=self._args.zone,
            comment="Names of a federation of clusters",
            tags={**self._args.tags},
            opts=pulumi.ResourceOptions(parent=self, protect=True if self._args.is_protected else None),
        )
        self.zone_id, self.name_servers = made.zone_id, made.name_servers

    def _make_check(self, check: HealthCheck) -> aws.route53.HealthCheck:
        return aws.route53.HealthCheck(
            check.logical_name,
            type="TCP",
            fqdn=self.hostname(check.target),
            port=check.port,
            request_interval=10,
            failure_threshold=3,
            tags={**self._args.tags, "Name": check.logical_name},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _make_record(self, record: RecordSet) -> aws.route53.Record:
        check = self._checks.get(record.health_check)
        before = [self._records[name] for name in record_order.needed(record, self._planned)]
        # Objects of other stacks are waited for by the hook alone.
        ready = [self._args.objects[name] for name in record.after if self._args.hostnames is None]
        hook = self._args.takers.before_record(record) if self._args.takers else None
        return aws.route53.Record(
            record.logical_name,
            zone_id=self.zone_id,
            name=record.name,
            type=record.type,
            aliases=[self._alias(record)],
            set_identifier=record.routing.identifier if record.routing else None,
            weighted_routing_policies=_weighted(record.routing),
            latency_routing_policies=_latency(record.routing),
            health_check_id=check.id if check else None,
            # In the federation's own zone, a set that a killed run has left is taken over. In a given zone it is not:
            # it may be another manager's.
            allow_overwrite=None if self._args.settings.zone_id else True,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*before, *ready],
                hooks=pulumi.ResourceHookBinding(before_create=[hook], before_update=[hook]) if hook else None,
                # A record set of that name and kind must be gone before another one can take its place.
                delete_before_replace=True,
            ),
        )

    def _alias(self, record: RecordSet) -> aws.route53.RecordAliasArgs:
        target, checks_health = record.target, record.evaluate_target_health
        if isinstance(target, AliasTarget):
            return aws.route53.RecordAliasArgs(
                name=target.name, zone_id=self.zone_id, evaluate_target_health=checks_health
            )
        zone_id = self._target_zone(target)
        return aws.route53.RecordAliasArgs(
            name=self.hostname(target), zone_id=zone_id, evaluate_target_health=checks_health
        )

    def _target_zone(self, target: BalancerTarget) -> pulumi.Output[str]:
        region = self._args.regions[target.member]
        if isinstance(target, ServiceTarget):
            return self._balancer_zone(region, target.load_balancer)
        zones = {kind: self._balancer_zone(region, kind) for kind in ("application", "network")}
        kind_of_balancer = self.hostname(target).apply(lambda hostname: _kind(hostname, region))
        return pulumi.Output.all(kind_of_balancer, zones["application"], zones["network"]).apply(
            lambda found: str(found[2] if found[0] == "network" else found[1])
        )

    def _balancer_zone(self, region: str, kind: str) -> pulumi.Output[str]:
        """The canonical zone of a region's load balancers, which AWS publishes by kind."""
        if (region, kind) not in self._balancer_zones:
            opts = pulumi.InvokeOutputOptions(parent=self, provider=self._args.aws_provider)
            self._balancer_zones[region, kind] = (
                aws.elb.get_hosted_zone_id_output(region=region, opts=opts).id
                if kind == "classic"
                else aws.lb.get_hosted_zone_id_output(region=region, load_balancer_type=kind, opts=opts).id
            )
        return self._balancer_zones[region, kind]


def _required_hostname(status: Mapping[str, object] | None, kind: str) -> str:
    if found := load_balancers.hostname(status):
        return found
    raise ValueError(f"the {kind} has no load balancer with a hostname yet; run the update again when it has one")


def _kind(hostname: str, region: str) -> str:
    """The kind of a load balancer by its hostname; application and classic ones share name and zone."""
    return "network" if f".elb.{region}.amazonaws.com" in hostname else "application"


def _weighted(routing: Routing | None) -> list[aws.route53.RecordWeightedRoutingPolicyArgs] | None:
    if routing is None or routing.policy != "weighted" or routing.weight is None:
        return None
    return [aws.route53.RecordWeightedRoutingPolicyArgs(weight=routing.weight)]


def _latency(routing: Routing | None) -> list[aws.route53.RecordLatencyRoutingPolicyArgs] | None:
    if routing is None or routing.policy != "latency":
        return None
    return [aws.route53.RecordLatencyRoutingPolicyArgs(region=routing.region)]
