"""Refuse to delete network resources that are still in use.

AWS refuses to delete a subnet, VPC or security group that has network interfaces, and to detach an internet gateway
behind public addresses. moto has no interfaces for load balancers, clusters and nodes, so it deletes them all. A
program that tears down in the wrong order would fail only on AWS.
"""

from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2 import urls
from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models import ec2_backends
from moto.ec2.responses import EC2Response
from moto.eks.models import eks_backends
from moto.elb.models import elb_backends
from moto.elbv2.models import elbv2_backends

from sandbox.aws import services
from sandbox.aws.eks import standing


class Ec2Api(EC2Response):  # type: ignore[misc] # moto is not followed by mypy
    """EC2: moto's, looking at load balancers, clusters, nodes and NAT gateways before it deletes."""

    def call_action(self) -> Any:
        """Run the request's operation, after synchronising the clusters, so that deleted ones block nothing."""
        if self._get_action().startswith(("Delete", "Detach")):
            with services.of(self).lock:
                standing.synchronise(services.of(self).planes, self.current_account, self.region)
                return super().call_action()
        return super().call_action()

    def delete_subnet(self) -> ActionResult:
        """DeleteSubnet."""
        subnet = self._get_param("SubnetId")
        self._refuse_if_used(subnets_in_use(self.current_account, self.region), subnet, "subnet")
        deleted: ActionResult = super().delete_subnet()
        return deleted

    def delete_security_group(self) -> ActionResult:
        """DeleteSecurityGroup."""
        group = self._get_param("GroupId")
        for user, used in groups_in_use(self.current_account, self.region):
            if used == group:
                raise DependencyViolationError(f"resource {group} has a dependent object: {user}")
        deleted: ActionResult = super().delete_security_group()
        return deleted

    def detach_internet_gateway(self) -> ActionResult:
        """DetachInternetGateway: refused while the VPC has public addresses."""
        vpc = self._get_param("VpcId")
        users = [user for user, used in public_in(self.current_account, self.region) if used == vpc]
        if users:
            raise DependencyViolationError(
                f"Network {vpc} has some mapped public address(es). Please unmap those public address(es) before "
                f"detaching the gateway: {', '.join(users)}"
            )
        detached: ActionResult = super().detach_internet_gateway()
        return detached

    def delete_vpc(self) -> ActionResult:
        """DeleteVpc: refused with subnets (moto's), an internet gateway or security groups of its own."""
        vpc, ec2 = self._get_param("VpcId"), ec2_backends[self.current_account][self.region]
        left = [gateway.id for gateway in ec2.internet_gateways.values() if gateway.vpc and gateway.vpc.id == vpc]
        left += [group.id for group in ec2.groups.get(vpc, {}).values() if group.name != "default"]
        if left:
            raise DependencyViolationError(f"The vpc '{vpc}' has dependencies and cannot be deleted: {', '.join(left)}")
        deleted: ActionResult = super().delete_vpc()
        return deleted

    def _refuse_if_used(self, uses: Iterator[tuple[str, str]], ident: str, kind: str) -> None:
        users = sorted({user for user, used in uses if used == ident})
        if users:
            raise DependencyViolationError(
                f"The {kind} '{ident}' has dependencies and cannot be deleted: {', '.join(users)}"
            )


def subnets_in_use(account: str, region: str) -> Iterator[tuple[str, str]]:
    """Pair everything that has a network interface with each of its subnets."""
    for balancer in list(elbv2_backends[account][region].load_balancers.values()):
        yield from ((f"load balancer {balancer.name}", subnet.id) for subnet in balancer.subnets)
    for classic in list(elb_backends[account][region].load_balancers.values()):
        yield from ((f"load balancer {classic.name}", subnet) for subnet in classic.subnets)
    for cluster in list(eks_backends[account][region].clusters.values()):
        yield from ((f"cluster {cluster.name}", subnet) for subnet in cluster.resources_vpc_config["subnetIds"])
        for group in list(cluster.nodegroups.values()):
            yield from ((f"node group {group.nodegroup_name}", subnet) for subnet in group.subnets)
    ec2 = ec2_backends[account][region]
    gateways = [gateway for gateway in ec2.nat_gateways.values() if gateway.state != "deleted"]
    yield from ((f"NAT gateway {gateway.id}", gateway.subnet_id) for gateway in gateways)
    of_gateways = {address["networkInterfaceId"] for g in ec2.nat_gateways.values() for address in g.address_set}
    for interface in list(ec2.enis.values()):
        # moto leaves a NAT gateway's interface behind when the gateway is deleted; AWS does not.
        if interface.id not in of_gateways:
            yield f"network interface {interface.id}", interface.subnet.id


def groups_in_use(account: str, region: str) -> Iterator[tuple[str, str]]:
    """Pair load balancers and clusters with each of their security groups."""
    for backends in (elbv2_backends, elb_backends):
        for balancer in list(backends[account][region].load_balancers.values()):
            yield from ((f"load balancer {balancer.name}", group) for group in balancer.security_groups or [])
    for cluster in list(eks_backends[account][region].clusters.values()):
        vpc: dict[str, Any] = cluster.resources_vpc_config
        own = [vpc["clusterSecurityGroupId"]] if "clusterSecurityGroupId" in vpc else []
        yield from ((f"cluster {cluster.name}", group) for group in [*own, *vpc["securityGroupIds"]])


def public_in(account: str, region: str) -> Iterator[tuple[str, str]]:
    """Pair everything with a public address with its VPC."""
    for backends in (elbv2_backends, elb_backends):
        for balancer in list(backends[account][region].load_balancers.values()):
            if balancer.scheme != "internal":
                yield f"load balancer {balancer.name}", balancer.vpc_id
    for gateway in ec2_backends[account][region].nat_gateways.values():
        if gateway.state != "deleted" and gateway.connectivity_type == "public":
            yield f"NAT gateway {gateway.id}", gateway.vpc_id


def mount() -> None:
    """Route EC2 here; call it before the first request."""
    for path in urls.url_paths:
        urls.url_paths[path] = Ec2Api.dispatch
