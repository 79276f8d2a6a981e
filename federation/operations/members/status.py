"""Compare what exists in the members and in DNS now with the plan.

Everything is read from the members' own API servers and from Route53, never from Pulumi's state: so it shows what users
of the application meet. Every object of the plan is compared, by the fields that the federation sends. Other objects of
this stack are named.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from federation.api.model.members import FederationSettings
from federation.components.clusters import api_client
from federation.operations.engine import command_line
from federation.operations.engine.outputs import Outputs
from federation.operations.members import live_objects, live_records
from federation.operations.members.live_objects import LiveObject
from federation.operations.members.live_records import DnsStatus
from federation.plan.dns import load_balancers
from federation.plan.live import drift_sides, readiness, unplanned
from federation.plan.live.drift import FieldDrift
from federation.plan.live.unplanned import Unplanned
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import Plan, PlannedObject
from federation.plan.model.trees import mapping
from federation.plan.objects.retention import REPLICAS_FIELD
from federation.plan.views import secret_keys

__all__ = [
    "MemberStatus",
    "ObjectStatus",
    "Status",
    "config_secrets",
    "read_status",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStatus:
    """One object of the plan. ``found`` is false when the member does not have it.

    ``fields`` are those that are not as planned, ``problem`` is why the object is not ready. For kinds with replicas,
    ``planned`` is the wanted number and ``ready`` the present one. Where the plan does not own the replicas,
    ``replicas_owner`` is their owner, and ``weighs`` is the plan's number, which DNS weights use. ``overrides`` has by
    path whether it is in effect.
    """

    kind: str
    namespace: str
    name: str
    found: bool
    planned: int | None = None
    ready: int | None = None
    overrides: Mapping[str, bool] | None = None
    load_balancer: str = ""
    wants_load_balancer: bool = False
    fields: tuple[FieldDrift, ...] = ()
    problem: str = ""
    logical_name: str = ""
    replicas_owner: str = ""
    weighs: int | None = None

    @property
    def document(self) -> str:
        """Its name in messages: ``Deployment demo/web``."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def differs(self) -> bool:
        """Whether it exists with another value in a field of the plan."""
        return bool(self.fields) or not all((self.overrides or {}).values())

    @property
    def is_ready(self) -> bool:
        """Whether it exists, with all replicas and its load balancer."""
        balanced = bool(self.load_balancer) or not self.wants_load_balancer
        return self.found and balanced and not self.problem and (self.planned is None or self.planned == self.ready)

    @property
    def as_planned(self) -> bool:
        """Whether it exists as planned, and is ready."""
        return self.is_ready and not self.differs


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStatus:
    """The status of one member; ``problem`` is why it did not answer. A ``quarantined`` one gets no request.

    ``unplanned`` are objects of this stack that exist there and are not in the plan.
    """

    name: str
    region: str
    nodes: int
    nodes_ready: int
    objects: tuple[ObjectStatus, ...]
    problem: str = ""
    quarantined: bool = False
    unplanned: tuple[Unplanned, ...] = ()

    @property
    def as_planned(self) -> bool:
        """Whether all planned objects exist as planned, and every registered object is planned.

        Objects that the state does not have may be another stack's, and what is being deleted goes by itself.
        """
        left = any(each.is_registered and not each.is_going for each in self.unplanned)
        return not left and all(each.as_planned for each in self.objects)

    @property
    def missing(self) -> int:
        """How many planned objects it does not have."""
        return sum(not each.found for each in self.objects)

    @property
    def different(self) -> int:
        """How many objects it has with other values than planned."""
        return sum(each.found and each.differs for each in self.objects)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The status of a stack."""

    members: tuple[MemberStatus, ...]
    dns: tuple[DnsStatus, ...]
    uncompared: tuple[str, ...] = ()  # a line for each kind of value that was not compared

    @property
    def as_planned(self) -> bool:
        """Whether all planned objects exist, are ready and have the planned weights in DNS, and no others exist."""
        members = all(each.as_planned and not each.problem for each in self.members if not each.quarantined)
        return members and all(each.weights == each.planned for each in self.dns)


def config_secrets(root: Path, plan: Plan) -> Mapping[str, str] | None:
    """The values in the stack's config that Secrets of ``plan`` refer to; ``None`` when `pulumi` does not give them."""
    wanted = secret_keys.keys(plan)
    if not wanted:
        return {}
    try:
        tree = command_line.query_json(root, "config", "--show-secrets", "--json", "--stack", plan.stack)
    except (command_line.EngineError, ValueError):
        return None
    found = {name.partition(":")[2]: mapping(entry).get("value") for name, entry in mapping(tree).items()}
    return {key: value for key, value in found.items() if key in wanted and isinstance(value, str)}


def read_status(
    federation: FederationSettings, plan: Plan, outputs: Outputs, secrets: Mapping[str, str] | None = None
) -> Status:
    """Read all members at once, and Route53. Without ``secrets``, values from the stack's config are not compared."""
    before = outputs.observed.registered or {}
    with ThreadPoolExecutor(max_workers=max(1, len(plan.members))) as pool:
        members = tuple(
            pool.map(
                lambda each: _member(plan, outputs, each.name, secrets or {}, before.get(each.name, ())), plan.members
            )
        )
    missing = sorted(secret_keys.keys(plan) - set(secrets or {}))
    uncompared = (f"not compared: values of Secrets out of the stack's config ({', '.join(missing)})",)
    return Status(
        members=members,
        dns=live_records.read_dns_status(federation, plan, outputs.zone_id),
        uncompared=uncompared if missing else (),
    )


def _member(
    plan: Plan, outputs: Outputs, name: str, secrets: Mapping[str, str], before: tuple[IndexEntry, ...]
) -> MemberStatus:
    slice_ = plan.member(name)
    if not slice_.available:
        return replace(_unanswered(plan, name, "quarantined: its objects stay as they are"), quarantined=True)
    kubeconfig = outputs.kubeconfigs.get(name)
    if kubeconfig is None:
        return _unanswered(plan, name, "not up yet")
    try:
        client = api_client.client(kubeconfig, api_client.SECONDS)
        nodes = list(client.list(api_client.resource("v1", "Node", namespaced=False)))
        live = live_objects.read_objects(client, slice_.objects, secrets, unplanned.types(slice_, before))
    except api_client.FAULTS as error:
        return _unanswered(plan, name, api_client.failure(error))
    balanced = load_balancers.behind(slice_.objects, plan.records)
    scalers = _scalers(slice_.objects)
    return MemberStatus(
        name=name,
        region=slice_.region,
        nodes=len(nodes),
        nodes_ready=sum(_is_ready(node) for node in nodes),
        objects=tuple(
            _object(each, scalers, wants_load_balancer=each.planned.logical_name in balanced) for each in live.objects
        ),
        unplanned=unplanned.find_unplanned(slice_, before, live.managed),
    )


def _unanswered(plan: Plan, name: str, problem: str) -> MemberStatus:
    region = plan.member(name).region
    return MemberStatus(name=name, region=region, nodes=0, nodes_ready=0, objects=(), problem=problem)


def _is_ready(node: Mapping[str, Any]) -> bool:
    conditions = node.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _scalers(objects: Iterable[PlannedObject]) -> Mapping[tuple[str, str, str], str]:
    """The autoscaler of each workload that has one, by kind, namespace and name."""
    found = {}
    for each in objects:
        if each.kind == "HorizontalPodAutoscaler":
            target = mapping(mapping(each.manifest.get("spec")).get("scaleTargetRef"))
            found[str(target.get("kind")), each.namespace, str(target.get("name"))] = f"{each.kind} {each.name}"
    return found


def _object(
    each: LiveObject, scalers: Mapping[tuple[str, str, str], str], *, wants_load_balancer: bool
) -> ObjectStatus:
    planned, live = each.planned, each.live or {}
    actual = readiness.read_readiness(live) if live else readiness.Readiness(desired=planned.replicas)
    is_ours = planned.replicas is not None and REPLICAS_FIELD not in planned.ignore_changes
    is_theirs = planned.replicas is not None and not is_ours
    owner = scalers.get((planned.kind, planned.namespace, planned.name), "the member")
    return ObjectStatus(
        kind=planned.kind,
        namespace=planned.namespace,
        name=planned.name,
        found=each.live is not None,
        planned=planned.replicas if is_ours else actual.desired,
        ready=actual.ready if live or actual.desired is None else 0,
        overrides={
            override.path: bool(live) and not drift_sides.touches(each.fields, planned, override.path)
            for override in planned.overrides
        },
        load_balancer=load_balancers.address(live.get("status", {})),
        wants_load_balancer=wants_load_balancer,
        fields=each.fields,
        problem=actual.problem,
        logical_name=planned.logical_name,
        replicas_owner=owner if is_theirs else "",
        weighs=planned.replicas if is_theirs else None,
    )
