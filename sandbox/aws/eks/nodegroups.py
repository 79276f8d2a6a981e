"""Turn managed node groups into nodes of a cluster.

Desired size, instance type, labels and zones go to the control planes at every change; the control planes keep the
number of nodes. A node's capacity is its instance type's, as EKS's own images report it: all its processors and
memory, and as many pods as its network interfaces have addresses for.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.instance_types import INSTANCE_TYPES

from sandbox.aws.contract import NodeGroupSpec
from sandbox.aws.eks import networking, versions
from sandbox.aws.eks.store import EksCalls, in_use, invalid_parameter, not_found, now, record_update

DEFAULT_SCALING = {"minSize": 1, "maxSize": 2, "desiredSize": 2}
DEFAULT_IMAGE = "AL2023_x86_64_STANDARD"
UNSUPPORTED = ("remoteAccess", "taints")


def capacity_of(instance_type: str) -> dict[str, str]:
    """Return a node's capacity in Kubernetes quantities; InvalidParameterException for an unknown instance type."""
    described = INSTANCE_TYPES.get(instance_type)
    if described is None:
        raise invalid_parameter(f"The following supplied instance types do not exist: [{instance_type}]")
    network = described["NetworkInfo"]
    pods = network["MaximumNetworkInterfaces"] * (network["Ipv4AddressesPerInterface"] - 1) + 2
    return {
        "cpu": str(described["VCpuInfo"]["DefaultVCpus"]),
        "memory": f"{described['MemoryInfo']['SizeInMiB']}Mi",
        "pods": str(pods),
    }


def check_scaling(scaling: dict[str, int]) -> None:
    """Refuse sizes that contradict each other."""
    low, wanted, high = scaling["minSize"], scaling["desiredSize"], scaling["maxSize"]
    if high < 1:
        raise invalid_parameter("maxSize must be at least 1")
    if low > wanted:
        raise invalid_parameter(f"Minimum capacity {low} can't be greater than desired size {wanted}")
    if wanted > high:
        raise invalid_parameter(f"desired capacity {wanted} can't be greater than max size {high}")


class NodegroupCalls(EksCalls):
    """Managed node groups: create, describe, list, update, delete."""

    def create_nodegroup(self) -> ActionResult:
        """CreateNodegroup: its nodes are ordered at once."""
        cluster, name = self._active_cluster(), self._get_param("nodegroupName")
        if name in cluster.nodegroups:
            raise in_use(
                f"NodeGroup already exists with name {name} and cluster name {cluster.name}", cluster=cluster.name
            )
        for field in UNSUPPORTED:
            if self._get_param(field):
                raise invalid_parameter(f"{field} is not in the sandbox: leave it out", cluster=cluster.name)
        networking.check_role(self.current_account, self._get_param("nodeRole"), "ec2.amazonaws.com")
        networking.subnets_of(self.current_account, self.region, self._get_param("subnets") or [])
        for instance_type in self._get_param("instanceTypes") or []:
            capacity_of(instance_type)
        scaling = DEFAULT_SCALING | (self._get_param("scalingConfig") or {})
        check_scaling(scaling)
        super().create_nodegroup()
        group = cluster.nodegroups[name]
        self._complete(cluster, group, scaling)
        self._order_nodes(cluster, group)
        return ActionResult({"nodegroup": group})

    def list_nodegroups(self) -> ActionResult:
        """ListNodegroups: ResourceNotFoundException without the cluster (moto breaks there)."""
        self._cluster()
        listed: ActionResult = super().list_nodegroups()
        return listed

    def update_nodegroup_config(self) -> ActionResult:
        """UpdateNodegroupConfig: size, labels and update settings."""
        cluster, group = self._active_cluster(), self._group()
        if self._get_param("taints"):
            raise invalid_parameter("taints are not in the sandbox: leave them out", cluster=cluster.name)
        scaling = {**group.scaling_config, **(self._get_param("scalingConfig") or {})}
        check_scaling(scaling)
        group.scaling_config = scaling
        labels = self._get_param("labels") or {}
        kept = {k: v for k, v in group.labels.items() if k not in (labels.get("removeLabels") or [])}
        group.labels = kept | (labels.get("addOrUpdateLabels") or {})
        group.update_config = self._get_param("updateConfig") or group.update_config
        group.modified_at = now()
        self._order_nodes(cluster, group)
        params = {"DesiredSize": scaling["desiredSize"], "MinSize": scaling["minSize"], "MaxSize": scaling["maxSize"]}
        return ActionResult({"update": record_update(cluster.sandbox, "ConfigUpdate", params)})

    def update_nodegroup_version(self) -> ActionResult:
        """UpdateNodegroupVersion: up to the cluster's version, never beyond."""
        cluster, group = self._active_cluster(), self._group()
        wanted = self._get_param("version") or cluster.version
        if wanted not in versions.SUPPORTED or wanted > cluster.version:
            raise invalid_parameter(
                f"Nodegroup Kubernetes version {wanted} must not be newer than the cluster's, {cluster.version}",
                cluster=cluster.name,
            )
        group.version, group.release_version = wanted, versions.release_of(wanted)
        params = {"Version": wanted, "ReleaseVersion": group.release_version}
        return ActionResult({"update": record_update(cluster.sandbox, "VersionUpdate", params)})

    def delete_nodegroup(self) -> ActionResult:
        """DeleteNodegroup: its nodes go in the background, the group itself at once."""
        cluster, group = self._cluster(), self._group()
        deleted: ActionResult = super().delete_nodegroup()
        group.status = "DELETING"
        self._services.planes.delete_nodes(self._key(cluster.name), group.nodegroup_name)
        return deleted

    def _group(self) -> Any:
        group = self._cluster().nodegroups.get(self._get_param("nodegroupName"))
        if group is None:
            raise not_found(f"No node group found for name: {self._get_param('nodegroupName')}.")
        return group

    def _complete(self, cluster: Any, group: Any, scaling: dict[str, int]) -> None:
        """Replace moto's outdated defaults."""
        group.scaling_config = scaling
        group.version = self._get_param("version") or cluster.version
        group.release_version = self._get_param("releaseVersion") or versions.release_of(group.version)
        group.ami_type = self._get_param("amiType") or DEFAULT_IMAGE
        group.disk_size = self._get_param("diskSize") or 20
        group.update_config = self._get_param("updateConfig") or {"maxUnavailable": 1}
        group.health = {"issues": []}
        group.remote_access = None
        group.resources = {"autoScalingGroups": [{"name": f"eks-{group.nodegroup_name}-{group.uuid}"}]}

    def _order_nodes(self, cluster: Any, group: Any) -> None:
        subnets = networking.subnets_of(self.current_account, self.region, group.subnets)
        instance_type = group.instance_types[0]
        self._services.planes.set_nodes(
            NodeGroupSpec(
                cluster=self._key(cluster.name),
                name=group.nodegroup_name,
                desired=group.scaling_config["desiredSize"],
                instance_type=instance_type,
                zones=tuple(sorted({subnet.availability_zone for subnet in subnets})),
                labels=dict(group.labels),
                capacity=capacity_of(instance_type),
            )
        )
