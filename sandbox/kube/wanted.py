"""Derive the load balancer that a Service or an Ingress requests.

It follows EKS: a Service of type LoadBalancer gets a classic one unless it carries the NLB annotation, and an Ingress
gets an application load balancer. Pure: objects in, values out.
"""

from typing import Any

from sandbox.kube import balancers
from sandbox.kube.balancers import Kind, Wanted

TYPE = "service.beta.kubernetes.io/aws-load-balancer-type"
INTERNAL = "service.beta.kubernetes.io/aws-load-balancer-internal"
SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme"
INGRESS_SCHEME = "alb.ingress.kubernetes.io/scheme"
SERVICE_FINALIZER = "service.kubernetes.io/load-balancer-cleanup"
INGRESS_FINALIZER = "ingress.k8s.aws/resources"
CONTROLLER_TYPES = ("external", "nlb-ip")


def finalizer(item: dict[str, Any]) -> str:
    """Return the finalizer that keeps an object until its load balancer is gone."""
    return INGRESS_FINALIZER if is_ingress(item) else SERVICE_FINALIZER


def is_ingress(item: dict[str, Any]) -> bool:
    """Return whether an object is an Ingress; lists omit the kind, so its shape decides."""
    return "rules" in item["spec"] or "defaultBackend" in item["spec"]


def balancer(item: dict[str, Any]) -> Wanted | None:
    """Return the load balancer that an object requests; None when it requests none or is being deleted."""
    if "deletionTimestamp" in item["metadata"]:
        return None
    return _of_ingress(item) if is_ingress(item) else _of_service(item)


def _of_service(item: dict[str, Any]) -> Wanted | None:
    if item["spec"].get("type") != "LoadBalancer":
        return None
    metadata = item["metadata"]
    annotations = metadata.get("annotations", {})
    asked = annotations.get(TYPE, "")
    kind: Kind = "network" if asked == "nlb" or asked in CONTROLLER_TYPES else "classic"
    by_controller = asked in CONTROLLER_TYPES
    name = (
        balancers.controller_name(metadata["namespace"], metadata["name"], metadata["uid"])
        if by_controller
        else balancers.cloud_provider_name(metadata["uid"])
    )
    # The load balancer controller's are internal unless told otherwise; the cloud provider's are not.
    internal = (
        annotations.get(SCHEME, "internal") == "internal"
        if by_controller
        else annotations.get(INTERNAL, "false") not in ("false", "")
    )
    ports = tuple((port["port"], port.get("nodePort", port["port"])) for port in item["spec"]["ports"])
    return Wanted(kind=kind, name=name, owner=_owner(item), ports=ports, internal=internal)


def _of_ingress(item: dict[str, Any]) -> Wanted:
    metadata = item["metadata"]
    scheme = metadata.get("annotations", {}).get(INGRESS_SCHEME, "internal")
    secure = ((443, 443),) if item["spec"].get("tls") else ()
    return Wanted(
        kind="application",
        name=balancers.controller_name(metadata["namespace"], metadata["name"], metadata["uid"]),
        owner=_owner(item),
        ports=((80, 80), *secure),
        internal=scheme == "internal",
    )


def _owner(item: dict[str, Any]) -> str:
    return f"{item['metadata']['namespace']}/{item['metadata']['name']}"
