"""Which members answer for a Service's DNS name, and with what weight?

A member answers when it is available, the Service goes there and has a load balancer there, and replicas stand behind
it (KubeFed: endpoints), unless the record allows a Service without. Every member that does not answer is accounted for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from federation.api.model.dns import RoutingPolicy, ServiceDNSRecord
from federation.api.model.members import Member
from federation.plan.dns import weights
from federation.plan.dns.weights import PodIndex
from federation.plan.model.findings import Findings
from federation.plan.model.plan import BalancerTarget, ServiceTarget
from federation.plan.model.trees import mapping, mappings
from federation.plan.objects.placed_objects import PlacedObject

__all__ = ["AWS_REGION", "Endpoint", "EndpointRequest", "answers"]

AWS_REGION: Final = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx|cn)(-[a-z]+)+-\d+")
"""What the name of a region of AWS looks like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRequest:
    """One record's question: the Service by member (where it is available), and the policy."""

    record: ServiceDNSRecord
    policy: RoutingPolicy
    services: Mapping[str, PlacedObject]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One member's answer. ``port`` is the Service's first TCP port, 0 where there is none to be checked; ``behind``
    are the logical names of the workloads that it leads to."""

    member: Member
    target: BalancerTarget
    weight: int
    port: int
    reasons: tuple[str, ...]
    behind: tuple[str, ...] = ()


def answers(asked: EndpointRequest, crowd: PodIndex, findings: Findings) -> list[Endpoint]:
    """The answers, by member in order."""
    found, given = [], asked.record.weights
    able = [member for member in asked.members if _is_able(asked, member, findings)]
    behind = {member.name: _behind(asked, member.name, crowd) for member in able}
    nobody = not any(behind.values()) and not _are_known(asked, able, crowd)
    _check_weights(asked, able, findings)
    counted = {} if asked.policy == "plain" else {name: behind[name] for name in behind if name not in given}
    equal = weights.why_equal(asked.record, counted, crowd, findings)
    for member in able:
        weight, endpoints, why = _weigh(asked, member.name, behind[member.name], nobody=nobody, equal=equal)
        if endpoints or asked.record.allow_service_without_endpoints:
            found.append(_answer(asked, member, weight, why, behind[member.name]))
    return found


def _is_able(asked: EndpointRequest, member: Member, findings: Findings) -> bool:
    """Whether the Service can answer in ``member`` at all; says why not, unless the member is merely not available."""
    draft = asked.services.get(member.name)
    if draft is None:
        return False
    message = remedy = ""
    if not draft.rendered.load_balancer:
        message = "the Service has no load balancer there"
        remedy = "set spec.type: LoadBalancer, or place the Service only where it has one"
    elif not member.region:
        message = "the member has no region, so there is no name for it"
        remedy = "give it a region in the stack's config"
    elif not AWS_REGION.fullmatch(member.region):
        message = f'an alias leads to load balancers of AWS only, and "{member.region}" is no region of AWS'
        remedy = "leave the member out of the Service's placement, or point a name of its own at it"
    if message:
        key = f"{asked.record.namespace}/{asked.record.name}"
        findings.warning(asked.record.source, (), f"{key} gets no answer: {message}", remedy, member=member.name)
    return not message


def _selector(draft: PlacedObject) -> Mapping[str, str]:
    return mapping(mapping(draft.rendered.manifest.get("spec")).get("selector"))


def _behind(asked: EndpointRequest, member: str, crowd: PodIndex) -> list[tuple[PlacedObject, int]]:
    selector = _selector(asked.services[member])
    return crowd.behind(selector, asked.record.namespace, member) if selector else []


def _are_known(asked: EndpointRequest, able: list[Member], crowd: PodIndex) -> bool:
    """Whether the federation has pods for the Service at all, be it only in members that are held or without it."""
    selectors = (_selector(asked.services[member.name]) for member in able)
    return any(crowd.knows(selector, asked.record.namespace) for selector in selectors if selector)


def _check_weights(asked: EndpointRequest, able: list[Member], findings: Findings) -> None:
    if asked.policy == "plain":
        return
    without = [member.name for member in able if not _selector(asked.services[member.name])]
    missing = [name for name in without if name not in asked.record.weights]
    if missing:
        message = f"the Service has no selector in {', '.join(missing)}, so no replicas can be counted behind it"
        remedy = f"give weights by member: weights: {{{', '.join(f'{name}: 1' for name in missing)}}}, or policy: plain"
        findings.error(asked.record.source, ("spec",), message, remedy)


def _weigh(
    asked: EndpointRequest, member: str, behind: list[tuple[PlacedObject, int]], *, nobody: bool, equal: str
) -> tuple[int, bool, str]:
    """The member's weight, whether there is something behind the Service, and the reason; ``equal`` says why what is
    there is not counted."""
    count = sum(replicas for _, replicas in behind)
    endpoints = nobody or count > 0 or not _selector(asked.services[member])
    if asked.policy == "plain":
        return 1, endpoints, "policy plain: equal weights"
    if member in asked.record.weights:
        place = asked.record.source.place("spec", "weights", member)
        return asked.record.weights[member], endpoints, f"weight given ({place})"
    if nobody:
        return 1, endpoints, "no federated workload matches the Service's selector: weight 1 each"
    if equal:
        return min(count, 1), endpoints, equal
    return count, endpoints, f"replicas behind the Service's selector: {weights.listed(behind) or 'none'}"


def _answer(
    asked: EndpointRequest, member: Member, weight: int, why: str, behind: list[tuple[PlacedObject, int]]
) -> Endpoint:
    draft = asked.services[member.name]
    kind = draft.rendered.load_balancer
    return Endpoint(
        member=member,
        target=ServiceTarget(
            member=member.name,
            namespace=draft.namespace,
            service=draft.name,
            load_balancer="network" if kind == "network" else "classic",
            object_name=draft.logical_name,
        ),
        weight=weight,
        port=_port(draft),
        reasons=(why,),
        behind=tuple(draft.logical_name for draft, _ in behind),
    )


def _port(draft: PlacedObject) -> int:
    for port in mappings(mapping(draft.rendered.manifest.get("spec")).get("ports")):
        if port.get("protocol", "TCP") == "TCP" and isinstance(port.get("port"), int):
            return int(port["port"])
    return 0
