"""Where does the load balancer of a Service or an Ingress answer? Its ``status`` says, as the member last reported it.

Several may stand there; the first one counts, everywhere.
"""

from collections.abc import Iterable

from federation.plan.model.plan import AliasTarget, PlannedObject, RecordSet

__all__ = ["address", "behind", "hostname"]


def behind(objects: Iterable[PlannedObject], records: Iterable[RecordSet]) -> frozenset[str]:
    """Which of ``objects`` are to have a load balancer, by logical name: Services that ask for one, and what
    ``records`` lead to. Any other Ingress is its controller's affair."""
    led_to = {each.target.object_name for each in records if not isinstance(each.target, AliasTarget)}
    return frozenset(each.logical_name for each in objects if each.load_balancer or each.logical_name in led_to)


def hostname(status: object) -> str:
    """The first load balancer's hostname; empty while there is none, or only an address."""
    match status:
        case {"loadBalancer": {"ingress": [{"hostname": str(found)}, *_]}}:
            return found
    return ""


def address(status: object) -> str:
    """The first load balancer's hostname, or its IP address where it has no hostname; empty while there is neither."""
    match status:
        case {"loadBalancer": {"ingress": [{"ip": str(found)}, *_]}}:
            return hostname(status) or found
    return hostname(status)
