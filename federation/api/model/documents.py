"""All documents of a federation, as one value."""

from dataclasses import dataclass

from federation.api.model.dns import Domain, IngressDNSRecord, ServiceDNSRecord
from federation.api.model.federated import FederatedObject, PlainObject
from federation.api.model.registrations import RegisteredCluster
from federation.api.model.scheduling import ReplicaSchedulingPreference
from federation.api.model.types import TypeConfig
from federation.errors.fault import Fault
from federation.errors.source import Source

__all__ = ["Documents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """All documents, parsed. Each tuple is sorted by namespace and name, so that the order of files does not matter.

    ``warnings`` come from loading, and stop nothing.

    Loading with ``defers_errors`` does not raise, so that planning can report its faults as well. Then ``errors`` has
    the errors of loading, and ``suspect`` the sources of documents with an error, in which placeholders stand for wrong
    values. ``incomplete`` means that some documents could not be read at all.
    """

    federated: tuple[FederatedObject, ...] = ()
    preferences: tuple[ReplicaSchedulingPreference, ...] = ()
    domains: tuple[Domain, ...] = ()
    service_records: tuple[ServiceDNSRecord, ...] = ()
    ingress_records: tuple[IngressDNSRecord, ...] = ()
    type_configs: tuple[TypeConfig, ...] = ()
    clusters: tuple[RegisteredCluster, ...] = ()
    plain: tuple[PlainObject, ...] = ()
    warnings: tuple[Fault, ...] = ()
    errors: tuple[Fault, ...] = ()
    suspect: frozenset[Source] = frozenset()
    incomplete: bool = False
