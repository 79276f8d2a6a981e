"""The plan as a value: what each member gets, which record sets there are, and why.

Everything is sorted, so that plans can be printed, compared and digested; a load balancer's hostname, known only after
deployment, is a symbolic target (member and service).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from federation.api.model.federated import Tree
from federation.errors.fault import Fault
from federation.errors.source import IN_PYTHON, PathKey, Source
from federation.plan.model.object_index import IndexEntry

__all__ = [
    "AliasTarget",
    "BalancerTarget",
    "Distribution",
    "HealthCheck",
    "IngressTarget",
    "MemberPlan",
    "Move",
    "Operation",
    "Plan",
    "PlannedObject",
    "RecordSet",
    "Routing",
    "ServiceTarget",
    "Workload",
]

UNPRINTED: Final = MappingProxyType({"printed": False})
"""Metadata of fields that no output shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How a preference's replicas are divided.

    ``replicas`` has every member (without overflow); ``overflow`` only members that have some; ``unplaced`` is the
    total less the sum of ``replicas``; ``reasons`` are lines by member, in the order of the planner's steps; ``order``
    is the order in which members with a preference take their turns in each step.
    """

    replicas: Mapping[str, int]
    overflow: Mapping[str, int]
    unplaced: int
    reasons: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...] = ()

    @property
    def assigned(self) -> Mapping[str, int]:
        """The replicas in each member's manifest: replicas plus overflow."""
        return {name: count + self.overflow.get(name, 0) for name, count in self.replicas.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of an override in one member, and where it is written (``file:line``).

    ``was`` is the value at the path before it (``None``: nothing), ``value`` the value that it sets. Both may hold
    secret values. ``at`` is its path in the document. ``position`` is the path in the object that it changed, with
    indexes counted from the front; empty when it was not carried out.
    """

    op: Literal["add", "remove", "replace"]
    path: str
    written: str = ""
    was: Any = None
    value: Any = None
    at: PathKey = field(default=(), metadata=UNPRINTED)
    position: PathKey = field(default=(), metadata=UNPRINTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedObject:
    """One Kubernetes object in one member.

    ``logical_name`` is unique in the plan and stable when lists are reordered; ``token`` is Pulumi's type token,
    ``former_tokens`` are its tokens in the state under another apiVersion; ``manifest`` is complete (with overrides,
    managed label and field manager); its secret leaves are ``SecretLiteral`` or ``SecretReference`` values.
    ``depends_on`` are logical names of the same member; ``after`` are those of the same document in other members that
    must be ready first. ``after`` is in no digest: it depends on the observed state.
    ``ignore_changes`` are property paths that another owner may keep. ``orphan``: the object is left standing, without
    its managed label, when no document declares it. ``load_balancer`` is the kind of load balancer of a
    Service of that type.
    """

    logical_name: str
    token: str
    member: str
    api_version: str
    kind: str
    namespace: str
    name: str
    manifest: Tree
    replicas: int | None = None
    reasons: tuple[str, ...] = ()
    overrides: tuple[Operation, ...] = ()
    depends_on: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()
    former_tokens: tuple[str, ...] = ()
    load_balancer: Literal["", "network", "classic"] = ""
    orphan: bool = False
    source: Source = IN_PYTHON
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPlan:
    """A member's slice. ``objects`` stand in the order in which they can be applied; ``digest`` changes with them.

    ``sealed`` are the logical names of objects that hold secret values. Digests leave those values out, so code that
    skips a slice for its unchanged digest must compare them by other means.

    ``index`` lists the objects registered in the member, for the next update. A quarantined member has no ``objects``:
    its ``index`` is that of the last update (``None``: not read). ``pending`` has by logical name what is created or
    updated when the member is back, and ``kept`` the objects that no document declares.

    ``paused`` are objects of paused types: they stay as they are. ``former_names`` are the member's earlier names, the
    oldest first.
    """

    name: str
    region: str
    zones: tuple[str, ...]
    wave: int
    available: bool
    objects: tuple[PlannedObject, ...]
    digest: str
    sealed: tuple[str, ...] = ()
    index: tuple[IndexEntry, ...] | None = None
    pending: Mapping[str, Literal["create", "update"]] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    paused: tuple[IndexEntry, ...] = ()
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A federated document over all members: which get it, with how many replicas, and why.

    ``members`` are those that get it; ``replicas`` is empty for kinds without replicas; ``distribution`` is set where a
    preference divides them. ``other_stacks`` are names in the document that only other stacks have. ``selects`` are
    members of other stacks (``eu-west of stack prod``) that match a selector without a match in this stack.
    ``document`` is the part of its objects' names that is the same in every member: ``demo/Deployment/web``.
    """

    key: str
    kind: str
    namespace: str
    name: str
    members: tuple[str, ...]
    reasons: Mapping[str, tuple[str, ...]]
    replicas: Mapping[str, int] = field(default_factory=dict)
    distribution: Distribution | None = None
    other_stacks: tuple[str, ...] = ()
    selects: tuple[str, ...] = ()
    document: str = ""
    source: Source = IN_PYTHON


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTarget:
    """The load balancer of a Service in a member; its hostname is known only after deployment."""

    member: str
    namespace: str
    service: str
    load_balancer: Literal["network", "classic"]
    object_name: str  # the PlannedObject's logical name

    @property
    def shown(self) -> str:
        """The name in tables and reasons."""
        return f"{self.namespace}/{self.service}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressTarget:
    """The load balancer of an Ingress in a member. The member's controller decides its kind."""

    member: str
    namespace: str
    ingress: str
    object_name: str  # the PlannedObject's logical name

    @property
    def shown(self) -> str:
        """The name in tables and reasons."""
        return f"Ingress {self.namespace}/{self.ingress}"


BalancerTarget = ServiceTarget | IngressTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasTarget:
    """Another record set's name, of the same type and zone. ``records`` are the logical names of the sets of that
    DNS name, which must exist before an alias to it can be made."""

    name: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """A routing policy on one record set. ``identifier`` is Route53's ``set_identifier``."""

    policy: Literal["weighted", "latency", "failover", "geolocation", "multivalue"]
    identifier: str
    weight: int | None = None
    region: str = ""
    value: str = ""  # failover: PRIMARY or SECONDARY; geolocation: a location such as continent=AS


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """A TCP check of a member's load balancer, at the Service's port."""

    logical_name: str
    member: str
    target: ServiceTarget
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSet:
    """One Route53 record set: an alias to a load balancer or to another record set.

    ``name`` is fully qualified, without the trailing dot. ``routing`` is ``None`` for a public name, which is a simple
    alias. ``level``: ``global``, ``region``, ``zone`` (availability zone) or ``prefix`` of a Service's names, or an
    Ingress' ``host``. ``weighs`` is the weight in planned replicas, before it is scaled into 0..255.
    ``after`` are logical names of objects that must be ready first; it is in no digest.
    """

    logical_name: str
    name: str
    zone: str
    type: Literal["A"]
    level: Literal["global", "region", "zone", "prefix", "host"]
    target: BalancerTarget | AliasTarget
    routing: Routing | None = None
    weighs: int | None = None
    evaluate_target_health: bool = True
    health_check: str = ""
    ttl: int | None = None
    reasons: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Replicas of one ``document`` (``demo/Deployment/web``) that change members.

    ``takers`` get more than before. Only once these are ready, ``givers`` shrink and the objects in ``leavers`` go.
    """

    document: str
    takers: tuple[str, ...]
    givers: tuple[str, ...] = ()
    leavers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that was decided. The same input gives an equal plan, with the same ``digest``.

    ``moves`` are sorted by document; they depend on the observed state, and are in no digest."""

    federation: str
    stack: str
    zone: str
    members: tuple[MemberPlan, ...]
    workloads: tuple[Workload, ...]
    records: tuple[RecordSet, ...]
    health_checks: tuple[HealthCheck, ...]
    warnings: tuple[Fault, ...]
    digest: str
    moves: tuple[Move, ...] = ()

    def member(self, name: str) -> MemberPlan:
        """The slice of the member called ``name``; ``KeyError`` when there is none."""
        for member in self.members:
            if member.name == name:
                return member
        raise KeyError(name)
