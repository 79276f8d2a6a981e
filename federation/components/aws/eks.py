"""One EKS member: its network, its cluster and its managed node group.

Access is by EKS access entries alone (``API``). The creator of a cluster is its administrator, so the deploying role is
not listed: the AWS provider assumes the same role that the kubeconfig names.

An update without changes sends no request to the region. So add-ons have a version, and ``endpoint_public_access`` is
not set: AWS sets it, and with it the component waits up to five minutes for the API server.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks

from federation.api.model.members import Member
from federation.components.aws.network import MemberNetwork, MemberNetworkArgs
from federation.errors.fault import FederationError
from federation.plan.model import names
from federation.plan.model.standing import PROTECTED

__all__ = ["EksCluster", "EksClusterArgs"]

NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly")


@dataclass(frozen=True, slots=True, kw_only=True)
class EksClusterArgs:
    """``member`` is an ``eks`` member; ``cluster_name`` the name on AWS; ``role_arn`` the role that deploys, or "".

    ``is_protected`` protects cluster and VPC. ``ranges`` and ``nat_zones`` are of subnets that exist already.
    """

    member: Member
    cluster_name: str
    aws_provider: aws.Provider
    eks_provider: eks.Provider
    tags: Mapping[str, str]
    role_arn: str = ""
    is_protected: bool = False
    ranges: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    nat_zones: tuple[str, ...] = ()


class EksCluster(pulumi.ComponentResource):
    """A cluster with nodes. ``kubeconfig`` (JSON) has the exec form: it holds no token, and needs ``aws`` on PATH."""

    kubeconfig: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    identifier: pulumi.Output[str]
    ready: list[pulumi.Resource]
    is_finished = True

    def __init__(self, name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        own = pulumi.ResourceOptions(providers=[args.aws_provider, args.eks_provider])
        super().__init__("eks-federation:index:EksCluster", name, None, pulumi.ResourceOptions.merge(own, opts))
        self._args = args
        self._member = args.member
        network = MemberNetwork(
            self._called("network"),
            MemberNetworkArgs(
                member=self._member,
                cluster_name=args.cluster_name,
                tags=args.tags,
                is_protected=args.is_protected,
                ranges=args.ranges,
                nat_zones=args.nat_zones,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        node_role, attachments = self._make_node_role()
        cluster = self._make_cluster(network)
        nodes = self._make_nodes(cluster, network, node_role, attachments)
        self.kubeconfig = pulumi.Output.secret(cluster.kubeconfig_json)
        self.endpoint = cluster.core.endpoint
        self.identifier = cluster.oidc_issuer
        # Objects need nodes to run on, and load balancers must be gone before the network is.
        self.ready = [cluster, nodes, *network.ready]
        shown = {"endpoint": self.endpoint, "identifier": self.identifier, "kubeconfig": self.kubeconfig}
        self.register_outputs({**shown, "roleArn": args.role_arn, PROTECTED: args.is_protected})

    def _called(self, *parts: str) -> str:
        return names.infrastructure(self._member.original_name, *parts)

    def _make_node_role(self) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        opts = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            self._called("node-role"),
            name=f"{self._args.cluster_name}-node",
            assume_role_policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "ec2.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            ),
            tags={**self._args.tags},
            opts=opts,
        )
        return role, [
            aws.iam.RolePolicyAttachment(
                self._called("node-role", policy),
                role=role.name,
                policy_arn=f"arn:aws:iam::aws:policy/{policy}",
                opts=opts,
            )
            for policy in NODE_POLICIES
        ]

    def _make_cluster(self, network: MemberNetwork) -> eks.Cluster:
        return eks.Cluster(
            names.remote(self._member.original_name, "cluster"),
            name=self._args.cluster_name,
            version=self._member.kubernetes_version,
            vpc_id=network.vpc_id,
            public_subnet_ids=network.public_subnet_ids,
            private_subnet_ids=network.private_subnet_ids,
            authentication_mode=eks.AuthenticationMode.API,
            # Always given: without options the kubeconfig changes with the AWS_PROFILE of the user who runs the update.
            provider_credential_opts=eks.KubeconfigOptionsArgs(role_arn=self._args.role_arn or None),
            skip_default_node_group=True,
            endpoint_private_access=True,
            **self._addons(),
            cluster_tags={**self._args.tags},
            tags={**self._args.tags},
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=network.ready, protect=True if self._args.is_protected else None
            ),
        )

    def _addons(self) -> dict[str, Any]:
        versions = self._member.addon_versions
        if versions is None:  # reading the config reports this with its line
            version = self._member.kubernetes_version
            msg = f"{self._member.name}: addons for Kubernetes {version} must be given: none are known here"
            raise FederationError(msg)
        return {
            "vpc_cni_options": eks.VpcCniOptionsArgs(addon_version=versions.vpc_cni),
            "kube_proxy_addon_options": eks.KubeProxyAddonOptionsArgs(version=versions.kube_proxy),
        }

    def _make_nodes(
        self, cluster: eks.Cluster, network: MemberNetwork, role: aws.iam.Role, attachments: list[pulumi.Resource]
    ) -> eks.ManagedNodeGroup:
        size = self._member.nodes
        return eks.ManagedNodeGroup(
            names.remote(self._member.original_name, "nodes"),
            cluster=cluster,
            node_role=role,
            subnet_ids=network.private_subnet_ids,
            instance_types=[size.instance_type],
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                desired_size=size.desired, min_size=size.min, max_size=size.max
            ),
            tags={**self._args.tags},
            opts=pulumi.ResourceOptions(parent=self, depends_on=attachments),
        )
