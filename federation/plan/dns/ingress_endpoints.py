"""Which members answer for the hosts of an Ingress, and with what weight?

A member answers when it is available, the Ingress goes there, and it is in a region of AWS. Weights are the replicas
behind the Services that the Ingress names, by the stack's policy; where they cannot be counted in one member, nobody
is weighed by them. KubeFed looked at no endpoints here, and ``plain`` does not either.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from federation.api.model.dns import IngressDNSRecord, RoutingPolicy
from federation.api.model.members import Member
from federation.plan.dns import weights
from federation.plan.dns.ingresses import Backends, Behind
from federation.plan.dns.service_endpoints import AWS_REGION, Endpoint
from federation.plan.model.findings import Findings
from federation.plan.model.plan import IngressTarget
from federation.plan.objects.placed_objects import PlacedObject

__all__ = ["answers"]

_NAMES_SHOWN: Final = 5


def answers(
    record: IngressDNSRecord,
    policy: RoutingPolicy,
    ingresses: Mapping[str, PlacedObject],
    members: Sequence[Member],
    backends: Backends,
    findings: Findings,
) -> list[Endpoint]:
    """The answers, by member in order; ``ingresses`` are the Ingress by member, where it is available."""
    able = [member for member in members if member.name in ingresses and _is_able(record, member, findings)]
    equal, uncounted = "policy plain: equal weights", ""
    behind = {member.name: backends.behind(ingresses[member.name]) for member in able}
    if policy != "plain":
        equal = _why_equal(behind)
        workloads = {} if equal else {name: each.workloads for name, each in behind.items()}
        uncounted = weights.why_equal(record, workloads, backends.crowd, findings)
    weighed = {member.name: (1, equal) if equal else _weigh(behind[member.name], uncounted) for member in able}
    return [
        _answer(member, ingresses[member.name], *weighed[member.name], behind[member.name])
        for member in able
        if weighed[member.name][0]
    ]


def _is_able(record: IngressDNSRecord, member: Member, findings: Findings) -> bool:
    if AWS_REGION.fullmatch(member.region):
        return True
    where = f'"{member.region}" is no region of AWS' if member.region else "the member has no region"
    message = (
        f"{record.namespace}/{record.name} gets no answer: an alias leads to load balancers of AWS only, and {where}"
    )
    remedy = "leave the member out of the Ingress' placement, or point a name of its own at it"
    findings.warning(record.source, (), message, remedy, member=member.name)
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
    if not any(each.workloads or each.elsewhere for each in behind.values()):
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


def _answer(member: Member, draft: PlacedObject, weight: int, why: str, behind: Behind) -> Endpoint:
    target = IngressTarget(
        member=member.name, namespace=draft.namespace, ingress=draft.name, object_name=draft.logical_name
    )
    workloads = tuple(each.logical_name for each, _ in behind.workloads)
    return Endpoint(member=member, target=target, weight=weight, port=0, reasons=(why,), behind=workloads)
