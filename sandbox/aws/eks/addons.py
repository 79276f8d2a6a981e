"""Serve EKS add-ons and pod identity associations.

Nothing runs for either: kwok's nodes need neither a network plugin nor an agent. The API is complete all the same,
because a program that installs them should get AWS's responses here, refusals included.
"""

import uuid
from typing import Any

from moto.core.responses import ActionResult

from sandbox.aws.eks import networking, versions
from sandbox.aws.eks.store import EksCalls, in_use, invalid_parameter, not_found, now, record_update

OFFERED: dict[str, tuple[str, ...]] = {
    "vpc-cni": ("v1.20.4-eksbuild.2", "v1.19.6-eksbuild.7"),
    "coredns": ("v1.12.4-eksbuild.1", "v1.11.4-eksbuild.24"),
    "kube-proxy": (
        "v1.34.0-eksbuild.2",
        "v1.33.0-eksbuild.2",
        "v1.32.0-eksbuild.2",
        "v1.31.2-eksbuild.3",
        "v1.31.0-eksbuild.2",
        "v1.30.6-eksbuild.3",
        "v1.30.0-eksbuild.2",
    ),
    "eks-pod-identity-agent": ("v1.3.9-eksbuild.3", "v1.3.8-eksbuild.2"),
}
"""Versions of each add-on, newest first."""


def versions_for(addon: str, cluster_version: str) -> list[str]:
    """Return the versions of an add-on that a cluster of that version accepts, newest first."""
    if addon != "kube-proxy":
        return list(OFFERED[addon])
    return [version for version in OFFERED[addon] if version.startswith(f"v{cluster_version}.")]


class AddonCalls(EksCalls):
    """Add-ons."""

    def create_addon(self) -> ActionResult:
        """CreateAddon."""
        cluster, name = self._active_cluster(), self._get_param("addonName")
        if name not in OFFERED:
            raise invalid_parameter(f"Addon {name} specified is not supported; there are: {', '.join(OFFERED)}")
        if name in cluster.sandbox.addons:
            raise in_use("Addon already exists.", cluster=cluster.name)
        addon: dict[str, Any] = {
            "addonName": name,
            "clusterName": cluster.name,
            "status": "ACTIVE",
            "addonVersion": self._version(cluster, name) or versions_for(name, cluster.version)[0],
            "health": {"issues": []},
            "addonArn": self._arn("addon", cluster.name, name, str(uuid.uuid4())),
            "createdAt": now(),
            "modifiedAt": now(),
            "tags": self._get_param("tags") or {},
        }
        for field in ("serviceAccountRoleArn", "configurationValues"):
            if self._get_param(field) is not None:
                addon[field] = self._get_param(field)
        cluster.sandbox.addons[name] = addon
        return ActionResult({"addon": addon})

    def describe_addon(self) -> ActionResult:
        """DescribeAddon."""
        return ActionResult({"addon": self._addon()})

    def list_addons(self) -> ActionResult:
        """ListAddons."""
        return ActionResult({"addons": sorted(self._extras().addons)})

    def update_addon(self) -> ActionResult:
        """UpdateAddon."""
        cluster, addon = self._active_cluster(), self._addon()
        addon["addonVersion"] = self._version(cluster, addon["addonName"]) or addon["addonVersion"]
        for field in ("serviceAccountRoleArn", "configurationValues"):
            if self._get_param(field) is not None:
                addon[field] = self._get_param(field)
        addon["modifiedAt"] = now()
        params = {"AddonVersion": addon["addonVersion"]}
        return ActionResult({"update": record_update(cluster.sandbox, "AddonUpdate", params)})

    def delete_addon(self) -> ActionResult:
        """DeleteAddon."""
        addon = self._addon()
        del self._extras().addons[addon["addonName"]]
        return ActionResult({"addon": {**addon, "status": "DELETING"}})

    def describe_addon_versions(self) -> ActionResult:
        """DescribeAddonVersions, for one add-on and one Kubernetes version or for all."""
        filters, version = self._get_param("addonName"), self._get_param("kubernetesVersion")
        names = [name for name in OFFERED if filters in (None, name)]
        return ActionResult({"addons": [_described(name, version) for name in names]})

    def _addon(self) -> dict[str, Any]:
        name = self._get_param("addonName")
        addon: dict[str, Any] | None = self._extras().addons.get(name)
        if addon is None:
            raise not_found(f"No addon: {name} found in cluster: {self._cluster().name}", cluster=self._cluster().name)
        return addon

    def _version(self, cluster: Any, addon: str) -> str | None:
        requested: str | None = self._get_param("addonVersion")
        offered = versions_for(addon, cluster.version)
        if requested is not None and requested not in offered:
            raise invalid_parameter(
                f"Addon version specified is not supported, {requested}; there are: {', '.join(offered)}",
                cluster=cluster.name,
            )
        return requested


class AssociationCalls(EksCalls):
    """Pod identity associations."""

    def create_pod_identity_association(self) -> ActionResult:
        """CreatePodIdentityAssociation: one for a namespace and service account."""
        cluster = self._active_cluster()
        pair = (self._get_param("namespace"), self._get_param("serviceAccount"))
        for existing in cluster.sandbox.associations.values():
            if (existing["namespace"], existing["serviceAccount"]) == pair:
                raise in_use(f"Association already exists: {existing['associationId']}", cluster=cluster.name)
        networking.check_role(self.current_account, self._get_param("roleArn"), "pods.eks.amazonaws.com")
        ident = f"a-{uuid.uuid4().hex[:17]}"
        association = {
            "clusterName": cluster.name,
            "namespace": pair[0],
            "serviceAccount": pair[1],
            "roleArn": self._get_param("roleArn"),
            "associationArn": self._arn("podidentityassociation", cluster.name, ident),
            "associationId": ident,
            "tags": self._get_param("tags") or {},
            "createdAt": now(),
            "modifiedAt": now(),
        }
        cluster.sandbox.associations[ident] = association
        return ActionResult({"association": association})

    def describe_pod_identity_association(self) -> ActionResult:
        """DescribePodIdentityAssociation."""
        return ActionResult({"association": self._association()})

    def list_pod_identity_associations(self) -> ActionResult:
        """ListPodIdentityAssociations, optionally of one namespace or service account."""
        wanted = {key: self._get_param(key) for key in ("namespace", "serviceAccount")}
        associations = [
            association
            for association in self._extras().associations.values()
            if all(value is None or association[key] == value for key, value in wanted.items())
        ]
        return ActionResult({"associations": associations})

    def update_pod_identity_association(self) -> ActionResult:
        """UpdatePodIdentityAssociation: its role."""
        association = self._association()
        if self._get_param("roleArn") is not None:
            networking.check_role(self.current_account, self._get_param("roleArn"), "pods.eks.amazonaws.com")
            association["roleArn"] = self._get_param("roleArn")
        association["modifiedAt"] = now()
        return ActionResult({"association": association})

    def delete_pod_identity_association(self) -> ActionResult:
        """DeletePodIdentityAssociation."""
        association = self._association()
        del self._extras().associations[association["associationId"]]
        return ActionResult({"association": association})

    def _association(self) -> dict[str, Any]:
        ident = self._get_param("associationId")
        association: dict[str, Any] | None = self._extras().associations.get(ident)
        if association is None:
            raise not_found(f"No pod identity association found with ID: {ident}")
        return association


def _described(addon: str, version: str | None) -> dict[str, Any]:
    described = []
    for release in OFFERED[addon]:
        fitting = [v for v in versions.SUPPORTED if release in versions_for(addon, v) and version in (None, v)]
        if fitting:
            compatible = [
                {"clusterVersion": v, "platformVersions": ["*"], "defaultVersion": release == versions_for(addon, v)[0]}
                for v in fitting
            ]
            described.append({"addonVersion": release, "architecture": ["amd64"], "compatibilities": compatible})
    return {"addonName": addon, "type": "networking", "addonVersions": described, "owner": "aws", "publisher": "eks"}
