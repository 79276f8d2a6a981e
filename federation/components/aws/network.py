"""The network of one EKS member: a VPC with public subnets for load balancers and private ones for nodes.

Availability zones are named in config and never picked by index, so that adding or removing one does not move the
others. Each zone keeps the ranges of its subnets, and a new one takes the first free ones
(``federation.api.model.subnets``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from federation.api.model import subnets
from federation.api.model.members import Member
from federation.plan.model import names

__all__ = ["MemberNetwork", "MemberNetworkArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberNetworkArgs:
    """``member`` has range, zones and NAT; ``cluster_name`` is in the tags by which load balancers find subnets.

    ``ranges`` and ``nat_zones`` are the existing ones. ``is_protected`` protects the VPC from deletion.
    """

    member: Member
    cluster_name: str
    tags: Mapping[str, str]
    is_protected: bool = False
    ranges: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    nat_zones: tuple[str, ...] = ()


class MemberNetwork(pulumi.ComponentResource):
    """VPC, subnets, routes. ``ready`` are the resources that must outlive all users of the network."""

    vpc_id: pulumi.Output[str]
    public_subnet_ids: list[pulumi.Output[str]]
    private_subnet_ids: list[pulumi.Output[str]]

    def __init__(self, name: str, args: MemberNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("eks-federation:index:Network", name, None, opts)
        self._args = args
        self._member = args.member
        self.ready: list[pulumi.Resource] = []
        self._vpc = self._make_vpc()
        self._gateway = self._make_gateway()
        ranges = subnets.divide(self._member.network.cidr, sorted(self._member.zones), args.ranges)
        public = {zone: self._subnet(zone, "public", each["public"]) for zone, each in ranges.items()}
        private = {zone: self._subnet(zone, "private", each["private"]) for zone, each in ranges.items()}
        self._route_public(public)
        self._route_private(private, public)
        self.vpc_id = self._vpc.id
        self.public_subnet_ids = [subnet.id for subnet in public.values()]
        self.private_subnet_ids = [subnet.id for subnet in private.values()]
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "publicSubnetIds": self.public_subnet_ids,
                "privateSubnetIds": self.private_subnet_ids,
            }
        )

    def _called(self, *parts: str) -> str:
        return names.infrastructure(self._member.original_name, *parts)

    def _tags(self, name: str, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        return {**self._args.tags, "Name": name, **(extra or {})}

    def _own(self, **more: list[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=more.get("after"))

    def _make_vpc(self) -> aws.ec2.Vpc:
        name = self._called("vpc")
        return aws.ec2.Vpc(
            name,
            cidr_block=self._member.network.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self._tags(name),
            opts=pulumi.ResourceOptions(parent=self, protect=True if self._args.is_protected else None),
        )

    def _make_gateway(self) -> aws.ec2.InternetGateway:
        name = self._called("internet-gateway")
        return aws.ec2.InternetGateway(name, vpc_id=self._vpc.id, tags=self._tags(name), opts=self._own())

    def _subnet(self, zone: str, kind: str, cidr: str) -> aws.ec2.Subnet:
        name = self._called("subnet", kind, zone)
        role = "kubernetes.io/role/elb" if kind == "public" else "kubernetes.io/role/internal-elb"
        return aws.ec2.Subnet(
            name,
            vpc_id=self._vpc.id,
            availability_zone=zone,
            cidr_block=cidr,
            map_public_ip_on_launch=kind == "public",
            tags=self._tags(name, {role: "1", f"kubernetes.io/cluster/{self._args.cluster_name}": "shared"}),
            opts=self._own(),
        )

    def _table(self, *parts: str, route: aws.ec2.RouteTableRouteArgs | None) -> aws.ec2.RouteTable:
        name = self._called("route-table", *parts)
        return aws.ec2.RouteTable(
            name,
            vpc_id=self._vpc.id,
            routes=[route] if route else [],
            tags=self._tags(name),
            opts=self._own(),
        )

    def _associate(self, subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable, *parts: str) -> None:
        self.ready.append(
            aws.ec2.RouteTableAssociation(
                self._called("route-table-association", *parts),
                subnet_id=subnet.id,
                route_table_id=table.id,
                opts=self._own(),
            )
        )

    def _route_public(self, subnets: Mapping[str, aws.ec2.Subnet]) -> None:
        out = aws.ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", gateway_id=self._gateway.id)
        table = self._table("public", route=out)
        for zone, subnet in subnets.items():
            self._associate(subnet, table, "public", zone)

    def _route_private(self, private: Mapping[str, aws.ec2.Subnet], public: Mapping[str, aws.ec2.Subnet]) -> None:
        nat = self._member.network.nat
        first = self._nat(self._nat_zone(), public) if nat == "single" else None
        for zone, subnet in private.items():
            gateway = self._nat(zone, public) if nat == "perZone" else first
            route = aws.ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", nat_gateway_id=gateway.id) if gateway else None
            self._associate(subnet, self._table("private", zone, route=route), "private", zone)

    def _nat_zone(self) -> str:
        """The zone of a single NAT gateway: the one that has it already, else the first zone in the config."""
        return next((zone for zone in self._args.nat_zones if zone in self._member.zones), self._member.zones[0])

    def _nat(self, zone: str, public: Mapping[str, aws.ec2.Subnet]) -> aws.ec2.NatGateway:
        address, name = self._called("nat-address", zone), self._called("nat", zone)
        eip = aws.ec2.Eip(address, domain="vpc", tags=self._tags(address), opts=self._own(after=[self._gateway]))
        return aws.ec2.NatGateway(
            name,
            allocation_id=eip.id,
            subnet_id=public[zone].id,
            tags=self._tags(name),
            opts=self._own(after=[self._gateway]),
        )
