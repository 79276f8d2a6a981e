"""The documents of a federation: what people write, read into values, with every fault at its file and line."""

from federation.api.model.dns import Domain, IngressDNSRecord, ServiceDNSRecord
from federation.api.model.documents import Documents
from federation.api.model.federated import ClusterOverride, FederatedObject, OverrideOperation, Placement, PlainObject
from federation.api.model.members import FederationSettings, Member
from federation.api.model.registrations import RegisteredCluster
from federation.api.model.scheduling import ClusterPreference, ReplicaSchedulingPreference
from federation.api.model.secrets import SecretLiteral, SecretReference
from federation.api.model.types import TypeConfig
from federation.api.reading.loading import from_values, load, parse
from federation.errors.source import Source

__all__ = [
    "ClusterOverride",
    "ClusterPreference",
    "Documents",
    "Domain",
    "FederatedObject",
    "FederationSettings",
    "IngressDNSRecord",
    "Member",
    "OverrideOperation",
    "Placement",
    "PlainObject",
    "RegisteredCluster",
    "ReplicaSchedulingPreference",
    "SecretLiteral",
    "SecretReference",
    "ServiceDNSRecord",
    "Source",
    "TypeConfig",
    "from_values",
    "load",
    "parse",
]
