"""`eks:index:Cluster`: make the resources of a cluster, and the component's outputs.

Children have the official component's names, types and parents. So a plan reads the same, and a stack that was made
with one can be read with the other.
"""

import json
import os
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from sandbox.plugins.eks import cni, control_plane, health, security
from sandbox.plugins.eks.access import AccessEntries
from sandbox.plugins.eks.arguments import Inputs, auto_mode, cluster_faults, refuse
from sandbox.plugins.eks.kubeconfig import kubeconfig
from sandbox.plugins.eks.service_role import ServiceRole

_INSTANCE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly")


class Cluster(pulumi.ComponentResource):
    """A control plane with its roles, security groups, add-ons and access entries.

    `outputs` is what the SDK's class declares, by camelCase name. Raises `InputPropertiesError`, naming each argument,
    for what is not done.
    """

    def __init__(self, name: str, inputs: Inputs, options: pulumi.ResourceOptions) -> None:
        refuse(f"the cluster {name}", [*cluster_faults(inputs), *cni.faults(inputs.get("vpcCniOptions") or {})])
        super().__init__("eks:index:Cluster", name, None, options)
        self._logical, self._inputs, self._automatic = name, inputs, auto_mode(inputs)
        partition = aws.get_partition_output(opts=pulumi.InvokeOutputOptions(parent=self))
        self._partition, self._suffix = partition.partition, partition.dns_suffix
        self._roles = control_plane.roles(name, inputs, self._partition, self._suffix, self)
        self._group = self._cluster_group()
        self._cluster = control_plane.cluster(name, inputs, self._roles, self._group, self)
        self._endpoint: pulumi.Output[str] = self._cluster.endpoint.apply(
            lambda endpoint: pulumi.Output.from_input(self._reached(endpoint))
        )
        self._kubernetes = kubernetes.Provider(
            f"{name}-eks-k8s",
            kubeconfig=self._kubeconfig(with_profile=True).apply(json.dumps),
            enable_config_map_mutable=inputs.get("enableConfigMapMutable"),
            opts=self._child(),
        )
        self._instance_role = self._make_instance_role()
        self._entries = AccessEntries(name, self._cluster, inputs, self._instance_role, self)
        self._cni = self._make_addons()
        self._issuer = self._make_issuer()
        self._security = self._node_security()
        self.outputs = self._answer()
        self.register_outputs(self.outputs)

    async def _reached(self, endpoint: str) -> str:
        """The endpoint, once the API server answers there: everything that needs a kubeconfig waits for it."""
        if self._inputs.get("endpointPublicAccess") is True and not pulumi.runtime.is_dry_run():
            await health.wait(endpoint)
        return endpoint

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _skips_groups(self) -> bool:
        given = self._inputs.get("skipDefaultSecurityGroups")
        return self._automatic if given is None else bool(given)

    def _cluster_group(self) -> aws.ec2.SecurityGroup | None:
        given: aws.ec2.SecurityGroup | None = self._inputs.get("clusterSecurityGroup")
        if given is not None or self._skips_groups():
            return given
        return security.cluster_group(self._logical, self._inputs, self)

    def _node_security(self) -> security.NodeSecurity | None:
        if self._skips_groups() or self._group is None:
            return None
        return security.node_group(self._logical, self._inputs, self._cluster, self._group.id, self)

    def _make_instance_role(self) -> Any:
        """Return the nodes' role, if there is one: given, requested, or made by default."""
        inputs, wanted = self._inputs, self._inputs.get("createInstanceRole")
        if inputs.get("instanceRole") is not None:
            return inputs["instanceRole"]
        if not (wanted or (wanted is None and not inputs.get("skipDefaultNodeGroup"))):
            return None
        made = ServiceRole(
            f"{self._logical}-instanceRole",
            service=pulumi.Output.concat("ec2.", self._suffix),
            policies=_INSTANCE_POLICIES,
            partition=self._partition,
            tags=inputs.get("tags"),
            parent=self,
        )
        aws.iam.InstanceProfile(f"{self._logical}-instanceProfile", role=made.role.name, opts=self._child())
        return made.role

    def _make_addons(self) -> cni.VpcCniAddon | None:
        inputs, name = self._inputs, self._logical
        proxy = inputs.get("kubeProxyAddonOptions") or {}
        if proxy.get("enabled", not self._automatic):
            self._addon("kube-proxy", proxy)
        dns = inputs.get("corednsAddonOptions") or {}
        asked = dns.get("enabled") is True or dns.get("configurationValues")
        if asked or ((self._automatic or not inputs.get("skipDefaultNodeGroup")) and dns.get("enabled", True)):
            self._addon("coredns", dns)
        default = inputs.get("useDefaultVpcCni")
        if self._automatic if default is None else default:
            return None
        return cni.VpcCniAddon(
            f"{name}-vpc-cni",
            inputs.get("vpcCniOptions") or {},
            cluster=self._cluster,
            tags=inputs.get("tags"),
            parent=self,
            depends_on=list(self._entries.entries),
        )

    def _addon(self, addon: str, options: Inputs) -> None:
        values = options.get("configurationValues")
        aws.eks.Addon(
            f"{self._logical}-{addon}",
            cluster_name=self._cluster.name,
            addon_name=addon,
            preserve=True,
            tags=self._inputs.get("tags"),
            resolve_conflicts_on_create=options.get("resolveConflictsOnCreate") or "OVERWRITE",
            resolve_conflicts_on_update=options.get("resolveConflictsOnUpdate") or "OVERWRITE",
            addon_version=options.get("version") or cni.newest(addon, self._cluster, self),
            configuration_values=None if values is None else pulumi.Output.from_input(values).apply(json.dumps),
            opts=self._child(),
        )

    def _make_issuer(self) -> aws.iam.OpenIdConnectProvider | None:
        if not self._inputs.get("createOidcProvider"):
            return None
        # The official component asks the issuer's TLS certificate for the thumbprint; AWS no longer looks at it.
        return aws.iam.OpenIdConnectProvider(
            f"{self._logical}-oidcProvider",
            client_id_lists=["sts.amazonaws.com"],
            url=self._cluster.identities.apply(issuer),
            thumbprint_lists=["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"],
            opts=self._child(),
        )

    def _kubeconfig(self, *, with_profile: bool) -> pulumi.Output[dict[str, Any]]:
        cluster = self._cluster
        authority = cluster.certificate_authority.data
        given = self._inputs.get("providerCredentialOpts")
        opts = {"profileName": _profile()} if given is None else given

        def write(known: list[Any]) -> dict[str, Any]:
            name, endpoint, data, arn, chosen = known
            profile = chosen.get("profileName") if with_profile else None
            return kubeconfig(name, endpoint, data, arn.split(":")[3], role=chosen.get("roleArn"), profile=profile)

        return pulumi.Output.all(cluster.name, self._endpoint, authority, cluster.arn, opts).apply(write)

    def _answer(self) -> dict[str, Any]:
        plain = self._kubeconfig(with_profile=False)
        made, group, found = self._security, self._group, self._cluster
        url = found.identities.apply(issuer)
        eks_group = found.vpc_config.apply(lambda config: config.cluster_security_group_id)
        return {
            "kubeconfig": plain,
            "kubeconfigJson": plain.apply(json.dumps),
            "eksCluster": found,
            "core": self._core(plain),
            "clusterSecurityGroup": group,
            "clusterSecurityGroupId": group.id if group is not None else eks_group,
            "nodeSecurityGroup": made.group if made else None,
            "nodeSecurityGroupId": made.group.id if made else eks_group,
            "eksClusterIngressRule": made.cluster_ingress if made else None,
            "clusterIngressRuleId": made.cluster_ingress.security_group_rule_id if made else "",
            "instanceRoles": self._instance_roles(),
            "defaultNodeGroup": None,
            "defaultNodeGroupAsgName": "",
            "fargateProfileId": "",
            "fargateProfileStatus": "",
            "oidcProviderArn": self._issuer.arn if self._issuer else "",
            "oidcProviderUrl": url,
            "oidcIssuer": url.apply(lambda known: known.removeprefix("https://")),
            "autoModeNodeRoleName": self._auto_role_name(),
        }

    def _core(self, plain: pulumi.Output[dict[str, Any]]) -> dict[str, Any]:
        """Return a cluster's data for its node groups: every key of the SDK's `CoreData`."""
        inputs, made = self._inputs, self._security
        options = {
            "nodeSecurityGroup": made.group if made else None,
            "clusterIngressRule": made.cluster_ingress if made else None,
            "nodeAssociatePublicIpAddress": inputs.get("nodeAssociatePublicIpAddress"),
            "version": inputs.get("version"),
        }
        return {
            "cluster": self._cluster,
            "vpcId": inputs["vpcId"],
            "subnetIds": control_plane.subnets(inputs),
            "publicSubnetIds": inputs.get("publicSubnetIds"),
            "privateSubnetIds": inputs.get("privateSubnetIds"),
            "endpoint": self._cluster.endpoint,
            "clusterSecurityGroup": self._group,
            "provider": self._kubernetes,
            "instanceRoles": self._instance_roles(),
            "nodeGroupOptions": {key: value for key, value in options.items() if value is not None},
            "eksNodeAccess": None,
            "storageClasses": {},
            "kubeconfig": plain,
            "vpcCni": self._cni,
            "tags": inputs.get("tags"),
            "nodeSecurityGroupTags": inputs.get("nodeSecurityGroupTags"),
            "fargateProfile": None,
            "oidcProvider": self._issuer,
            "encryptionConfig": None,
            "clusterIamRole": self._roles.plane,
            "accessEntries": self._entries.described,
            "autoModeNodeRoleName": self._auto_role_name(),
        }

    def _instance_roles(self) -> list[Any]:
        return [] if self._instance_role is None else [self._instance_role]

    def _auto_role_name(self) -> pulumi.Input[str]:
        return self._roles.auto_nodes.role.name if self._roles.auto_nodes else ""


def _profile() -> str | None:
    """The profile of the user who runs the update: the component records it when a program gives no options."""
    return os.environ.get("AWS_PROFILE") or pulumi.Config("aws").get("profile")


def issuer(identities: Any) -> str:
    """Return the URL of a cluster's token issuer; empty while there is none."""
    for identity in identities or []:
        for entry in identity.oidcs or []:
            return str(entry.issuer or "")
    return ""
