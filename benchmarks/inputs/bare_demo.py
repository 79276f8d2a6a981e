"""Register the demo's resources without this project: a plain Pulumi program over the typed classes.

It is copied beside `Pulumi.yaml` as `__main__.py`; `plan.json` has the objects and record sets, `members.json` the
members. This project's decisions (which member gets what) are its input; it registers everything by hand.
"""

import ipaddress
import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as k8s

PLAN = json.loads(Path("plan.json").read_text())
MEMBERS = json.loads(Path("members.json").read_text())
TYPED = {
    "Namespace": k8s.core.v1.Namespace,
    "ConfigMap": k8s.core.v1.ConfigMap,
    "Deployment": k8s.apps.v1.Deployment,
    "Service": k8s.core.v1.Service,
    "ServiceAccount": k8s.core.v1.ServiceAccount,
    "PodDisruptionBudget": k8s.policy.v1.PodDisruptionBudget,
}
POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly")
ASSUME = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


def network(name: str, member: dict[str, Any], provider: aws.Provider) -> tuple[Any, list[Any], list[Any], list[Any]]:
    """VPC, public and private subnets, and the resources that must outlive the cluster."""
    own = pulumi.ResourceOptions(provider=provider)
    vpc = aws.ec2.Vpc(f"{name}-vpc", cidr_block=member["cidr"], enable_dns_hostnames=True, opts=own)
    gateway = aws.ec2.InternetGateway(f"{name}-gateway", vpc_id=vpc.id, opts=own)
    ranges = list(ipaddress.ip_network(member["cidr"]).subnets(new_prefix=20))
    public, private, ready = [], [], []
    out = aws.ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", gateway_id=gateway.id)
    table = aws.ec2.RouteTable(f"{name}-public", vpc_id=vpc.id, routes=[out], opts=own)
    for index, zone in enumerate(member["zones"]):
        for kind, found in (("public", public), ("private", private)):
            place = {"vpc_id": vpc.id, "availability_zone": zone}
            cidr = str(ranges[2 * index + (kind == "private")])
            role = "kubernetes.io/role/elb" if kind == "public" else "kubernetes.io/role/internal-elb"
            tags = {role: "1", f"kubernetes.io/cluster/bare-{name}": "shared"}
            found.append(aws.ec2.Subnet(f"{name}-{kind}-{zone}", cidr_block=cidr, tags=tags, **place, opts=own))
        where = {"subnet_id": public[-1].id, "route_table_id": table.id}
        ready.append(aws.ec2.RouteTableAssociation(f"{name}-public-{zone}", **where, opts=own))
    eip = aws.ec2.Eip(f"{name}-nat", domain="vpc", opts=own)
    nat = aws.ec2.NatGateway(f"{name}-nat", allocation_id=eip.id, subnet_id=public[0].id, opts=own)
    through = aws.ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", nat_gateway_id=nat.id)
    for zone, subnet in zip(member["zones"], private, strict=True):
        inner = aws.ec2.RouteTable(f"{name}-private-{zone}", vpc_id=vpc.id, routes=[through], opts=own)
        where = {"subnet_id": subnet.id, "route_table_id": inner.id}
        ready.append(aws.ec2.RouteTableAssociation(f"{name}-private-{zone}", **where, opts=own))
    return vpc, public, private, ready


def cluster(name: str, member: dict[str, Any], provider: aws.Provider, on: eks.Provider) -> tuple[Any, list[Any]]:
    """A cluster with nodes: its kubeconfig, and the resources that objects wait for."""
    own = pulumi.ResourceOptions(provider=provider)
    vpc, public, private, ready = network(name, member, provider)
    role = aws.iam.Role(f"{name}-node", name=f"bare-{name}-node", assume_role_policy=ASSUME, opts=own)
    attached = [
        aws.iam.RolePolicyAttachment(
            f"{name}-{each}", role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{each}", opts=own
        )
        for each in POLICIES
    ]
    made = eks.Cluster(
        f"{name}-cluster",
        name=f"bare-{name}",
        version=member["version"],
        vpc_id=vpc.id,
        public_subnet_ids=[each.id for each in public],
        private_subnet_ids=[each.id for each in private],
        authentication_mode=eks.AuthenticationMode.API,
        skip_default_node_group=True,
        endpoint_public_access=True,
        endpoint_private_access=True,
        opts=pulumi.ResourceOptions(providers=[provider, on], depends_on=ready),
    )
    sizes = aws.eks.NodeGroupScalingConfigArgs(desired_size=member["nodes"], min_size=1, max_size=6)
    nodes = eks.ManagedNodeGroup(
        f"{name}-nodes",
        cluster=made,
        node_role=role,
        subnet_ids=[each.id for each in private],
        instance_types=["m6i.large"],
        scaling_config=sizes,
        opts=pulumi.ResourceOptions(providers=[provider, on], depends_on=attached),
    )
    return made.kubeconfig_json, [made, nodes]


def objects(member: dict[str, Any], kubeconfig: Any, ready: list[Any]) -> dict[str, Any]:
    """The member's objects by logical name."""
    provider = k8s.Provider(
        member["name"],
        kubeconfig=kubeconfig,
        enable_server_side_apply=True,
        opts=pulumi.ResourceOptions(depends_on=ready),
    )
    registered: dict[str, Any] = {}
    for each in member["objects"]:
        behind = [registered[name] for name in each["dependsOn"]]
        body = {key: value for key, value in each["manifest"].items() if key not in ("apiVersion", "kind")}
        opts = pulumi.ResourceOptions(provider=provider, depends_on=behind)
        registered[each["logicalName"]] = TYPED[each["kind"]](each["logicalName"], **body, opts=opts)
    return registered


def hostname(services: dict[str, Any], target: dict[str, Any]) -> Any:
    """The name of the load balancer in front of a Service."""
    return services[target["objectName"]].status.load_balancer.ingress[0].hostname


def names(services: dict[str, Any], provider: aws.Provider) -> None:
    """Zone, health checks and record sets."""
    own = pulumi.ResourceOptions(provider=provider)
    zone = aws.route53.Zone("zone", name=PLAN["zone"], opts=own)
    checks = {
        each["logicalName"]: aws.route53.HealthCheck(
            each["logicalName"],
            type="TCP",
            fqdn=hostname(services, each["target"]),
            port=each["port"],
            request_interval=10,
            failure_threshold=3,
            opts=own,
        )
        for each in PLAN["healthChecks"]
    }
    made: dict[str, Any] = {}
    for each in PLAN["records"]:
        behind = [made[name] for name in each["target"].get("records", [])]
        check = checks.get(each["healthCheck"])
        made[each["logicalName"]] = aws.route53.Record(
            each["logicalName"],
            zone_id=zone.zone_id,
            name=each["name"],
            type=each["type"],
            aliases=[alias(services, zone, each["target"], provider)],
            **routing(each["routing"]),
            health_check_id=check.id if check else None,
            opts=pulumi.ResourceOptions(provider=provider, depends_on=behind),
        )


def alias(services: dict[str, Any], zone: Any, target: dict[str, Any], provider: aws.Provider) -> Any:
    """A record set's target: the load balancer of a Service, or other record sets of the zone."""
    if "objectName" not in target:
        return aws.route53.RecordAliasArgs(name=target["name"], zone_id=zone.zone_id, evaluate_target_health=True)
    region = MEMBERS[target["member"]]["region"]
    ask = pulumi.InvokeOutputOptions(provider=provider)
    hosted_zone = aws.lb.get_hosted_zone_id_output(region=region, load_balancer_type="network", opts=ask)
    name = hostname(services, target)
    return aws.route53.RecordAliasArgs(name=name, zone_id=hosted_zone.id, evaluate_target_health=True)


def routing(policy: dict[str, Any] | None) -> dict[str, Any]:
    """The routing policy by which Route53 chooses among the record sets of one name."""
    if policy is None:
        return {}
    chosen: dict[str, Any] = {"set_identifier": policy["identifier"]}
    if policy["weight"] is not None:
        weighted = aws.route53.RecordWeightedRoutingPolicyArgs(weight=policy["weight"])
        chosen["weighted_routing_policies"] = [weighted]
    if policy["policy"] == "latency":
        nearest = aws.route53.RecordLatencyRoutingPolicyArgs(region=policy["region"])
        chosen["latency_routing_policies"] = [nearest]
    return chosen


on_eks = eks.Provider("eks")
regions = sorted({member["region"] for member in MEMBERS.values()} | {"us-east-1"})
on_aws = {region: aws.Provider(region, region=region) for region in regions}
everything: dict[str, Any] = {}
for planned in PLAN["members"]:
    settings = MEMBERS[planned["name"]]
    found, before = cluster(planned["name"], settings, on_aws[settings["region"]], on_eks)
    everything.update(objects(planned, found, before))
names(everything, on_aws["us-east-1"])
