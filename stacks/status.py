"""What stands in the members and in DNS now, beside what is planned.

Everything is asked of the members' own API servers and of Route53, never of Pulumi's state: the answer is what users
of the application meet.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import boto3
import botocore.exceptions
from lightkube import ApiError, Client
from lightkube.generic_resource import GenericNamespacedResource

from federation.api.members import Federation
from federation.components import access
from federation.errors import FederationError
from federation.plan import load_balancers
from federation.plan.result import Plan, PlannedObject
from federation.plan.retention import REPLICAS_FIELD
from stacks.outputs import Outputs

__all__ = ["DnsStatus", "DnsUnavailableError", "MemberStatus", "ObjectStatus", "Status", "gather"]

TIMEOUT = 10.0  # seconds that a member may take to answer


class DnsUnavailableError(FederationError):
    """Route53 did not answer, or not with the records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStatus:
    """One object with replicas, overrides or a load balancer. ``found`` is false when the member does not have it."""

    kind: str
    namespace: str
    name: str
    found: bool
    planned: int | None = None
    ready: int | None = None
    overrides: Mapping[str, bool] | None = None  # path -> in effect
    load_balancer: str = ""
    wants_load_balancer: bool = False

    @property
    def as_planned(self) -> bool:
        """Whether it stands as it was planned."""
        overridden = all((self.overrides or {}).values())
        balanced = bool(self.load_balancer) or not self.wants_load_balancer
        return self.found and overridden and balanced and (self.planned is None or self.planned == self.ready)


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

    @property
    def as_planned(self) -> bool:
        """Whether everything planned stands, is ready and is answered by DNS with the planned weights."""
        planned = [each for each in self.members if not each.held]
        members = all(not each.problem and all(thing.as_planned for thing in each.objects) for each in planned)
        return members and all(each.weights == each.planned for each in self.dns)


def gather(federation: Federation, plan: Plan, outputs: Outputs) -> Status:
    """Ask all members at once, and Route53."""
    with ThreadPoolExecutor(max_workers=max(1, len(plan.members))) as pool:
        members = tuple(pool.map(lambda member: _member(plan, outputs, member.name), plan.members))
    return Status(members=members, dns=_dns(federation, plan, outputs.zone_id))


def _member(plan: Plan, outputs: Outputs, name: str) -> MemberStatus:
    slice_ = plan.member(name)
    if not slice_.available:
        return replace(_unanswered(plan, name, "held: its objects stay as they are"), held=True)
    kubeconfig = outputs.kubeconfigs.get(name)
    if kubeconfig is None:
        return _unanswered(plan, name, "not up yet")
    try:
        client = access.client(kubeconfig, TIMEOUT)
        nodes = list(client.list(access.resource("v1", "Node", namespaced=False)))
        balanced = load_balancers.behind(slice_.objects, plan.records)
        objects = tuple(
            _object(client, each, wants_load_balancer=each.logical_name in balanced)
            for each in slice_.objects
            if each.replicas is not None or each.overrides or each.logical_name in balanced
        )
    except access.FAULTS as error:
        return _unanswered(plan, name, f"does not answer: {str(error) or type(error).__name__}")
    return MemberStatus(
        name=name,
        region=slice_.region,
        nodes=len(nodes),
        nodes_ready=sum(_is_ready(node) for node in nodes),
        objects=objects,
    )


def _unanswered(plan: Plan, name: str, problem: str) -> MemberStatus:
    region = plan.member(name).region
    return MemberStatus(name=name, region=region, nodes=0, nodes_ready=0, objects=(), problem=problem)


def _is_ready(node: Mapping[str, Any]) -> bool:
    conditions = node.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _object(client: Client, planned: PlannedObject, *, wants_load_balancer: bool) -> ObjectStatus:
    live = _read(client, planned)
    status = live.get("status", {}) if live else {}
    count = planned.replicas
    if count is not None and live and REPLICAS_FIELD in planned.ignore_changes:
        count = live.get("spec", {}).get("replicas", 1)  # an autoscaler's, or somebody's own
    return ObjectStatus(
        kind=planned.kind,
        namespace=planned.namespace,
        name=planned.name,
        found=live is not None,
        planned=count,
        ready=None if planned.replicas is None else int(status.get("readyReplicas", 0)),
        overrides={
            each.path: each.op == "remove" or _holds(_at(live, each.path), _at(planned.manifest, each.path))
            for each in planned.overrides
        },
        load_balancer=load_balancers.address(status),
        wants_load_balancer=wants_load_balancer,
    )


def _read(client: Client, planned: PlannedObject) -> Mapping[str, Any] | None:
    resource = access.resource(planned.api_version, planned.kind, namespaced=bool(planned.namespace))
    try:
        if issubclass(resource, GenericNamespacedResource):
            return dict(client.get(resource, planned.name, namespace=planned.namespace))
        return dict(client.get(resource, planned.name))
    except ApiError as error:
        if error.status.code == HTTPStatus.NOT_FOUND:
            return None
        raise


def _at(tree: Any, pointer: str) -> Any:
    """The value at a JSON pointer, ``None`` where there is nothing. An appended item (``-``) is the last one."""
    for raw in pointer.split("/")[1:]:
        part = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(tree, Mapping):
            tree = tree.get(part)
        elif isinstance(tree, Sequence) and not isinstance(tree, str) and tree:
            tree = tree[-1 if part == "-" else int(part)] if part == "-" or int(part) < len(tree) else None
        else:
            return None
    return tree


def _holds(live: Any, planned: Any) -> bool:
    """Whether ``live`` has what was planned; a member's own controllers may have added keys to it."""
    if isinstance(planned, Mapping):
        return isinstance(live, Mapping) and all(_holds(live.get(key), value) for key, value in planned.items())
    if isinstance(planned, list | tuple):
        return isinstance(live, list) and len(live) == len(planned) and all(map(_holds, live, planned))
    return bool(live == planned)


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
