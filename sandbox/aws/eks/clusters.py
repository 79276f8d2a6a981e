"""Turn a cluster of EKS's API into a control plane on this machine, and keep the two in step.

Endpoint and certificate authority are decided at once and the rest happens in the background, as on EKS. A cluster is
CREATING exactly while its API server is starting. A deleted one disappears when its processes have ended (`standing`).
"""

import secrets
from typing import Any

from moto.core.responses import ActionResult

from sandbox.aws import services
from sandbox.aws.eks import access, networking, versions
from sandbox.aws.eks.store import (
    ClusterExtras,
    EksCalls,
    in_use,
    invalid_parameter,
    invalid_request,
    not_found,
    record_update,
)

MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")
"""Authentication modes, in the only order in which a cluster may move through them."""

UNSUPPORTED = ("outpostConfig", "remoteNetworkConfig", "controlPlaneScalingConfig")
AUTO_MODE = ("computeConfig", "storageConfig")


class ClusterCalls(EksCalls):
    """Clusters: create, describe, update, delete."""

    def create_cluster(self) -> ActionResult:
        """CreateCluster: decide the endpoint at once, start the control plane in the background."""
        name = self._get_param("name")
        if name in self.eks_backend.clusters:
            raise in_use(f"Cluster already exists with name: {name}", cluster=name)
        self._refuse_what_is_not_there()
        version = versions.checked(self._get_param("version"))
        vpc = networking.resolve(self.current_account, self.region, self._get_param("resourcesVpcConfig") or {})
        networking.check_role(self.current_account, self._get_param("roleArn"), "eks.amazonaws.com")
        access_config = self._access_config()
        super().create_cluster()
        cluster = self.eks_backend.clusters[name]
        try:
            self._start(cluster, version)
        except BaseException:
            del self.eks_backend.clusters[name]
            raise
        cluster.resources_vpc_config = networking.with_security_group(self.current_account, self.region, name, vpc)
        cluster.access_config = access_config
        if access_config["bootstrapClusterCreatorAdminPermissions"]:
            access.add_creator(cluster, self._arn, services.principal_of(self))
        return self._described(cluster)

    def describe_cluster(self) -> ActionResult:
        """DescribeCluster."""
        return self._described(self._cluster())

    def delete_cluster(self) -> ActionResult:
        """DeleteCluster: refused while node groups or Fargate profiles exist, or when protected."""
        cluster = self._cluster()
        if cluster.nodegroups or cluster.fargate_profiles:
            raise in_use("Cluster has nodegroups attached", cluster=cluster.name)
        if getattr(cluster, "deletion_protection", False):
            raise invalid_request("Cluster has deletion protection enabled; update it first", cluster=cluster.name)
        if not cluster.sandbox.deleting:
            self._services.planes.delete(self._key(cluster.name))
            cluster.sandbox.deleting = True
            cluster.status = "DELETING"
        return self._described(cluster)

    def update_cluster_version(self) -> ActionResult:
        """UpdateClusterVersion: one minor version forward at a time."""
        cluster, wanted = self._active_cluster(), self._get_param("version")
        versions.check_step(cluster.version, wanted, cluster.name)
        cluster.version = wanted
        params = {"Version": wanted, "PlatformVersion": cluster.platformVersion}
        return ActionResult({"update": record_update(cluster.sandbox, "VersionUpdate", params)})

    def update_cluster_config(self) -> ActionResult:
        """UpdateClusterConfig: one kind of change in each call, as on AWS."""
        cluster = self._active_cluster()
        self._refuse_what_is_not_there()
        updates = {
            "resourcesVpcConfig": self._update_vpc,
            "accessConfig": self._update_access,
            "logging": self._update_logging,
            "upgradePolicy": self._update_plain,
            "zonalShiftConfig": self._update_plain,
            "deletionProtection": self._update_plain,
        }
        requested = [field for field in updates if self._get_param(field) is not None]
        if len(requested) != 1:
            raise invalid_parameter(
                f"An update changes exactly one of {', '.join(updates)}; asked for: {', '.join(requested) or 'none'}",
                cluster=cluster.name,
            )
        kind, params = updates[requested[0]](cluster, requested[0])
        return ActionResult({"update": record_update(cluster.sandbox, kind, params)})

    def describe_update(self) -> ActionResult:
        """DescribeUpdate."""
        update = self._extras().updates.get(self._get_param("updateId"))
        if update is None:
            raise not_found(f"No update found for ID: {self._get_param('updateId')}")
        return ActionResult({"update": update})

    def list_updates(self) -> ActionResult:
        """ListUpdates."""
        return ActionResult({"updateIds": list(self._extras().updates)})

    def _start(self, cluster: Any, version: str) -> None:
        reached = self._services.planes.create(self._key(cluster.name), version)
        cluster.sandbox = ClusterExtras()
        cluster.status, cluster.version, cluster.endpoint = "CREATING", version, reached.endpoint
        cluster.certificate_authority = {"data": reached.certificate_authority}
        issuer = f"https://oidc.eks.{self.region}.amazonaws.com/id/{secrets.token_hex(16).upper()}"
        cluster.identity = {"oidc": {"issuer": issuer}}
        requested = self._get_param("kubernetesNetworkConfig") or {}
        cluster.kubernetes_network_config = {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"} | requested
        cluster.upgrade_policy = self._get_param("upgradePolicy") or {"supportType": "EXTENDED"}
        cluster.deletion_protection = bool(self._get_param("deletionProtection"))
        if self._get_param("zonalShiftConfig") is not None:
            cluster.zonal_shift_config = self._get_param("zonalShiftConfig")

    def _described(self, cluster: Any) -> ActionResult:
        return ActionResult({"cluster": cluster})

    def _access_config(self) -> dict[str, Any]:
        requested = self._get_param("accessConfig") or {}
        mode = requested.get("authenticationMode") or "CONFIG_MAP"
        bootstrap = requested.get("bootstrapClusterCreatorAdminPermissions")
        return {
            "authenticationMode": mode,
            "bootstrapClusterCreatorAdminPermissions": True if bootstrap is None else bootstrap,
        }

    def _refuse_what_is_not_there(self) -> None:
        for field in UNSUPPORTED:
            if self._get_param(field) is not None:
                raise invalid_parameter(f"{field} is not in the sandbox: leave it out")
        for field in AUTO_MODE:
            requested = self._get_param(field) or {}
            if requested.get("enabled") or (requested.get("blockStorage") or {}).get("enabled"):
                raise invalid_parameter(f"{field}: auto mode is not in the sandbox, use a managed node group")

    def _update_vpc(self, cluster: Any, field: str) -> tuple[str, dict[str, Any]]:
        requested = self._get_param(field)
        merged = {
            **cluster.resources_vpc_config,
            **{key: value for key, value in requested.items() if value is not None},
        }
        cluster.resources_vpc_config = networking.resolve(self.current_account, self.region, merged)
        endpoint = {"endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs"} & set(requested)
        return ("EndpointAccessUpdate" if endpoint else "VpcConfigUpdate"), requested

    def _update_access(self, cluster: Any, field: str) -> tuple[str, dict[str, Any]]:
        now, wanted = cluster.access_config["authenticationMode"], self._get_param(field)["authenticationMode"]
        if MODES.index(wanted) < MODES.index(now):
            raise invalid_parameter(
                f"Unsupported authentication mode update from {now} to {wanted}", cluster=cluster.name
            )
        cluster.access_config["authenticationMode"] = wanted
        return "AccessConfigUpdate", {"AuthenticationMode": wanted}

    def _update_logging(self, cluster: Any, field: str) -> tuple[str, dict[str, Any]]:
        cluster.logging = self._get_param(field)
        return "LoggingUpdate", {"ClusterLogging": cluster.logging}

    def _update_plain(self, cluster: Any, field: str) -> tuple[str, dict[str, Any]]:
        names = {
            "upgradePolicy": ("upgrade_policy", "UpgradePolicyUpdate"),
            "zonalShiftConfig": ("zonal_shift_config", "ZonalShiftConfigUpdate"),
            "deletionProtection": ("deletion_protection", "DeletionProtectionUpdate"),
        }
        attribute, kind = names[field]
        setattr(cluster, attribute, self._get_param(field))
        return kind, {field[0].upper() + field[1:]: self._get_param(field)}
