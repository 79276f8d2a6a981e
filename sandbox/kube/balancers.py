"""Create the load balancer that an object in a cluster requests.

For an EKS cluster it is made in AWS, by the same calls that the cloud controller and the load balancer controller
make: in the cluster's own VPC, in the subnets tagged for it, with their names and tags. A cluster that is not EKS has
no AWS to call, so a name is made up.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sandbox.aws.contract import ClusterKey
from sandbox.errors import SandboxError

Kind = Literal["network", "classic", "application"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The load balancer that an object requests. `ports` are pairs of the listener's and the node's port."""

    kind: Kind
    name: str
    owner: str
    ports: tuple[tuple[int, int], ...]
    internal: bool


class Balancers(Protocol):
    """The interface that makes and removes the load balancers of one cluster."""

    def ensure(self, wanted: Wanted) -> str:
        """Make the load balancer if it does not exist, and return its hostname."""
        ...

    def remove(self, wanted: Wanted) -> None:
        """Remove the load balancer; a missing one is no error."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUpNames:
    """Load balancers of a cluster that is not EKS: a hostname and nothing behind it."""

    cluster: str

    def ensure(self, wanted: Wanted) -> str:
        """Return the hostname."""
        return f"{wanted.name}.{self.cluster}.sandbox.internal"

    def remove(self, wanted: Wanted) -> None:
        """Do nothing: the hostname was never stored."""


Connect = Callable[[str, str], Any]
"""Returns a boto3 client, given a service and a region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsBalancers:
    """Load balancers of an EKS cluster, made in its VPC through AWS's API."""

    key: ClusterKey
    connect: Connect

    def ensure(self, wanted: Wanted) -> str:
        """Make the load balancer with a listener for each port, and return its DNS name.

        Raises `SandboxError` when no subnet is tagged for it, and botocore's errors when AWS refuses.
        """
        return self._classic(wanted) if wanted.kind == "classic" else self._second_generation(wanted)

    def remove(self, wanted: Wanted) -> None:
        """Remove the load balancer and its target groups. Raises botocore's errors when AWS refuses."""
        if wanted.kind == "classic":
            self._client("elb").delete_load_balancer(LoadBalancerName=wanted.name)
            return
        client = self._client("elbv2")
        found = _described(client, wanted.name)
        if found is None:
            return
        groups = client.describe_target_groups(LoadBalancerArn=found["LoadBalancerArn"])["TargetGroups"]
        client.delete_load_balancer(LoadBalancerArn=found["LoadBalancerArn"])
        for group in groups:
            client.delete_target_group(TargetGroupArn=group["TargetGroupArn"])

    def _client(self, service: str) -> Any:
        return self.connect(service, self.key.region)

    def _vpc(self) -> str:
        cluster = self._client("eks").describe_cluster(name=self.key.name)["cluster"]
        return str(cluster["resourcesVpcConfig"]["vpcId"])

    def _subnets(self, vpc: str, *, internal: bool) -> list[str]:
        role = "kubernetes.io/role/internal-elb" if internal else "kubernetes.io/role/elb"
        filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": f"tag:{role}", "Values": ["1", ""]}]
        subnets = self._client("ec2").describe_subnets(Filters=filters)["Subnets"]
        by_zone = {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in sorted(subnets, key=_subnet_id)}
        if not by_zone:
            raise SandboxError(
                f"could not find any suitable subnets for creating the ELB: no subnet of {vpc} has the tag {role}=1"
            )
        return sorted(by_zone.values())

    def _tags(self, wanted: Wanted) -> list[dict[str, str]]:
        own = "kubernetes.io/ingress-name" if wanted.kind == "application" else "kubernetes.io/service-name"
        return [
            {"Key": f"kubernetes.io/cluster/{self.key.name}", "Value": "owned"},
            {"Key": own, "Value": wanted.owner},
        ]

    def _classic(self, wanted: Wanted) -> str:
        created = self._client("elb").create_load_balancer(
            LoadBalancerName=wanted.name,
            Listeners=[
                {"Protocol": "TCP", "LoadBalancerPort": port, "InstanceProtocol": "TCP", "InstancePort": node_port}
                for port, node_port in wanted.ports
            ],
            Subnets=self._subnets(self._vpc(), internal=wanted.internal),
            Tags=self._tags(wanted),
            **({"Scheme": "internal"} if wanted.internal else {}),
        )
        return str(created["DNSName"])

    def _second_generation(self, wanted: Wanted) -> str:
        client, vpc = self._client("elbv2"), self._vpc()
        balancers = (
            _described(client, wanted.name)
            or client.create_load_balancer(
                Name=wanted.name,
                Type=wanted.kind,
                Scheme="internal" if wanted.internal else "internet-facing",
                Subnets=self._subnets(vpc, internal=wanted.internal),
                Tags=self._tags(wanted),
            )["LoadBalancers"][0]
        )
        arn = balancers["LoadBalancerArn"]
        listening = {one["Port"]: one for one in client.describe_listeners(LoadBalancerArn=arn)["Listeners"]}
        protocol = "TCP" if wanted.kind == "network" else "HTTP"
        for port, node_port in wanted.ports:
            if port not in listening:
                group = _target_group(client, f"{wanted.name[:20]}-{port}", protocol, node_port, vpc)
                forward = [{"Type": "forward", "TargetGroupArn": group}]
                client.create_listener(LoadBalancerArn=arn, Protocol=protocol, Port=port, DefaultActions=forward)
        for port in listening.keys() - {port for port, _ in wanted.ports}:
            client.delete_listener(ListenerArn=listening[port]["ListenerArn"])
        return str(balancers["DNSName"])


def controller_name(namespace: str, name: str, uid: str) -> str:
    """Return the name that the AWS load balancer controller gives: 32 characters at most."""
    digest = hashlib.sha256(uid.encode()).hexdigest()[:10]
    return f"k8s-{_letters(namespace)[:8]}-{_letters(name)[:8]}-{digest}"


def cloud_provider_name(uid: str) -> str:
    """Return the name that the cloud provider gives: the object's uid, 32 characters at most."""
    return ("a" + uid.replace("-", ""))[:32]


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _subnet_id(subnet: dict[str, Any]) -> str:
    return str(subnet["SubnetId"])


def _described(client: Any, name: str) -> dict[str, Any] | None:
    try:
        balancers: list[dict[str, Any]] = client.describe_load_balancers(Names=[name])["LoadBalancers"]
    except client.exceptions.LoadBalancerNotFoundException:
        return None
    return balancers[0] if balancers else None


def _target_group(client: Any, name: str, protocol: str, port: int, vpc: str) -> str:
    made = client.create_target_group(Name=name, Protocol=protocol, Port=port, VpcId=vpc, TargetType="instance")
    return str(made["TargetGroups"][0]["TargetGroupArn"])
