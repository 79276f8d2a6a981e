"""Pydantic models of KubeFed's kinds, with the optional fields of this project.

They check form only, and are strict: ``"15"`` is not a number, as in Kubernetes. A field with no value (``key:``)
counts as absent, as for the API server; ``value`` of an override is the exception. Templates are trees, left as they
are.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "ClusterEntry",
    "Document",
    "DomainShape",
    "FederatedShape",
    "IngressRecordShape",
    "KubeFedClusterShape",
    "Metadata",
    "OperationShape",
    "OverrideEntry",
    "PlacementShape",
    "PlainShape",
    "PreferenceShape",
    "SelectorShape",
    "ServiceRecordShape",
    "Shape",
    "TypeConfigShape",
]

MAX_REPLICAS = 2**31 - 1
Count = Annotated[int, Field(ge=0, le=MAX_REPLICAS)]
Text = Annotated[str, Field(min_length=1)]
Words = dict[str, str]


def camel(name: str) -> str:
    """``record_ttl`` -> ``recordTTL``: KubeFed writes its abbreviations in capitals."""
    first, *rest = name.split("_")
    capitals = {"ttl": "TTL", "tls": "TLS", "url": "URL"}
    return first + "".join(capitals.get(word, word.capitalize()) for word in rest)


class Shape(BaseModel):
    """A mapping of a document: strict, nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=camel)

    @model_validator(mode="before")
    @classmethod
    def _absent(cls, values: Any) -> Any:
        if isinstance(values, dict) and None in values.values():
            return {key: value for key, value in values.items() if value is not None}
        return values


class Metadata(Shape):
    """``metadata``; what an API server has added to an exported object is read over."""

    name: Text
    namespace: str = ""
    labels: Words = {}
    annotations: Words = {}
    cluster_name: Any = None
    creation_timestamp: Any = None
    deletion_grace_period_seconds: Any = None
    deletion_timestamp: Any = None
    finalizers: Any = None
    generation: Any = None
    managed_fields: Any = None
    owner_references: Any = None
    resource_version: Any = None
    self_link: Any = None
    uid: Any = None


class Document(Shape):
    """What every document has."""

    api_version: str
    kind: str
    metadata: Metadata
    status: Any = None


class RequirementShape(Shape):
    """One of ``matchExpressions``."""

    key: Text
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: list[str] = []


class SelectorShape(Shape):
    """A Kubernetes label selector."""

    match_labels: Words = {}
    match_expressions: list[RequirementShape] = []


class ClusterEntry(Shape):
    """One of ``placement.clusters``."""

    name: Text


class PlacementShape(Shape):
    """``spec.placement``."""

    clusters: list[ClusterEntry] | None = None
    cluster_selector: SelectorShape | None = None


class ValueFrom(Shape):
    """Where an override's value comes from: a member value, or (Secrets only) the stack's config."""

    cluster: Text | None = None
    config: Text | None = None


class OperationShape(BaseModel):
    """One of ``clusterOverrides``. ``model_fields_set`` shows whether ``value`` was given."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=camel)

    op: Literal["add", "remove", "replace", ""] | None = None
    path: str
    value: Any = None
    value_from: ValueFrom | None = None


class OverrideEntry(Shape):
    """One of ``spec.overrides``."""

    cluster_name: Text | None = None
    cluster_selector: SelectorShape | None = None
    cluster_overrides: list[OperationShape] = []


class FederatedSpec(Shape):
    """``spec`` of a federated document."""

    template: dict[str, Any] = {}
    placement: PlacementShape = PlacementShape()
    overrides: list[OverrideEntry] = []
    retain_replicas: bool = False
    template_annotations: Literal["drop", "keep"] = "drop"
    propagate_dependencies: bool = False


class FederatedShape(Document):
    """``Federated<Kind>``."""

    spec: FederatedSpec = FederatedSpec()


class ClusterPreferenceShape(Shape):
    """One of a preference's ``clusters``."""

    min_replicas: Count = 0
    max_replicas: Count | None = None
    weight: Count = 0

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, values: Any) -> Any:
        return {} if values is None else values  # `us-east:` is an entry, with nothing but zeros in it


class PreferenceSpec(Shape):
    """``spec`` of a ``ReplicaSchedulingPreference``."""

    target_kind: Literal["FederatedDeployment", "FederatedReplicaSet", "FederatedStatefulSet", "FederatedJob"]
    total_replicas: Count
    clusters: dict[str, ClusterPreferenceShape] = {}
    rebalance: bool = False
    intersect_with_cluster_selector: bool = False
    strategy: Literal["kubefed", "monotone"] = "kubefed"


class PreferenceShape(Document):
    """``ReplicaSchedulingPreference``."""

    spec: PreferenceSpec


class DomainShape(Document):
    """``Domain``, which has its fields at the top level."""

    domain: Text
    name_server: str = ""


class ServiceRecordSpec(Shape):
    """``spec`` of a ``ServiceDNSRecord``."""

    domain_ref: Text
    record_ttl: Count = 0
    dns_prefix: str = ""
    external_name: str = ""
    allow_service_without_endpoints: bool = False
    policy: Literal["plain", "weighted", "latency", "failover", "geolocation", "multivalue", ""] = ""
    weights: dict[str, Count] = {}


class ServiceRecordShape(Document):
    """``ServiceDNSRecord``."""

    spec: ServiceRecordSpec


class IngressRecordSpec(Shape):
    """``spec`` of an ``IngressDNSRecord``."""

    hosts: list[Text] = []
    record_ttl: Count = 0


class IngressRecordShape(Document):
    """``IngressDNSRecord``."""

    spec: IngressRecordSpec = IngressRecordSpec()


class ApiResource(Shape):
    """A type, as a ``FederatedTypeConfig`` names it."""

    group: str = ""
    version: Text
    kind: Text
    plural_name: str = ""
    scope: Literal["Namespaced", "Cluster"]


class TypeConfigSpec(Shape):
    """``spec`` of a ``FederatedTypeConfig``."""

    target_type: ApiResource
    federated_type: ApiResource
    status_type: ApiResource | None = None
    propagation: Literal["Enabled", "Disabled"]
    status_collection: Literal["Enabled", "Disabled"] = "Disabled"


class TypeConfigShape(Document):
    """``FederatedTypeConfig``."""

    spec: TypeConfigSpec


class SecretRef(Shape):
    """The name of a Secret."""

    name: Text


class KubeFedClusterSpec(Shape):
    """``spec`` of a ``KubeFedCluster``."""

    api_endpoint: Text
    ca_bundle: str = ""
    secret_ref: SecretRef
    disabled_tls_validations: list[Literal["*", "SubjectName", "ValidityPeriod"]] = []
    proxy_url: str = ""


class KubeFedClusterShape(Document):
    """``KubeFedCluster``."""

    spec: KubeFedClusterSpec


class PlainShape(Shape):
    """A plain Kubernetes object: only its identity is checked here."""

    model_config = ConfigDict(extra="ignore")

    api_version: Text
    kind: Text
    metadata: Metadata
