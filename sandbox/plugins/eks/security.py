"""The security groups between a cluster's control plane and its nodes, as the official component makes them."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from sandbox.plugins.eks.arguments import Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSecurity:
    """The nodes' group, and the rule that lets nodes reach the API server."""

    group: aws.ec2.SecurityGroup
    cluster_ingress: aws.ec2.SecurityGroupRule


def cluster_group(name: str, inputs: Inputs, parent: pulumi.Resource) -> aws.ec2.SecurityGroup:
    """Make the control plane's group: everything may leave."""
    own = {"Name": f"{name}-eksClusterSecurityGroup"}
    group = aws.ec2.SecurityGroup(
        f"{name}-eksClusterSecurityGroup",
        vpc_id=inputs["vpcId"],
        revoke_rules_on_delete=True,
        tags=tags(own, inputs.get("clusterSecurityGroupTags"), inputs.get("tags")),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    aws.ec2.SecurityGroupRule(
        f"{name}-eksClusterInternetEgressRule",
        description="Allow internet access.",
        type="egress",
        from_port=0,
        to_port=0,
        protocol="-1",
        cidr_blocks=["0.0.0.0/0"],
        security_group_id=group.id,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return group


def node_group(
    name: str,
    inputs: Inputs,
    cluster: aws.eks.Cluster,
    cluster_group_id: pulumi.Input[str],
    parent: pulumi.Resource,
) -> NodeSecurity:
    """Make the nodes' group and the rules between it and the control plane's."""
    owned = cluster.name.apply(
        lambda known: {"Name": f"{name}-nodeSecurityGroup", f"kubernetes.io/cluster/{known}": "owned"}
    )
    group = aws.ec2.SecurityGroup(
        f"{name}-nodeSecurityGroup",
        vpc_id=inputs["vpcId"],
        revoke_rules_on_delete=True,
        tags=tags(owned, inputs.get("nodeSecurityGroupTags"), inputs.get("tags")),
        opts=pulumi.ResourceOptions(parent=parent),
    )

    def rule(suffix: str, into: pulumi.Input[str], ports: tuple[int, int], protocol: str, **more: Any) -> Any:
        kind = more.pop("type", "ingress")
        return aws.ec2.SecurityGroupRule(
            f"{name}-{suffix}",
            type=kind,
            from_port=ports[0],
            to_port=ports[1],
            protocol=protocol,
            security_group_id=into,
            opts=pulumi.ResourceOptions(parent=parent),
            **more,
        )

    plane = {"source_security_group_id": cluster_group_id}
    rule("eksNodeIngressRule", group.id, (0, 0), "-1", self=True, description=_AMONG_NODES)
    rule("eksNodeClusterIngressRule", group.id, (1025, 65535), "tcp", description=_FROM_PLANE, **plane)
    rule("eksExtApiServerClusterIngressRule", group.id, (443, 443), "tcp", description=_EXTENSIONS, **plane)
    rule("eksNodeInternetEgressRule", group.id, (0, 0), "-1", type="egress", cidr_blocks=["0.0.0.0/0"])
    ingress = rule(
        "eksClusterIngressRule",
        cluster_group_id,
        (443, 443),
        "tcp",
        source_security_group_id=group.id,
        description=_FROM_PODS,
    )
    return NodeSecurity(group=group, cluster_ingress=ingress)


def tags(*layers: Any) -> pulumi.Output[dict[str, str]]:
    """Lay tags over each other; the last one wins."""

    def merge(known: list[Any]) -> dict[str, str]:
        return {key: value for layer in known for key, value in (layer or {}).items()}

    return pulumi.Output.all(*layers).apply(merge)


_AMONG_NODES = "Allow nodes to communicate with each other"
_FROM_PLANE = "Allow worker Kubelets and pods to receive communication from the cluster control plane"
_EXTENSIONS = "Allow pods running extension API servers on port 443 to receive communication from cluster control plane"
_FROM_PODS = "Allow pods to communicate with the cluster API Server"
