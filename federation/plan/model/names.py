"""Make every logical name and type token for Pulumi; no other module makes them.

A logical name must stay the same when other objects come or go and when lists are reordered, or Pulumi would replace
what has not changed. So it is made only of the object's own identity: member, namespace, kind and name. Kubernetes' own
kinds are named by their kind alone, since their group has changed before and may change again. All other kinds always
carry their group, not only when two of them collide.
"""

from typing import Final

from federation.api.model import cluster_names
from federation.plan.model.plan import PlannedObject

__all__ = [
    "cluster",
    "dns",
    "document",
    "health_check",
    "in_every_member",
    "in_member",
    "infrastructure",
    "object_name",
    "record_set",
    "token",
]

_OWN_GROUPS: Final = frozenset(
    {
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "autoscaling",
        "batch",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    }
)


def object_name(member: str, document: str) -> str:
    """``<member>/<namespace>/<Kind>/<name>``; ``document`` is what `in_every_member` made.

    No part can hold a ``/`` in Kubernetes, so no two objects share a name. RBAC allows ``::`` in names, but it
    separates the parts of Pulumi's URNs, so it is written ``%3A%3A`` (a name cannot hold ``%``).
    """
    return f"{member}/{document}"


def in_every_member(api_version: str, kind: str, namespace: str, name: str) -> str:
    """An object's name after the member: ``<namespace>/<Kind>/<name>``, a cluster-scoped one's without a namespace."""
    group = api_version.rpartition("/")[0]
    shown = kind if group in _OWN_GROUPS else f"{kind}.{group}"
    parts = (namespace, shown, name) if namespace else (shown, name)
    return "/".join(parts).replace("::", "%3A%3A")


def token(api_version: str, kind: str) -> str:
    """Pulumi's type token: ``kubernetes:apps/v1:Deployment``, ``kubernetes:core/v1:ConfigMap``."""
    group, _, version = api_version.rpartition("/")
    return f"kubernetes:{group or 'core'}/{version}:{kind}"


def record_set(level: str, fqdn: str, identifier: str = "") -> str:
    """``dns/<level>/<fqdn>/<identifier>``; a set without a routing policy has no identifier."""
    return f"dns/{level}/{fqdn}/{identifier}" if identifier else f"dns/{level}/{fqdn}"


def health_check(member: str, namespace: str, service: str) -> str:
    """``dns/health/<namespace>/<service>/<member>``: one check for each load balancer, whatever its names."""
    return f"dns/health/{namespace}/{service}/{member}"


def document(planned: PlannedObject) -> str:
    """The name of the document behind a planned object, the same in every member: its own name without the member."""
    return planned.logical_name.removeprefix(f"{planned.member}/")


def in_member(logical_name: str) -> str:
    """An object's logical name without the member: the name of the document behind it."""
    return logical_name.partition("/")[2]


def infrastructure(*parts: str) -> str:
    """Names of a member's infrastructure: ``us-east/cluster``, ``us-east/subnet/public/us-east-1a``."""
    return "/".join(parts)


def remote(member: str, part: str) -> str:
    """``us-east-cluster``: the name of a component that derives AWS names from it, which cannot hold a ``/``."""
    return f"{member}-{part}"


def cluster(federation: str, stack: str, member: str) -> str:
    """The cluster's own name on AWS, where it must be unique in account and region."""
    return cluster_names.cluster_name(federation, stack, member)


def dns(*parts: str) -> str:
    """Names of the infrastructure for records: ``dns/zone/fed.example.com``."""
    return "/".join(("dns", *parts))
