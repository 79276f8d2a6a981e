"""Read the address of a load balancer from the ``status`` of its Service or Ingress.

A status may list several load balancers. The first one counts, everywhere.
"""

from collections.abc import Iterable

from federation.plan.model.plan import AliasTarget, PlannedObject, RecordSet

__all__ = ["address", "behind", "hostname"]


def behind(objects: Iterable[PlannedObject], records: Iterable[RecordSet]) -> frozenset[str]:
    """The logical names of the ``objects`` that need a load balancer: Services that request one, and the targets of
    ``records``. Whether any other Ingress gets one is up to its controller."""
    led_to = {each.target.object_name for each in records if not isinstance(each.target, AliasTarget)}
    return frozenset(each.logical_name for each in objects if each.load_balancer or each.logical_name in led_to)


def hostname(status: object) -> str:
    """The first load balancer's hostname; empty while there is none, or only an address."""
    match status:
        case {"loadBalancer": {"ingress": [{"hostname": str(name)}, *_]}}:
            return name
    return ""


def address(status: object) -> str:
    """The first load balancer's hostname, or its IP address where it has no hostname; empty while there is neither."""
    match status:
        case {"loadBalancer": {"ingress": [{"ip": str(name)}, *_]}}:
            return hostname(status) or name
    return hostname(status)
