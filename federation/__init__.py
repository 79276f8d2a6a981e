"""A federation of Kubernetes clusters, as a library.

Names are loaded at their first use (PEP 562), so that planning needs neither Pulumi nor an AWS SDK. Everything else is
in the rooms below, each under its own name: ``federation.components.aws.eks.EksCluster``.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from federation.api.model.documents import Documents
    from federation.api.model.members import FederationSettings, Member, Network, Nodes
    from federation.api.reading.loading import load
    from federation.components.arguments import FederationArgs
    from federation.components.federation import Federation
    from federation.components.kubernetes.objects import ConfigSecrets, Secrets
    from federation.errors.fault import FederationError
    from federation.plan.model.plan import Plan

__all__ = [
    "ConfigSecrets",
    "Documents",
    "Federation",
    "FederationArgs",
    "FederationError",
    "FederationSettings",
    "Member",
    "Network",
    "Nodes",
    "Plan",
    "Secrets",
    "load",
]

_HOMES = {
    "ConfigSecrets": "federation.components.kubernetes.objects",
    "Documents": "federation.api.model.documents",
    "Federation": "federation.components.federation",
    "FederationArgs": "federation.components.arguments",
    "FederationError": "federation.errors.fault",
    "FederationSettings": "federation.api.model.members",
    "Member": "federation.api.model.members",
    "Network": "federation.api.model.members",
    "Nodes": "federation.api.model.members",
    "Plan": "federation.plan.model.plan",
    "Secrets": "federation.components.kubernetes.objects",
    "load": "federation.api.reading.loading",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module 'federation' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
