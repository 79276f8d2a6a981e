"""Select the members that serve a Service's DNS name, and compute their weights.

A member is an endpoint when it is available, the Service has a load balancer there, and replicas are behind the
Service (KubeFed: endpoints). A record may allow a Service without replicas. A warning names each available member where
the Service cannot be reached.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from federation.api.model.dns import RoutingPolicy, ServiceDNSRecord
from federation.api.model.members import Member
from federation.plan.dns import weights
from federation.plan.dns.weights import PodIndex
from federation.plan.model.findings import Findings
from federation.plan.model.plan import BalancerTarget, ServiceTarget
from federation.plan.model.trees import mapping, mappings
from federation.plan.objects.placed_objects import PlacedObject

__all__ = ["AWS_REGION", "Endpoint", "EndpointRequest", "select"]

AWS_REGION: Final = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx|cn)(-[a-z]+)+-\d+")
"""The form of an AWS region's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRequest:
    """One record to find endpoints for: its Service by available member, its policy, and the selected members."""

    record: ServiceDNSRecord
    policy: RoutingPolicy
    services: Mapping[str, PlacedObject]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One member that serves a DNS name.

    ``port`` is the Service's first TCP port for the health check, 0 when it has none. ``behind`` are the logical names
    of the workloads that it leads to.
    """

    member: Member
    target: BalancerTarget
    weight: int
    port: int
    reasons: tuple[str, ...]
    behind: tuple[str, ...] = ()


def select(request: EndpointRequest, pod_index: PodIndex, findings: Findings) -> list[Endpoint]:
    """The endpoints, in the order of the request's members."""
    found, given = [], request.record.weights
    eligible = [member for member in request.members if _is_eligible(request, member, findings)]
    behind = {member.name: _behind(request, member.name, pod_index) for member in eligible}
    unmatched = not any(behind.values()) and not _has_workloads(request, eligible, pod_index)
    _check_weights(request, eligible, findings)
    counted = {} if request.policy == "plain" else {name: behind[name] for name in behind if name not in given}
    equal = weights.why_equal(request.record, counted, pod_index, findings)
    counting = _Counting(unmatched=unmatched, equal=equal)
    for member in eligible:
        weighed = _weigh(request, member.name, behind[member.name], counting)
        if weighed.has_endpoints or request.record.allow_service_without_endpoints:
            found.append(_endpoint(request, member, weighed, behind[member.name]))
    return found


def _is_eligible(request: EndpointRequest, member: Member, findings: Findings) -> bool:
    """Whether the Service can be reached in ``member``; warns why not, except when the member is not available."""
    service = request.services.get(member.name)
    if service is None:
        return False
    message = remedy = ""
    if not service.rendered.load_balancer:
        message = "the Service has no load balancer there"
        remedy = "set spec.type: LoadBalancer, or place the Service only where it has one"
    elif not member.region:
        message = "the member has no region, so there is no name for it"
        remedy = "give it a region in the stack's config"
    elif not AWS_REGION.fullmatch(member.region):
        message = f'an alias leads to load balancers of AWS only, and "{member.region}" is not a region of AWS'
        remedy = "leave the member out of the Service's placement, or point a name of its own at it"
    if message:
        key = f"{request.record.namespace}/{request.record.name}"
        findings.in_member(member.name).warning(request.record.source, (), f"{key} has no endpoint: {message}", remedy)
    return not message


def _selector(service: PlacedObject) -> Mapping[str, str]:
    return mapping(mapping(service.rendered.manifest.get("spec")).get("selector"))


def _behind(request: EndpointRequest, member: str, pod_index: PodIndex) -> list[tuple[PlacedObject, int]]:
    selector = _selector(request.services[member])
    return pod_index.behind(selector, request.record.namespace, member) if selector else []


def _has_workloads(request: EndpointRequest, eligible: list[Member], pod_index: PodIndex) -> bool:
    """Whether any member has pods for the Service, including members that are quarantined or that lack the Service."""
    selectors = (_selector(request.services[member.name]) for member in eligible)
    return any(pod_index.knows(selector, request.record.namespace) for selector in selectors if selector)


def _check_weights(request: EndpointRequest, eligible: list[Member], findings: Findings) -> None:
    if request.policy == "plain":
        return
    without = [member.name for member in eligible if not _selector(request.services[member.name])]
    missing = [name for name in without if name not in request.record.weights]
    if missing:
        message = f"the Service has no selector in {', '.join(missing)}, so no replicas can be counted behind it"
        remedy = f"give weights by member: weights: {{{', '.join(f'{name}: 1' for name in missing)}}}, or policy: plain"
        findings.error(request.record.source, ("spec",), message, remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counting:
    """How replicas count: ``unmatched``: no federated workload matches the Service. ``equal`` is the reason why
    replicas are not counted, or ""."""

    unmatched: bool
    equal: str


class _Weighed(NamedTuple):
    """A member's weight, whether the Service has replicas there, and the reason for the weight."""

    weight: int
    has_endpoints: bool
    why: str


def _weigh(
    request: EndpointRequest, member: str, behind: list[tuple[PlacedObject, int]], counting: _Counting
) -> _Weighed:
    count = sum(replicas for _, replicas in behind)
    has_endpoints = counting.unmatched or count > 0 or not _selector(request.services[member])
    if request.policy == "plain":
        return _Weighed(1, has_endpoints, "policy plain: equal weights")
    if member in request.record.weights:
        place = request.record.source.place("spec", "weights", member)
        return _Weighed(request.record.weights[member], has_endpoints, f"weight given ({place})")
    if counting.unmatched:
        return _Weighed(1, has_endpoints, "no federated workload matches the Service's selector: weight 1 each")
    if counting.equal:
        return _Weighed(min(count, 1), has_endpoints, counting.equal)
    why = f"replicas behind the Service's selector: {weights.listed(behind) or 'none'}"
    return _Weighed(count, has_endpoints, why)


def _endpoint(
    request: EndpointRequest, member: Member, weighed: _Weighed, behind: list[tuple[PlacedObject, int]]
) -> Endpoint:
    service = request.services[member.name]
    kind = service.rendered.load_balancer
    return Endpoint(
        member=member,
        target=ServiceTarget(
            member=member.name,
            namespace=service.namespace,
            service=service.name,
            load_balancer="network" if kind == "network" else "classic",
            object_name=service.logical_name,
        ),
        weight=weighed.weight,
        port=_port(service),
        reasons=(weighed.why,),
        behind=tuple(workload.logical_name for workload, _ in behind),
    )


def _port(service: PlacedObject) -> int:
    for port in mappings(mapping(service.rendered.manifest.get("spec")).get("ports")):
        if port.get("protocol", "TCP") == "TCP" and isinstance(port.get("port"), int):
            return int(port["port"])
    return 0
