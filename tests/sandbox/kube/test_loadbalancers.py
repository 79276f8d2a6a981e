"""A cluster's Services and Ingresses get their load balancers and give them back, also without AWS."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.sandbox.cloud import Cloud, MemberCluster
from tests.sandbox.waiting import wait_for

pytestmark = pytest.mark.sandbox
MERGE = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture
def api(kubeconfig_cluster: MemberCluster) -> Iterator[httpx.Client]:
    with kubeconfig_cluster.connect() as client:
        yield client


@pytest.fixture
def services(api: httpx.Client, worker_id: str) -> str:
    namespace = f"balanced-{worker_id}"
    api.post("/api/v1/namespaces", json={"metadata": {"name": namespace}})
    return f"/api/v1/namespaces/{namespace}/services"


def hostnames(item: dict[str, Any]) -> list[str]:
    return [entry["hostname"] for entry in item["status"]["loadBalancer"].get("ingress", [])]


def make(api: httpx.Client, services: str, name: str) -> str:
    spec = {"type": "LoadBalancer", "ports": [{"port": 80}]}
    api.post(services, json={"metadata": {"name": name}, "spec": spec}).raise_for_status()
    wait_for(lambda: hostnames(api.get(f"{services}/{name}").json()) != [])
    return hostnames(api.get(f"{services}/{name}").json())[0]


@pytest.mark.parametrize("propagation", ["Foreground", "Background"])
def test_a_deleted_service_gives_its_address_back(
    api: httpx.Client, services: str, cloud: Cloud, propagation: str
) -> None:
    hostname = make(api, services, propagation.lower())
    assert cloud.ask("status")["addresses"][hostname].startswith("127.")
    api.delete(f"{services}/{propagation.lower()}", params={"propagationPolicy": propagation}).raise_for_status()
    wait_for(lambda: api.get(f"{services}/{propagation.lower()}").status_code == 404)
    assert hostname not in cloud.ask("status")["addresses"]
    # Somebody else's finalizer in the list is no fault.
    assert "422" not in (cloud.place.logs / "supervisor.log").read_text()


def test_a_service_that_becomes_internal_gives_its_address_back(api: httpx.Client, services: str, cloud: Cloud) -> None:
    hostname = make(api, services, "internal")
    api.patch(f"{services}/internal", json={"spec": {"type": "ClusterIP"}}, headers=MERGE).raise_for_status()
    wait_for(lambda: "finalizers" not in api.get(f"{services}/internal").json()["metadata"])
    assert hostnames(api.get(f"{services}/internal").json()) == []
    assert hostname not in cloud.ask("status")["addresses"]


def test_an_ingress_gets_a_hostname(api: httpx.Client, services: str) -> None:
    path = services.replace("/api/v1", "/apis/networking.k8s.io/v1").replace("services", "ingresses")
    backend = {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}
    api.post(path, json={"metadata": {"name": "web"}, "spec": backend}).raise_for_status()
    wait_for(lambda: hostnames(api.get(f"{path}/web").json()) != [])
    api.delete(f"{path}/web").raise_for_status()
    wait_for(lambda: api.get(f"{path}/web").status_code == 404)
