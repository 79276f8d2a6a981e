"""Give load balancers the names and hosted zones that AWS would give them.

moto gives every load balancer one invented zone and a name of the wrong shape. An alias record needs both right, so
names and zones are made here as AWS makes them. `lookup` tells Route53 which of them exist.
"""

import secrets
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.elb import urls as classic_urls
from moto.elb.models import elb_backends
from moto.elb.responses import ELBResponse
from moto.elbv2 import urls
from moto.elbv2.exceptions import DuplicateLoadBalancerName
from moto.elbv2.models import elbv2_backends
from moto.elbv2.responses import ELBV2Response

from sandbox.aws import services, zone_ids
from sandbox.aws.contract import ACCOUNT
from sandbox.aws.records import TargetAnswer
from sandbox.aws.recordset import Alias
from sandbox.aws.refusals import RefusalError

CLASSIC_VERSION, VERSION = "2012-06-01", "2015-12-01"


class BalancerApi(ELBV2Response):  # type: ignore[misc] # moto is not followed by mypy
    """Application and network load balancers."""

    def create_load_balancer(self) -> ActionResult:
        """CreateLoadBalancer: a name is unique in its region; the same request again returns the existing one."""
        kind, name = self._get_param("Type") or "application", self._get_param("Name")
        with services.of(self).lock:
            zone = _zone(zone_ids.NETWORK if kind == "network" else zone_ids.APPLICATION, self.region)
            known = next((lb for lb in self.elbv2_backend.load_balancers.values() if lb.name == name), None)
            if known is not None:
                return self._again(known, kind)
            created: Any = super().create_load_balancer()
            balancer = created.result["LoadBalancers"][0]
            balancer.canonical_hosted_zone_id = zone
            balancer.scheme = balancer.scheme or "internet-facing"
            if kind == "network":
                self._rename_to_network(balancer)
            else:
                prefix = "internal-" if balancer.scheme == "internal" else ""
                balancer.dns_name = f"{prefix}{name}-{_number()}.{self.region}.elb.amazonaws.com"
        return created

    def _again(self, existing: Any, kind: str) -> ActionResult:
        """Handle a second create of a name: the same settings return the balancer, others are refused."""
        mappings = [mapping["SubnetId"] for mapping in self._get_param("SubnetMappings") or []]
        wanted = {*(self._get_param("Subnets") or []), *mappings}
        scheme = self._get_param("Scheme") or "internet-facing"
        if (existing.type, existing.scheme, {subnet.id for subnet in existing.subnets}) != (kind, scheme, wanted):
            raise DuplicateLoadBalancerName
        return ActionResult({"LoadBalancers": [existing]})

    def _rename_to_network(self, balancer: Any) -> None:
        """Give a network load balancer the ARN (`net`, not `app`) and the DNS name of its kind."""
        backend, old = self.elbv2_backend, balancer.arn
        balancer.arn = old.replace(":loadbalancer/app/", ":loadbalancer/net/")
        backend.load_balancers[balancer.arn] = backend.load_balancers.pop(old)
        backend.tagging_service.tag_resource(
            balancer.arn, backend.tagging_service.list_tags_for_resource(old).get("Tags", [])
        )
        backend.tagging_service.delete_all_tags_for_resource(old)
        balancer.dns_name = f"{balancer.name}-{balancer.arn.rpartition('/')[2]}.elb.{self.region}.amazonaws.com"


class ClassicApi(ELBResponse):  # type: ignore[misc] # moto is not followed by mypy
    """Classic load balancers."""

    def create_load_balancer(self) -> ActionResult:
        """CreateLoadBalancer: without security groups it gets the VPC's default one."""
        with services.of(self).lock:
            zone = _zone(zone_ids.APPLICATION, self.region)
            ec2 = ec2_backends[self.current_account][self.region]
            subnets = [ec2.get_subnet(subnet) for subnet in self._get_param("Subnets") or []]
            if subnets and not self._get_param("SecurityGroups"):
                default = ec2.get_security_group_by_name_or_id("default", subnets[0].vpc_id)
                self.params["SecurityGroups"] = [default.id]
            super().create_load_balancer()
            balancer = self.elb_backend.load_balancers[self._get_param("LoadBalancerName")]
            prefix = "internal-" if balancer.scheme == "internal" else ""
            balancer.dns_name = f"{prefix}{balancer.name}-{_number()}.{self.region}.elb.amazonaws.com"
            balancer.canonical_hosted_zone_name_id = zone
            if subnets:
                balancer.availability_zones = sorted({subnet.availability_zone for subnet in subnets})
        return ActionResult({"DNSName": balancer.dns_name})


def lookup(alias: Alias, kind: str) -> TargetAnswer:
    """Tell Route53 whether an alias names a load balancer that exists, in its own region's zone."""
    if not zone_ids.is_balancer_zone(alias.zone_id) or kind not in ("A", "AAAA"):
        return "missing"
    name = alias.dns_name.rstrip(".").removeprefix("dualstack.")
    zones = _zones_by_name()
    if name in zones:
        return "found" if zones[name] == alias.zone_id else "outside"
    return "missing" if name.endswith(".amazonaws.com") else "outside"


def mount() -> None:
    """Lead both of load balancing's APIs here; to be called before the first request."""
    for table in (urls.url_paths, classic_urls.url_paths):
        for path in table:
            table[path] = _by_version


def _by_version(*args: Any, **kwargs: Any) -> Any:
    """The two APIs share host and path; only the version in the request tells them apart."""
    version = args[0].values.get("Version")
    apis: dict[Any, Any] = {CLASSIC_VERSION: ClassicApi, VERSION: BalancerApi}
    if version not in apis:
        raise NotImplementedError(f"load balancing API version {version}; there are {', '.join(apis)}")
    return apis[version].dispatch(*args, **kwargs)


def _zones_by_name() -> dict[str, str]:
    """Zone id of every load balancer of the account, by DNS name in lower case."""
    zones: dict[str, str] = {}
    for backend in list(elbv2_backends[ACCOUNT].values()):
        zones |= {lb.dns_name.lower(): lb.canonical_hosted_zone_id for lb in list(backend.load_balancers.values())}
    for backend in list(elb_backends[ACCOUNT].values()):
        zones |= {lb.dns_name.lower(): lb.canonical_hosted_zone_name_id for lb in list(backend.load_balancers.values())}
    return zones


def _zone(table: dict[str, str], region: str) -> str:
    if region not in table:
        raise RefusalError(
            "ValidationError",
            f"The sandbox does not know the zone of load balancers in {region}; it has {', '.join(sorted(table))}",
        )
    return table[region]


def _number() -> int:
    """The number at the end of a classic or application load balancer's name."""
    return 10**8 + secrets.randbelow(2 * 10**9)
