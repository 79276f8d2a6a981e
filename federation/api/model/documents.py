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
    """What people wrote, parsed. Each tuple is sorted by namespace and name, so that the order of files is no matter.

    ``warnings`` were found on loading: they do not stop anything.

    Whoever wants the faults of planning as well asks loading to go on; then ``errors`` has what stops everything,
    ``suspect`` where the documents come from that hold one (they stand here with something in the place of what is
    wrong), and ``incomplete`` says that there are documents of which nothing could be made.
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
