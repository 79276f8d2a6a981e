"""A federation of Kubernetes clusters, as a library.

Names are loaded when they are first asked for (PEP 562), so that planning needs neither Pulumi nor an AWS SDK.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from federation.api.documents import Documents
    from federation.api.loading import from_values, gather, load
    from federation.api.members import DnsSettings, GuardSettings, Member, Network, Nodes, PlanSettings
    from federation.api.members import Federation as FederationSettings
    from federation.components.arguments import FederationArgs
    from federation.components.dns import FederatedDns, FederatedDnsArgs
    from federation.components.eks_cluster import EksCluster, EksClusterArgs
    from federation.components.federation import Federation
    from federation.components.membership import Membership, MembershipArgs
    from federation.components.objects import ConfigSecrets, Secrets
    from federation.components.workload import FederatedWorkload, FederatedWorkloadArgs
    from federation.errors import FederationError
    from federation.plan.observed import Observed
    from federation.plan.result import Plan

__all__ = [
    "ConfigSecrets",
    "DnsSettings",
    "Documents",
    "EksCluster",
    "EksClusterArgs",
    "FederatedDns",
    "FederatedDnsArgs",
    "FederatedWorkload",
    "FederatedWorkloadArgs",
    "Federation",
    "FederationArgs",
    "FederationError",
    "FederationSettings",
    "GuardSettings",
    "Member",
    "Membership",
    "MembershipArgs",
    "Network",
    "Nodes",
    "Observed",
    "Plan",
    "PlanSettings",
    "Secrets",
    "from_values",
    "gather",
    "load",
]

_HOMES = {
    "ConfigSecrets": "federation.components.objects",
    "DnsSettings": "federation.api.members",
    "Documents": "federation.api.documents",
    "EksCluster": "federation.components.eks_cluster",
    "EksClusterArgs": "federation.components.eks_cluster",
    "FederatedDns": "federation.components.dns",
    "FederatedDnsArgs": "federation.components.dns",
    "FederatedWorkload": "federation.components.workload",
    "FederatedWorkloadArgs": "federation.components.workload",
    "Federation": "federation.components.federation",
    "FederationArgs": "federation.components.arguments",
    "FederationError": "federation.errors",
    "FederationSettings": "federation.api.members:Federation",
    "GuardSettings": "federation.api.members",
    "Member": "federation.api.members",
    "Membership": "federation.components.membership",
    "MembershipArgs": "federation.components.membership",
    "Network": "federation.api.members",
    "Nodes": "federation.api.members",
    "Observed": "federation.plan.observed",
    "Plan": "federation.plan.result",
    "PlanSettings": "federation.api.members",
    "Secrets": "federation.components.objects",
    "from_values": "federation.api.loading",
    "gather": "federation.api.loading",
    "load": "federation.api.loading",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module 'federation' has no attribute {name!r}"
        raise AttributeError(msg)
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(module), attribute or name)


def __dir__() -> list[str]:
    return sorted(__all__)
