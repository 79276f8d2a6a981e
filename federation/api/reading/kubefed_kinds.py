"""Read and check KubeFed's other documents: preferences, DNS, type configuration, clusters."""

from typing import Final

from federation.api.model.dns import Domain, IngressDNSRecord, ServiceDNSRecord
from federation.api.model.federated import TargetType, Tree
from federation.api.model.registrations import RegisteredCluster
from federation.api.model.scheduling import ClusterPreference, ReplicaSchedulingPreference
from federation.api.model.types import FEDERATED_GROUP, TypeConfig, plural
from federation.api.reading import naming, validation
from federation.api.reading.shapes import (
    Document,
    DomainShape,
    IngressRecordShape,
    KubeFedClusterShape,
    PreferenceShape,
    ServiceRecordShape,
    TypeConfigShape,
)
from federation.errors.report import Report
from federation.errors.source import PathKey

__all__ = ["domain", "ingress_record", "preference", "registered_cluster", "service_record", "type_config"]

DEFAULT_TTL: Final = 180


def preference(tree: Tree, report: Report) -> ReplicaSchedulingPreference | None:
    """A ``ReplicaSchedulingPreference``."""
    shape = validation.read_shape(PreferenceShape, tree, report)
    if shape is None:
        return None
    _check_identity(shape, "Deployment", report)
    _check_division(shape, report)
    return ReplicaSchedulingPreference(
        name=shape.metadata.name,
        namespace=shape.metadata.namespace,
        target_kind=shape.spec.target_kind,
        total_replicas=shape.spec.total_replicas,
        clusters={
            name: ClusterPreference(
                min_replicas=entry.min_replicas, max_replicas=entry.max_replicas, weight=entry.weight
            )
            for name, entry in sorted(shape.spec.clusters.items())
        },
        rebalance=shape.spec.rebalance,
        intersect_with_cluster_selector=shape.spec.intersect_with_cluster_selector,
        strategy=shape.spec.strategy,
        source=report.source,
    )


def _check_division(shape: PreferenceShape, report: Report) -> None:
    at: PathKey = ("spec", "clusters")
    for name, entry in shape.spec.clusters.items():
        if name != "*":
            naming.check_label(name, report, (*at, name))
        if entry.max_replicas is not None and entry.min_replicas > entry.max_replicas:
            message = f"minReplicas {entry.min_replicas} is more than maxReplicas {entry.max_replicas}"
            remedy = "make minReplicas the smaller one; KubeFed uses one of the two, by the remaining replicas"
            report.error((*at, name, "minReplicas"), message, remedy, tolerated=True)
    least = sum(entry.min_replicas for name, entry in shape.spec.clusters.items() if name != "*")
    if least > shape.spec.total_replicas:
        message = f"the minimums add up to {least}, more than totalReplicas {shape.spec.total_replicas}"
        remedy = "raise totalReplicas or lower a minReplicas: the clusters that come last get less than their minimum"
        report.warning(("spec", "totalReplicas"), message, remedy)


def domain(tree: Tree, report: Report) -> Domain | None:
    """A ``Domain``."""
    shape = validation.read_shape(DomainShape, tree, report)
    if shape is None:
        return None
    validation.check_metadata(shape.metadata, "Domain", report)
    naming.check_label(shape.metadata.name, report, ("metadata", "name"))
    naming.check_dns_name(shape.domain, report, ("domain",))
    return Domain(
        name=shape.metadata.name,
        domain=shape.domain.removesuffix("."),
        namespace=shape.metadata.namespace,
        source=report.source,
    )


def service_record(tree: Tree, report: Report) -> ServiceDNSRecord | None:
    """A ``ServiceDNSRecord``."""
    shape = validation.read_shape(ServiceRecordShape, tree, report)
    if shape is None:
        return None
    _check_identity(shape, "Service", report)
    for path, name in (("dnsPrefix", shape.spec.dns_prefix), ("externalName", shape.spec.external_name)):
        if name:
            naming.check_dns_name(name, report, ("spec", path))
    return ServiceDNSRecord(
        name=shape.metadata.name,
        namespace=shape.metadata.namespace,
        domain_ref=shape.spec.domain_ref,
        ttl=shape.spec.record_ttl or DEFAULT_TTL,
        dns_prefix=shape.spec.dns_prefix,
        external_name=shape.spec.external_name,
        allow_service_without_endpoints=shape.spec.allow_service_without_endpoints,
        policy=shape.spec.policy,
        weights=shape.spec.weights,
        source=report.source,
    )


def ingress_record(tree: Tree, report: Report) -> IngressDNSRecord | None:
    """An ``IngressDNSRecord``."""
    shape = validation.read_shape(IngressRecordShape, tree, report)
    if shape is None:
        return None
    _check_identity(shape, "Ingress", report)
    for index, host in enumerate(shape.spec.hosts):
        naming.check_dns_name(host, report, ("spec", "hosts", index))
    return IngressDNSRecord(
        name=shape.metadata.name,
        namespace=shape.metadata.namespace,
        hosts=tuple(shape.spec.hosts),
        ttl=shape.spec.record_ttl or DEFAULT_TTL,
        source=report.source,
    )


def _check_identity(shape: Document, kind: str, report: Report) -> None:
    """Check name and namespace, which are those of the workload, Service or Ingress that the document is for."""
    validation.check_metadata(shape.metadata, kind, report)
    if not shape.metadata.namespace:
        remedy = "write metadata.namespace, the namespace of its target"
        report.error(("metadata",), "the namespace is missing", remedy)


def type_config(tree: Tree, report: Report) -> TypeConfig | None:
    """A ``FederatedTypeConfig``."""
    shape = validation.read_shape(TypeConfigShape, tree, report)
    if shape is None:
        return None
    validation.check_metadata(shape.metadata, "FederatedTypeConfig", report)
    target, federated = shape.spec.target_type, shape.spec.federated_type
    if target.scope != federated.scope and target.kind != "Namespace":
        message = f"scope {federated.scope} is not that of targetType, {target.scope}"
        report.error(("spec", "federatedType", "scope"), message, f"write scope: {target.scope}")
    return TypeConfig(
        name=shape.metadata.name,
        namespace=shape.metadata.namespace,
        target=TargetType(
            group=target.group,
            version=target.version,
            kind=target.kind,
            plural=target.plural_name or plural(target.kind),
            namespaced=target.scope == "Namespaced",
        ),
        federated_kind=federated.kind,
        federated_group=federated.group or FEDERATED_GROUP,
        propagation=shape.spec.propagation,
        source=report.source,
    )


def registered_cluster(tree: Tree, report: Report) -> RegisteredCluster | None:
    """A ``KubeFedCluster``."""
    shape = validation.read_shape(KubeFedClusterShape, tree, report)
    if shape is None:
        return None
    validation.check_metadata(shape.metadata, "KubeFedCluster", report)
    return RegisteredCluster(name=shape.metadata.name, namespace=shape.metadata.namespace, source=report.source)
