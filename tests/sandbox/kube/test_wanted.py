from typing import Any

import pytest

from sandbox.kube import wanted

UID = "a4616c9a-e7dc-4e09-ac08-466cf81c55c1"


def service(*, kind: str = "LoadBalancer", deleted: bool = False, type_annotation: str = "") -> dict[str, Any]:
    annotations = {wanted.TYPE: type_annotation} if type_annotation else {}
    metadata: dict[str, Any] = {"namespace": "demo", "name": "web", "uid": UID, "annotations": annotations}
    if deleted:
        metadata["deletionTimestamp"] = "2024-01-01T00:00:00Z"
    return {"metadata": metadata, "spec": {"type": kind, "ports": [{"port": 80, "nodePort": 31000}]}}


def test_a_plain_service_gets_a_classic_one_as_on_eks() -> None:
    asked = wanted.balancer(service())
    assert asked is not None
    assert (asked.kind, asked.internal, asked.ports) == ("classic", False, ((80, 31000),))
    assert asked.name == "aa4616c9ae7dc4e09ac08466cf81c55c"


@pytest.mark.parametrize(("annotation", "internal"), [("nlb", False), ("external", True), ("nlb-ip", True)])
def test_the_nlb_annotation_gets_a_network_one(annotation: str, internal: bool) -> None:
    asked = wanted.balancer(service(type_annotation=annotation))
    assert asked is not None
    assert (asked.kind, asked.internal) == ("network", internal)
    assert len(asked.name) <= 32


@pytest.mark.parametrize("item", [service(kind="ClusterIP"), service(kind="NodePort"), service(deleted=True)])
def test_other_services_get_none(item: dict[str, Any]) -> None:
    assert wanted.balancer(item) is None


def test_an_ingress_gets_an_application_one() -> None:
    metadata = {"namespace": "demo", "name": "web", "uid": UID}
    asked = wanted.balancer({"metadata": metadata, "spec": {"defaultBackend": {}, "tls": [{}]}})
    assert asked is not None
    assert (asked.kind, asked.ports, asked.internal) == ("application", ((80, 80), (443, 443)), True)
