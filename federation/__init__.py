"""A federation of Kubernetes clusters, as a library.

Names are loaded when they are first asked for (PEP 562), so that planning needs neither Pulumi nor an AWS SDK.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from federation.api.model.documents import Documents
    from federation.api.model.members import DnsSettings, GuardSettings, Member, Network, Nodes, PlanSettings
    from federation.api.model.members import Federation as FederationSettings
    from federation.api.reading.loading import from_values, gather, load
    from federation.components.arguments import FederationArgs
    from federation.components.aws.dns import FederatedDns, FederatedDnsArgs
    from federation.components.aws.eks import EksCluster, EksClusterArgs
    from federation.components.federation import Federation
    from federation.components.kubernetes.document import FederatedWorkload, FederatedWorkloadArgs
    from federation.components.kubernetes.objects import ConfigSecrets, Secrets
    from federation.components.membership import Membership, MembershipArgs
    from federation.errors.fault import FederationError
    from federation.plan.model.observed import Observed
    from federation.plan.model.plan import Plan

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
    "ConfigSecrets": "federation.components.kubernetes.objects",
    "DnsSettings": "federation.api.model.members",
    "Documents": "federation.api.model.documents",
    "EksCluster": "federation.components.aws.eks",
    "EksClusterArgs": "federation.components.aws.eks",
    "FederatedDns": "federation.components.aws.dns",
    "FederatedDnsArgs": "federation.components.aws.dns",
    "FederatedWorkload": "federation.components.kubernetes.document",
    "FederatedWorkloadArgs": "federation.components.kubernetes.document",
    "Federation": "federation.components.federation",
    "FederationArgs": "federation.components.arguments",
    "FederationError": "federation.errors.fault",
    "FederationSettings": "federation.api.model.members:Federation",
    "GuardSettings": "federation.api.model.members",
    "Member": "federation.api.model.members",
    "Membership": "federation.components.membership",
    "MembershipArgs": "federation.components.membership",
    "Network": "federation.api.model.members",
    "Nodes": "federation.api.model.members",
    "Observed": "federation.plan.model.observed",
    "Plan": "federation.plan.model.plan",
    "PlanSettings": "federation.api.model.members",
    "Secrets": "federation.components.kubernetes.objects",
    "from_values": "federation.api.reading.loading",
    "gather": "federation.api.reading.loading",
    "load": "federation.api.reading.loading",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module 'federation' has no attribute {name!r}"
        raise AttributeError(msg)
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(module), attribute or name)


def __dir__() -> list[str]:
    return sorted(__all__)
