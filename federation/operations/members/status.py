"""What stands in the members and in DNS now, beside what is planned.

Everything is asked of the members' own API servers and of Route53, never of Pulumi's state: the answer is what users
of the application meet. Every object of the plan is compared, by the fields that the federation sends.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import botocore.exceptions

from federation.api.model.members import Federation
from federation.components.clusters import api_client
from federation.errors.fault import FederationError
from federation.operations.engine import command_line
from federation.operations.engine.outputs import Outputs
from federation.operations.members import live_objects
from federation.operations.members.live_objects import LiveObject
from federation.plan.dns import load_balancers
from federation.plan.live import drift, readiness
from federation.plan.live.drift import FieldDrift
from federation.plan.model.plan import Plan, PlannedObject
from federation.plan.model.trees import mapping
from federation.plan.objects.retention import REPLICAS_FIELD
from federation.plan.views import secret_keys

__all__ = [
    "DnsStatus",
    "DnsUnavailableError",
    "MemberStatus",
    "ObjectStatus",
    "Status",
    "config_secrets",
    "gather",
]

TIMEOUT = 10.0  # seconds that a member may take to answer


class DnsUnavailableError(FederationError):
    """Route53 did not answer, or not with the records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStatus:
    """One object of the plan. ``found`` is false when the member does not have it.

    ``fields`` are those that are not as planned, ``problem`` says what keeps the object from being ready. Of kinds with
    replicas, ``planned`` are to be ``ready``. Where those are not the plan's, ``replicas_owner`` says whose they are,
    and ``weighs`` is the plan's number, which DNS goes by. ``overrides`` says by path which of them is in effect.
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
        """What it is called in messages: ``Deployment demo/web``."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def differs(self) -> bool:
        """Whether it is there with another value in a field of the plan."""
        return bool(self.fields) or not all((self.overrides or {}).values())

    @property
    def is_ready(self) -> bool:
        """Whether it is there, with all replicas and its load balancer."""
        balanced = bool(self.load_balancer) or not self.wants_load_balancer
        return self.found and balanced and not self.problem and (self.planned is None or self.planned == self.ready)

    @property
    def as_planned(self) -> bool:
        """Whether it stands as it was planned, and is ready."""
        return self.is_ready and not self.differs


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStatus:
    """One member as it answered; ``problem`` says why it did not. A ``held`` one is not asked."""

    name: str
    region: str
    nodes: int
    nodes_ready: int
    objects: tuple[ObjectStatus, ...]
    problem: str = ""
    held: bool = False

    @property
    def missing(self) -> int:
        """How many planned objects it does not have."""
        return sum(not each.found for each in self.objects)

    @property
    def different(self) -> int:
        """How many objects it has with other values than planned."""
        return sum(each.found and each.differs for each in self.objects)


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsStatus:
    """One policy-carrying name on Route53, with the weight of each of its record sets, or a plain one's target."""

    name: str
    weights: Mapping[str, int]
    planned: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A stack as it stands."""

    members: tuple[MemberStatus, ...]
    dns: tuple[DnsStatus, ...]
    uncompared: tuple[str, ...] = ()  # a line on each thing that was not compared

    @property
    def as_planned(self) -> bool:
        """Whether everything planned stands, is ready and is answered by DNS with the planned weights."""
        planned = [each for each in self.members if not each.held]
        members = all(not each.problem and all(thing.as_planned for thing in each.objects) for each in planned)
        return members and all(each.weights == each.planned for each in self.dns)


def config_secrets(root: Path, plan: Plan) -> Mapping[str, str] | None:
    """The values in the stack's config that Secrets of ``plan`` refer to; ``None`` when `pulumi` does not give them."""
    wanted = secret_keys.keys(plan)
    if not wanted:
        return {}
    try:
        tree = command_line.ask_json(root, "config", "--show-secrets", "--json", "--stack", plan.stack)
    except (command_line.EngineError, ValueError):
        return None
    found = {name.partition(":")[2]: mapping(entry).get("value") for name, entry in mapping(tree).items()}
    return {key: value for key, value in found.items() if key in wanted and isinstance(value, str)}


def gather(federation: Federation, plan: Plan, outputs: Outputs, secrets: Mapping[str, str] | None = None) -> Status:
    """Ask all members at once, and Route53. Without ``secrets``, values out of the stack's config are not compared."""
    with ThreadPoolExecutor(max_workers=max(1, len(plan.members))) as pool:
        members = tuple(pool.map(lambda member: _member(plan, outputs, member.name, secrets or {}), plan.members))
    missing = sorted(secret_keys.keys(plan) - set(secrets or {}))
    uncompared = (f"not compared: values of Secrets out of the stack's config ({', '.join(missing)})",)
    return Status(
        members=members, dns=_dns(federation, plan, outputs.zone_id), uncompared=uncompared if missing else ()
    )


def _member(plan: Plan, outputs: Outputs, name: str, secrets: Mapping[str, str]) -> MemberStatus:
    slice_ = plan.member(name)
    if not slice_.available:
        return replace(_unanswered(plan, name, "held: its objects stay as they are"), held=True)
    kubeconfig = outputs.kubeconfigs.get(name)
    if kubeconfig is None:
        return _unanswered(plan, name, "not up yet")
    try:
        client = api_client.client(kubeconfig, TIMEOUT)
        nodes = list(client.list(api_client.resource("v1", "Node", namespaced=False)))
        found = live_objects.read(client, slice_.objects, secrets)
    except api_client.FAULTS as error:
        return _unanswered(plan, name, f"does not answer: {str(error) or type(error).__name__}")
    balanced = load_balancers.behind(slice_.objects, plan.records)
    scalers = _scalers(slice_.objects)
    return MemberStatus(
        name=name,
        region=slice_.region,
        nodes=len(nodes),
        nodes_ready=sum(_is_ready(node) for node in nodes),
        objects=tuple(
            _object(each, scalers, wants_load_balancer=each.planned.logical_name in balanced) for each in found
        ),
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
    stands = readiness.of(live) if live else readiness.Readiness(desired=planned.replicas)
    is_ours = planned.replicas is not None and REPLICAS_FIELD not in planned.ignore_changes
    is_theirs = planned.replicas is not None and not is_ours
    owner = scalers.get((planned.kind, planned.namespace, planned.name), "the member")
    return ObjectStatus(
        kind=planned.kind,
        namespace=planned.namespace,
        name=planned.name,
        found=each.live is not None,
        planned=planned.replicas if is_ours else stands.desired,
        ready=stands.ready if live or stands.desired is None else 0,
        overrides={
            override.path: bool(live) and not drift.touches(each.fields, planned, override.path)
            for override in planned.overrides
        },
        load_balancer=load_balancers.address(live.get("status", {})),
        wants_load_balancer=wants_load_balancer,
        fields=each.fields,
        problem=stands.problem,
        logical_name=planned.logical_name,
        replicas_owner=owner if is_theirs else "",
        weighs=planned.replicas if is_theirs else None,
    )


def _dns(federation: Federation, plan: Plan, zone_id: str) -> tuple[DnsStatus, ...]:
    planned: dict[str, dict[str, int]] = {}
    for record in plan.records:
        if record.routing is not None and record.routing.weight is not None:
            planned.setdefault(record.name, {})[record.routing.identifier] = record.routing.weight
    live = _live_weights(federation, zone_id) if zone_id else {}
    return tuple(
        DnsStatus(name=name, weights=live.get(name, {}), planned=weights) for name, weights in sorted(planned.items())
    )


def _session(federation: Federation) -> boto3.Session:
    """Credentials of whoever asks, or of the role that deploys where the stack names one."""
    own = boto3.Session(region_name=federation.dns.region)
    if not federation.role_arn:
        return own
    granted = own.client("sts").assume_role(RoleArn=federation.role_arn, RoleSessionName="fed-status")["Credentials"]
    return boto3.Session(
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
        region_name=federation.dns.region,
    )


def _live_weights(federation: Federation, zone_id: str) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, int]] = {}
    try:
        route53 = _session(federation).client("route53")
        for page in route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id):
            for record in page["ResourceRecordSets"]:
                if "Weight" in record:
                    found.setdefault(record["Name"].rstrip("."), {})[record["SetIdentifier"]] = int(record["Weight"])
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        msg = f"Route53 does not tell the records of zone {zone_id}: {error}"
        raise DnsUnavailableError(msg) from None
    return found
