"""The documents of a federation: what people write, read into values, with every fault at its file and line."""

from federation.api.dns import Domain, IngressDNSRecord, ServiceDNSRecord
from federation.api.documents import Documents
from federation.api.federated import ClusterOverride, FederatedObject, OverrideOperation, Placement, PlainObject
from federation.api.loading import from_values, load, parse
from federation.api.members import Federation, Member
from federation.api.registrations import RegisteredCluster
from federation.api.scheduling import ClusterPreference, ReplicaSchedulingPreference
from federation.api.secrets import SecretLiteral, SecretReference
from federation.api.source import Source
from federation.api.types import TypeConfig

__all__ = [
    "ClusterOverride",
    "ClusterPreference",
    "Documents",
    "Domain",
    "FederatedObject",
    "Federation",
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
