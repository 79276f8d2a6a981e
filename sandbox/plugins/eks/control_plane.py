"""Make the cluster itself, with its roles."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from sandbox.plugins.eks.arguments import Inputs, auto_mode
from sandbox.plugins.eks.security import tags
from sandbox.plugins.eks.service_role import ServiceRole

_AUTO_POLICIES = (
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
_AUTO_NODE_POLICIES = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The control plane's role, and in auto mode the nodes'; `made` are those that the component made."""

    plane: pulumi.Input[aws.iam.Role]
    plane_arn: pulumi.Input[str]
    auto_nodes: ServiceRole | None
    made: tuple[ServiceRole, ...]


def roles(name: str, inputs: Inputs, partition: pulumi.Input[str], suffix: Any, parent: pulumi.Resource) -> Roles:
    """Make the roles that the program does not give."""
    automatic = auto_mode(inputs)
    own, made, given = None, [], inputs.get("serviceRole")
    if given is None:
        own = ServiceRole(
            f"{name}-eksRole",
            service="eks.amazonaws.com",
            description="Allows EKS to manage clusters on your behalf.",
            policies=("AmazonEKSClusterPolicy", *(_AUTO_POLICIES if automatic else ())),
            actions=("sts:AssumeRole", "sts:TagSession"),
            partition=partition,
            tags=inputs.get("tags"),
            parent=parent,
        )
        made.append(own)
    nodes = None
    if automatic and inputs["autoMode"].get("createNodeRole") is not False:
        nodes = ServiceRole(
            f"{name}-nodeRole",
            service=pulumi.Output.concat("ec2.", suffix),
            policies=_AUTO_NODE_POLICIES,
            partition=partition,
            tags=inputs.get("tags"),
            parent=parent,
        )
        made.append(nodes)
    plane: Any = own.role if own else given
    arn = pulumi.Output.from_input(plane).apply(lambda role: role.arn)
    return Roles(plane=plane, plane_arn=arn, auto_nodes=nodes, made=tuple(made))


def subnets(inputs: Inputs) -> pulumi.Output[list[str]]:
    """Return the cluster's subnets: those given, or public and private ones together."""
    if inputs.get("subnetIds") is not None:
        return pulumi.Output.from_input(inputs["subnetIds"])
    parts = (inputs.get("publicSubnetIds") or [], inputs.get("privateSubnetIds") or [])
    return pulumi.Output.all(*parts).apply(lambda known: [*known[0], *known[1]])


def cluster(
    name: str,
    inputs: Inputs,
    made: Roles,
    group: aws.ec2.SecurityGroup | None,
    parent: pulumi.Resource,
) -> aws.eks.Cluster:
    """Make the cluster, after its roles have their policies."""
    automatic = auto_mode(inputs)
    bootstrap = inputs.get("bootstrapSelfManagedAddons")
    waits = [resource for role in made.made for resource in (role.role, *role.attachments)]
    return aws.eks.Cluster(
        f"{name}-eksCluster",
        name=inputs.get("name"),
        role_arn=made.plane_arn,
        **_automatic(inputs, made),
        bootstrap_self_managed_addons=False if automatic else True if bootstrap is None else bootstrap,
        vpc_config=_network(inputs, group),
        version=inputs.get("version"),
        enabled_cluster_log_types=inputs.get("enabledClusterLogTypes"),
        tags=tags({"Name": f"{name}-eksCluster"}, inputs.get("clusterTags"), inputs.get("tags")),
        access_config={
            "authentication_mode": inputs["authenticationMode"],
            "bootstrap_cluster_creator_admin_permissions": True,
        },
        upgrade_policy=inputs.get("upgradePolicy"),
        deletion_protection=inputs.get("deletionProtection"),
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=waits,
            # Both are given at creation only, and are not always read back.
            ignore_changes=["accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"],
        ),
    )


def _network(inputs: Inputs, group: aws.ec2.SecurityGroup | None) -> Any:
    return {
        "subnet_ids": subnets(inputs),
        "security_group_ids": [group.id] if group is not None else None,
        "endpoint_private_access": inputs.get("endpointPrivateAccess"),
        "endpoint_public_access": inputs.get("endpointPublicAccess"),
        "public_access_cidrs": inputs.get("publicAccessCidrs"),
    }


def _automatic(inputs: Inputs, made: Roles) -> dict[str, Any]:
    """Return auto mode's three settings; EKS requires all or none."""
    automatic = auto_mode(inputs)
    family, service_range = inputs.get("ipFamily"), inputs.get("kubernetesServiceIpAddressRange")
    settings: dict[str, Any] = {}
    if automatic or family is not None or service_range is not None:
        settings["kubernetes_network_config"] = {
            "ip_family": family or "ipv4",
            "service_ipv4_cidr": service_range,
            "elastic_load_balancing": {"enabled": True} if automatic else None,
        }
    if automatic:
        given = inputs["autoMode"].get("computeConfig")
        arn = made.auto_nodes.role.arn if made.auto_nodes else None
        settings["compute_config"] = pulumi.Output.all(given or {}, arn).apply(_compute)
        settings["storage_config"] = {"block_storage": {"enabled": True}}
    return settings


def _compute(known: list[Any]) -> dict[str, Any]:
    given, arn = known
    pools = given.get("nodePools") or ["general-purpose", "system"]
    return {"enabled": True, "node_role_arn": given.get("nodeRoleArn") or arn, "node_pools": pools}
