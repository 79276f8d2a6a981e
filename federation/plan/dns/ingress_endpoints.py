"""Select the members that serve the hosts of an Ingress, and compute their weights.

A member is an endpoint when it is available, has the Ingress, and is in a region of AWS. The stack's policy decides
the weights: the replicas behind the Services that the Ingress names. If they cannot be counted in one member, all
members get weight 1. KubeFed did not look at endpoints here, and neither does policy ``plain``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from federation.api.model.dns import IngressDNSRecord, RoutingPolicy
from federation.api.model.members import Member
from federation.plan.dns import weights
from federation.plan.dns.ingresses import Backends, Behind
from federation.plan.dns.service_endpoints import AWS_REGION, Endpoint
from federation.plan.model.findings import Findings
from federation.plan.model.plan import IngressTarget
from federation.plan.objects.placed_objects import PlacedObject

__all__ = ["IngressRequest", "select"]

_NAMES_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressRequest:
    """One record to find endpoints for: its Ingress by available member, its policy, and the selected members."""

    record: IngressDNSRecord
    policy: RoutingPolicy
    ingresses: Mapping[str, PlacedObject]
    members: tuple[Member, ...]


def select(request: IngressRequest, backends: Backends, findings: Findings) -> list[Endpoint]:
    """The endpoints, in the order of the request's members."""
    record, ingresses, members = request.record, request.ingresses, request.members
    eligible = [member for member in members if member.name in ingresses and _is_eligible(record, member, findings)]
    equal, uncounted = "policy plain: equal weights", ""
    behind = {member.name: backends.behind(ingresses[member.name]) for member in eligible}
    if request.policy != "plain":
        equal = _why_equal(behind)
        workloads = {} if equal else {name: each.workloads for name, each in behind.items()}
        uncounted = weights.why_equal(record, workloads, backends.pod_index, findings)
    weighted = {member.name: (1, equal) if equal else _weigh(behind[member.name], uncounted) for member in eligible}
    return [
        _endpoint(member, ingresses[member.name], weighted[member.name], behind[member.name])
        for member in eligible
        if weighted[member.name][0]
    ]


def _is_eligible(record: IngressDNSRecord, member: Member, findings: Findings) -> bool:
    if AWS_REGION.fullmatch(member.region):
        return True
    where = f'"{member.region}" is not a region of AWS' if member.region else "the member has no region"
    message = (
        f"{record.namespace}/{record.name} has no endpoint: an alias leads to load balancers of AWS only, and {where}"
    )
    remedy = "leave the member out of the Ingress' placement, or point a name of its own at it"
    findings.in_member(member.name).warning(record.source, (), message, remedy)
    return False


def _why_equal(behind: Mapping[str, Behind]) -> str:
    """Why the members cannot be weighed by replicas; "" when they can."""
    unknown: dict[str, list[str]] = {}
    for name, each in behind.items():
        if each.unknown:
            unknown.setdefault(each.unknown, []).append(name)
    if unknown:
        shown = ", ".join(f"{why} ({_few(names)})" for why, names in unknown.items())
        return f"the replicas behind the Ingress cannot be counted: {shown}: weight 1 each"
    if not any(each.workloads or each.in_other_members for each in behind.values()):
        return "no federated workload stands behind the Ingress' Services: weight 1 each"
    return ""


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(names[:_NAMES_SHOWN]) + more


def _weigh(behind: Behind, uncounted: str) -> tuple[int, str]:
    count = sum(replicas for _, replicas in behind.workloads)
    if uncounted:
        return min(count, 1), uncounted
    return count, f"replicas behind the Ingress' Services: {weights.listed(behind.workloads)}"


def _endpoint(member: Member, placed: PlacedObject, weighted: tuple[int, str], behind: Behind) -> Endpoint:
    weight, why = weighted
    target = IngressTarget(
        member=member.name, namespace=placed.namespace, ingress=placed.name, object_name=placed.logical_name
    )
    workloads = tuple(each.logical_name for each, _ in behind.workloads)
    return Endpoint(member=member, target=target, weight=weight, port=0, reasons=(why,), behind=workloads)
