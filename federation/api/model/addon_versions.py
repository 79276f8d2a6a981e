"""Versions of the add-ons that every EKS cluster runs, by Kubernetes minor.

They are pinned, because an add-on without a version is looked up in its region in each run. A lost region would then
stop every update, and a version that AWS publishes would reach all clusters with the next update, whatever its subject.

Dated 2025-11, from AWS documentation ("Amazon VPC CNI", "kube-proxy" in the EKS User Guide), and to be checked with
``aws eks describe-addon-versions``: these are examples that AWS lists for the minor, not the newest ones. A member's
``addons`` in the stack's config override them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["VERSIONS", "AddonVersions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddonVersions:
    """One version of each add-on, as EKS writes it: ``v1.20.4-eksbuild.2``."""

    vpc_cni: str
    kube_proxy: str


VERSIONS: Final[Mapping[str, AddonVersions]] = {
    "1.30": AddonVersions(vpc_cni="v1.20.4-eksbuild.2", kube_proxy="v1.30.6-eksbuild.3"),
    "1.31": AddonVersions(vpc_cni="v1.20.4-eksbuild.2", kube_proxy="v1.31.2-eksbuild.3"),
    "1.32": AddonVersions(vpc_cni="v1.20.4-eksbuild.2", kube_proxy="v1.32.0-eksbuild.2"),
    "1.33": AddonVersions(vpc_cni="v1.20.4-eksbuild.2", kube_proxy="v1.33.0-eksbuild.2"),
    "1.34": AddonVersions(vpc_cni="v1.20.4-eksbuild.2", kube_proxy="v1.34.0-eksbuild.2"),
}
"""By Kubernetes minor."""
