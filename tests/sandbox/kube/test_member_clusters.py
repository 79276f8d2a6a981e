"""A cluster that is not EKS is entered by certificate, lost and restored."""

import ssl

import httpx
import pytest

from sandbox import processes, state
from sandbox.errors import SandboxError
from tests.sandbox import cloud as running
from tests.sandbox.cloud import Cloud, MemberCluster
from tests.sandbox.waiting import wait_for

pytestmark = pytest.mark.sandbox


def test_its_nodes_are_ready_and_say_where_they_are(kubeconfig_cluster: MemberCluster) -> None:
    with kubeconfig_cluster.connect() as client:
        wait_for(lambda: len(client.get("/api/v1/nodes").json()["items"]) == 2)
        labels = [node["metadata"]["labels"] for node in client.get("/api/v1/nodes").json()["items"]]
    assert {one["topology.kubernetes.io/region"] for one in labels} == {"local"}


def test_without_a_certificate_nothing_is_answered(kubeconfig_cluster: MemberCluster) -> None:
    with kubeconfig_cluster.connect() as client:
        server = str(client.base_url)
    context = ssl.create_default_context(cafile=kubeconfig_cluster.kubeconfig.parent / "ca.crt")
    with httpx.Client(base_url=server, verify=context, trust_env=False) as stranger:
        assert stranger.get("/api/v1/namespaces").status_code == 403


def test_another_clusters_certificate_does_not_open_it(cloud: Cloud, kubeconfig_cluster: MemberCluster) -> None:
    other = running.member(cloud, "stranger", nodes=0)
    with kubeconfig_cluster.connect() as client:
        server = str(client.base_url)
    context = ssl.create_default_context(cafile=kubeconfig_cluster.kubeconfig.parent / "ca.crt")
    context.load_cert_chain(other.kubeconfig.parent / "admin.crt", other.kubeconfig.parent / "admin.key")
    with httpx.Client(base_url=server, verify=context, trust_env=False) as client:
        assert client.get("/api/v1/namespaces").status_code in (401, 403)
    cloud.ask("cluster-delete", name="stranger")


def test_a_pod_that_the_node_controller_has_marked_becomes_ready_again(kubeconfig_cluster: MemberCluster) -> None:
    pod = {"metadata": {"name": "marked"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}
    path = "/api/v1/namespaces/default/pods"
    with kubeconfig_cluster.connect() as client:

        def ready() -> tuple[str, str]:
            conditions = client.get(f"{path}/marked").json()["status"].get("conditions", [])
            found = [
                (str(each["status"]), str(each.get("reason", ""))) for each in conditions if each["type"] == "Ready"
            ]
            return found[0] if found else ("", "")

        client.post(path, json=pod).raise_for_status()
        wait_for(lambda: ready()[0] == "True")
        mark = {"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "NodeNotReady"}]}}
        headers = {"Content-Type": "application/strategic-merge-patch+json"}
        client.patch(f"{path}/marked/status", json=mark, headers=headers).raise_for_status()
        wait_for(lambda: ready()[0] == "True")
        client.delete(f"{path}/marked").raise_for_status()


def test_a_lost_cluster_comes_back_with_its_objects(cloud: Cloud, worker_id: str) -> None:
    lost = running.member(cloud, f"lost-{worker_id}", nodes=1)
    with lost.connect() as client:
        client.post("/api/v1/namespaces", json={"metadata": {"name": "kept"}}).raise_for_status()
        cloud.ask("cluster-stop", name=lost.name)
        with pytest.raises(httpx.TransportError):
            client.get("/api/v1/namespaces/kept")
    status = {one["name"]: one["status"] for one in cloud.ask("status")["clusters"]}
    assert status[lost.name] == "STOPPED"
    cloud.ask("cluster-start", name=lost.name)
    with lost.connect() as client:
        assert client.get("/api/v1/namespaces/kept").is_success
    cloud.ask("cluster-delete", name=lost.name)


def test_a_cluster_whose_api_server_was_killed_is_seen_as_broken_and_started_again(
    cloud: Cloud, worker_id: str
) -> None:
    broken = running.member(cloud, f"broken-{worker_id}", nodes=0)

    def status() -> str:
        return str({one["name"]: one["status"] for one in cloud.ask("status")["clusters"]}[broken.name])

    written = state.load(cloud.place.state)
    assert written is not None
    servers = {child.what: child.identity for child in written.children}
    processes.end([servers[f"member-{broken.name} apiserver"]])
    wait_for(lambda: status() == "BROKEN")
    cloud.ask("cluster-start", name=broken.name)
    assert status() == "ACTIVE"
    cloud.ask("cluster-delete", name=broken.name)


def test_a_name_is_taken_once(cloud: Cloud, kubeconfig_cluster: MemberCluster) -> None:
    with pytest.raises(SandboxError, match="exists already"):
        cloud.ask("cluster-create", name=kubeconfig_cluster.name, region="local", zone="local-a", nodes=1)


def test_an_unknown_name_is_answered_with_those_there_are(cloud: Cloud, kubeconfig_cluster: MemberCluster) -> None:
    with pytest.raises(SandboxError, match=rf"no cluster nowhere \(clusters: .*{kubeconfig_cluster.name}"):
        cloud.ask("cluster-delete", name="nowhere")
