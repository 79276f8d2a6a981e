"""Make the security groups between a cluster's control plane and its nodes, as the official component does."""

from collections.abc import Mapping
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
    """Make the control plane's group, which allows all egress."""
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
    rules = _Rules(name=name, parent=parent)
    plane = {"source_security_group_id": cluster_group_id}
    rules.add("eksNodeIngressRule", group.id, _ALL, "-1", {"self": True, "description": _AMONG_NODES})
    rules.add("eksNodeClusterIngressRule", group.id, (1025, 65535), "tcp", {"description": _FROM_PLANE, **plane})
    rules.add("eksExtApiServerClusterIngressRule", group.id, _HTTPS, "tcp", {"description": _EXTENSIONS, **plane})
    internet = {"type": "egress", "cidr_blocks": ["0.0.0.0/0"], "description": "Allow internet access."}
    rules.add("eksNodeInternetEgressRule", group.id, _ALL, "-1", internet)
    nodes = {"source_security_group_id": group.id, "description": _FROM_PODS}
    ingress = rules.add("eksClusterIngressRule", cluster_group_id, _HTTPS, "tcp", nodes)
    return NodeSecurity(group=group, cluster_ingress=ingress)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """Makes rules of one component."""

    name: str
    parent: pulumi.Resource

    def add(
        self, suffix: str, group: pulumi.Input[str], ports: tuple[int, int], protocol: str, more: Mapping[str, Any]
    ) -> aws.ec2.SecurityGroupRule:
        """Make a rule of a group; an ingress one unless `type` says otherwise."""
        return aws.ec2.SecurityGroupRule(
            f"{self.name}-{suffix}",
            **{"type": "ingress", **more},
            from_port=ports[0],
            to_port=ports[1],
            protocol=protocol,
            security_group_id=group,
            opts=pulumi.ResourceOptions(parent=self.parent),
        )


def tags(*layers: Any) -> pulumi.Output[dict[str, str]]:
    """Merge tags; the last one wins."""

    def merge(known: list[Any]) -> dict[str, str]:
        return {key: value for layer in known for key, value in (layer or {}).items()}

    return pulumi.Output.all(*layers).apply(merge)


_ALL = (0, 0)
_HTTPS = (443, 443)
_AMONG_NODES = "Allow nodes to communicate with each other"
_FROM_PLANE = "Allow worker Kubelets and pods to receive communication from the cluster control plane"
_EXTENSIONS = "Allow pods running extension API servers on port 443 to receive communication from cluster control plane"
_FROM_PODS = "Allow pods to communicate with the cluster API Server"
