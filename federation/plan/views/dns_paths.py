"""Find the DNS names that lead to an object, with their weights and reasons.

The search starts at the record sets of the load balancers in front of the object, and follows aliases upwards: it finds
every set that leads there, however many names are in between.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from federation.plan.dns import ingresses
from federation.plan.model.plan import AliasTarget, IngressTarget, MemberPlan, Plan, PlannedObject, RecordSet
from federation.plan.model.trees import mapping
from federation.plan.objects import pods

__all__ = ["Lead", "to_object"]

_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """One record set on the way: ``to`` is the next name, or the load balancer; ``weighs`` the replicas behind it."""

    name: str
    to: str
    identifier: str = ""
    policy: str = ""
    weight: int | None = None
    weighs: int | None = None
    reasons: tuple[str, ...] = ()


def to_object(plan: Plan, member: MemberPlan, planned: PlannedObject) -> tuple[Lead, ...]:
    """The record sets that lead to ``planned``: an Ingress' or a Service's own, those of the Services that select its
    pods, and those of the Ingresses that lead to one of these Services."""
    load_balanced = frozenset(_load_balanced(member, planned))
    if not load_balanced:
        return ()
    leading = [each for each in plan.records if _is_leaf(each, member.name, load_balanced)]
    reached = {each.name for each in leading}
    is_growing = True
    while is_growing:
        added = [each for each in plan.records if _is_alias_to(each, reached) and each not in leading]
        leading += added
        is_growing = bool(added)
        reached.update(each.name for each in added)
    return tuple(_lead(each) for each in leading)


def _load_balanced(member: MemberPlan, planned: PlannedObject) -> Iterable[_Key]:
    """The Services and Ingresses in front of ``planned`` that may have a load balancer: kind, namespace and name."""
    if planned.kind == "Ingress":
        yield ("Ingress", planned.namespace, planned.name)
    services = set(_services(member, planned))
    yield from (("Service", *service) for service in sorted(services))
    for each in member.objects if services else ():
        if each.kind == "Ingress" and any((each.namespace, name) in services for name in _service_names(each)):
            yield ("Ingress", each.namespace, each.name)


def _service_names(ingress: PlannedObject) -> Iterable[str]:
    return ingresses.services(ingress.manifest)


def _services(member: MemberPlan, planned: PlannedObject) -> Iterable[tuple[str, str]]:
    if planned.kind == "Service":
        yield planned.namespace, planned.name
    labels = pods.labels(planned.manifest)
    for each in member.objects if labels else ():
        if each.kind == "Service" and each.namespace == planned.namespace:
            selector = mapping(mapping(each.manifest.get("spec")).get("selector"))
            if selector and all(labels.get(key) == value for key, value in selector.items()):
                yield each.namespace, each.name


def _is_leaf(record: RecordSet, member: str, load_balanced: frozenset[_Key]) -> bool:
    match record.target:
        case AliasTarget():
            return False
        case IngressTarget() as target:
            key = ("Ingress", target.namespace, target.ingress)
        case target:
            key = ("Service", target.namespace, target.service)
    return target.member == member and key in load_balanced


def _is_alias_to(record: RecordSet, names: set[str]) -> bool:
    return isinstance(record.target, AliasTarget) and record.target.name in names


def _lead(record: RecordSet) -> Lead:
    routing, target = record.routing, record.target
    to = target.name if isinstance(target, AliasTarget) else f"load balancer of {target.shown} in {target.member}"
    return Lead(
        name=record.name,
        to=to,
        identifier=routing.identifier if routing else "",
        policy=routing.policy if routing else "",
        weight=routing.weight if routing else None,
        weighs=record.weighs,
        reasons=record.reasons,
    )
