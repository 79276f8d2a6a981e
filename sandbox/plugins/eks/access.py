"""Make the cluster's access entries: the given ones, and one for the nodes' role if the component made it."""

from typing import Any

import pulumi
import pulumi_aws as aws

from sandbox.plugins.eks.arguments import Inputs


class AccessEntries:
    """The access entries of a cluster and their policies.

    `entries` are the resources; `described` is what the cluster's `core` says of them.
    """

    def __init__(
        self, name: str, cluster: aws.eks.Cluster, inputs: Inputs, instance_role: Any, parent: pulumi.Resource
    ) -> None:
        wanted: dict[str, Any] = {}
        if instance_role is not None:
            arn = pulumi.Output.from_input(instance_role).apply(lambda role: role.arn)
            wanted["defaultNodeGroupInstanceRole"] = {"principalArn": arn, "type": "EC2_LINUX"}
        wanted |= inputs.get("accessEntries") or {}
        self._name, self._cluster, self._parent = name, cluster, parent
        self.entries = tuple(self._make(key, entry) for key, entry in wanted.items())
        self.described = list(wanted.values())

    def _make(self, key: str, entry: Inputs) -> aws.eks.AccessEntry:
        made = aws.eks.AccessEntry(
            f"{self._name}-{key}",
            cluster_name=self._cluster.name,
            principal_arn=entry["principalArn"],
            kubernetes_groups=entry.get("kubernetesGroups"),
            user_name=entry.get("username"),
            type=entry.get("type"),
            tags=entry.get("tags"),
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=[self._cluster]),
        )
        for policy, association in (entry.get("accessPolicies") or {}).items():
            aws.eks.AccessPolicyAssociation(
                f"{self._name}-{key}-{policy}",
                cluster_name=self._cluster.name,
                principal_arn=entry["principalArn"],
                policy_arn=association["policyArn"],
                access_scope=association["accessScope"],
                opts=pulumi.ResourceOptions(parent=made, depends_on=[made]),
            )
        return made
