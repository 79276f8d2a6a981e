"""Multi-cluster DNS (KubeFed's ``multiclusterdns.kubefed.io/v1alpha1``)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from federation.errors.source import IN_PYTHON, Source

__all__ = ["Domain", "IngressDNSRecord", "RoutingPolicy", "ServiceDNSRecord"]

RoutingPolicy = Literal["plain", "weighted", "latency", "failover", "geolocation", "multivalue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A zone under a federation's name: ``name`` is what ``domainRef`` refers to, ``domain`` the zone's DNS name."""

    name: str
    domain: str
    namespace: str = ""
    source: Source = IN_PYTHON


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDNSRecord:
    """DNS for the federated Service of the same namespace and name.

    ``policy`` is "" where the document leaves it to the stack. ``weights``, by member, are for Services without
    replicas to derive weights from. ``ttl`` in seconds.
    """

    name: str
    namespace: str
    domain_ref: str
    ttl: int = 180
    dns_prefix: str = ""
    external_name: str = ""
    allow_service_without_endpoints: bool = False
    policy: RoutingPolicy | Literal[""] = ""
    weights: Mapping[str, int] = field(default_factory=dict)
    source: Source = IN_PYTHON


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressDNSRecord:
    """DNS for the hosts of the federated Ingress of the same namespace and name. ``ttl`` in seconds."""

    name: str
    namespace: str
    hosts: tuple[str, ...] = ()
    ttl: int = 180
    source: Source = IN_PYTHON
