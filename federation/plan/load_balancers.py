"""Where does the load balancer of a Service or an Ingress answer? Its ``status`` says, as the member last reported it.

Several may stand there; the first one counts, everywhere.
"""

__all__ = ["address", "hostname"]


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
