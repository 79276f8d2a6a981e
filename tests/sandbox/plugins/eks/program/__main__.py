"""Make what the main program makes of the aws and eks packages: network, cluster, nodes, zone, records."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as kubernetes

config = pulumi.Config()
name = config.require("name")
region = "us-west-2"
provider = aws.Provider("aws", region=region, default_tags={"tags": {"federation": name}})
components = pulumi.ResourceOptions(providers=[provider, eks.Provider("eks")])
options = pulumi.ResourceOptions(provider=provider)

vpc = aws.ec2.Vpc("vpc", cidr_block="10.1.0.0/16", enable_dns_hostnames=True, opts=options)
gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id, opts=options)
table = aws.ec2.RouteTable(
    "public", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}], opts=options
)
subnets = [
    aws.ec2.Subnet(
        f"public-{zone}",
        vpc_id=vpc.id,
        cidr_block=f"10.1.{number}.0/24",
        availability_zone=f"{region}{zone}",
        map_public_ip_on_launch=True,
        tags={"kubernetes.io/role/elb": "1"},
        opts=options,
    )
    for number, zone in enumerate("ab")
]
for number, subnet in enumerate(subnets):
    aws.ec2.RouteTableAssociation(f"public-{number}", subnet_id=subnet.id, route_table_id=table.id, opts=options)

statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
role = aws.iam.Role(
    "nodes", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}), opts=options
)
policies = [
    aws.iam.RolePolicyAttachment(
        f"nodes-{policy}", role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}", opts=options
    )
    for policy in ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly")
]
cluster = eks.Cluster(
    "member",
    name=name,
    authentication_mode=eks.AuthenticationMode.API,
    vpc_id=vpc.id,
    public_subnet_ids=[subnet.id for subnet in subnets],
    skip_default_node_group=True,
    create_oidc_provider=True,
    opts=components,
)
group = eks.ManagedNodeGroup(
    "pool",
    cluster=cluster.core,
    node_role_arn=role.arn,
    instance_types=["t3.medium"],
    scaling_config={"desired_size": config.get_int("nodes") or 1, "min_size": 1, "max_size": 3},
    opts=pulumi.ResourceOptions.merge(components, pulumi.ResourceOptions(depends_on=policies)),
)
access = kubernetes.Provider(
    "member",
    kubeconfig=cluster.kubeconfig_json,
    cluster_identifier=cluster.oidc_issuer,
    opts=pulumi.ResourceOptions(depends_on=[group]),
)
kubernetes.core.v1.Namespace("demo", metadata={"name": "demo"}, opts=pulumi.ResourceOptions(provider=access))

zone = aws.route53.Zone("zone", name=f"{name}.example.com", opts=options)
check = aws.route53.HealthCheck(
    "check", type="TCP", ip_address="192.0.2.1", port=443, failure_threshold=3, request_interval=30, opts=options
)
for target, weight in (("one", config.get_int("weight") or 3), ("two", 6)):
    aws.route53.Record(
        f"web-{target}",
        zone_id=zone.zone_id,
        name=zone.name.apply(lambda known: f"web.{known}"),
        type="A",
        ttl=60,
        records=["192.0.2.1"],
        set_identifier=target,
        weighted_routing_policies=[{"weight": weight}],
        health_check_id=check.id,
        opts=options,
    )

pulumi.export("zone", zone.zone_id)
pulumi.export("group", group.node_group.apply(lambda made: made.node_group_name))
pulumi.export("vpc", cluster.core.vpc_id)
pulumi.export("kubeconfig", pulumi.Output.secret(cluster.kubeconfig_json))
