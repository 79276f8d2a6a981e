"""A cluster that is created through AWS's API is a real one: tokens, nodes, load balancers, and its end."""

import json
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.kube import eks
from tests.sandbox.waiting import wait_for

pytestmark = pytest.mark.sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    cloud: Cloud
    name: str
    context: str
    kubeconfig: str

    def kubectl(self, *arguments: str, stdin: str = "") -> str:
        command = ["kubectl", "--kubeconfig", self.kubeconfig, "--context", self.context, *arguments]
        # Nothing of the sandbox's variables: the kubeconfig must be enough.
        environment = {"PATH": "/usr/bin:/bin:" + str(self.cloud.place.programs), "HOME": "/nonexistent"}
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, *what: str) -> Any:
        return json.loads(self.kubectl("get", *what, "-o", "json"))


@pytest.fixture(scope="module")
def cluster(cloud: Cloud, worker_id: str) -> Iterator[Joined]:
    name = f"kube-{worker_id}"
    eks.create(cloud, name, nodes=3)
    path = cloud.place.folder.parent / f"{name}.kubeconfig"
    path.write_bytes(cloud.kubeconfig().read_bytes())
    yield Joined(cloud=cloud, name=name, context=f"{name}-member", kubeconfig=str(path))
    eks.delete(cloud, name)


def service(name: str, annotations: dict[str, str]) -> str:
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "annotations": annotations},
            "spec": {"type": "LoadBalancer", "selector": {"app": name}, "ports": [{"port": 80}]},
        }
    )


def hostname(cluster: Joined, *what: str) -> str:
    ingress = cluster.get(*what)["status"]["loadBalancer"].get("ingress", [])
    return str(ingress[0]["hostname"]) if ingress else ""


def test_its_creator_enters_by_a_token_as_its_administrator(cluster: Joined) -> None:
    who = json.loads(cluster.kubectl("auth", "whoami", "-o", "json"))["status"]["userInfo"]
    assert "system:masters" in who["groups"]
    assert who["username"].startswith("arn:aws:iam::123456789012:")


def test_a_node_group_is_so_many_ready_nodes(cluster: Joined) -> None:
    def ready() -> list[dict[str, Any]]:
        conditions = [(node, node["status"].get("conditions", [])) for node in cluster.get("nodes")["items"]]
        return [
            node
            for node, found in conditions
            if {"Ready": "True"}.items() <= {c["type"]: c["status"] for c in found}.items()
        ]

    wait_for(lambda: len(ready()) == 3)
    labels = [node["metadata"]["labels"] for node in ready()]
    assert {one["topology.kubernetes.io/zone"] for one in labels} == {"us-west-2a", "us-west-2b"}
    assert {one["topology.kubernetes.io/region"] for one in labels} == {"us-west-2"}
    assert {(one["team"], one["node.kubernetes.io/instance-type"]) for one in labels} == {("web", "t3.large")}
    assert {node["status"]["capacity"]["cpu"] for node in ready()} == {"2"}


def test_scaling_the_node_group_adds_and_removes_nodes_at_its_end(cluster: Joined) -> None:
    def scale(count: int) -> None:
        config = {"minSize": 0, "maxSize": 10, "desiredSize": count}
        api = cluster.cloud.aws("eks", eks.REGION)
        api.update_nodegroup_config(clusterName=cluster.name, nodegroupName="main", scalingConfig=config)
        wait_for(lambda: len(cluster.get("nodes")["items"]) == count)

    def names() -> set[str]:
        return {node["metadata"]["name"] for node in cluster.get("nodes")["items"]}

    scale(3)
    before = names()
    scale(5)
    assert before < names()
    scale(3)
    assert names() == before


def test_pods_run_on_its_nodes(cluster: Joined) -> None:
    cluster.kubectl("create", "deployment", "web", "--image=nginx", "--replicas=4")
    cluster.kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    cluster.kubectl("delete", "deployment", "web")


def test_a_service_gets_a_network_load_balancer_in_aws_and_an_address(cluster: Joined) -> None:
    annotation = {"service.beta.kubernetes.io/aws-load-balancer-type": "nlb"}
    cluster.kubectl("apply", "-f", "-", stdin=service("nlb", annotation))
    wait_for(lambda: hostname(cluster, "service", "nlb") != "")
    name = hostname(cluster, "service", "nlb")
    api = cluster.cloud.aws("elbv2", eks.REGION)
    found = {one["DNSName"]: one for one in api.describe_load_balancers()["LoadBalancers"]}
    assert found[name]["Type"] == "network"
    tags = api.describe_tags(ResourceArns=[found[name]["LoadBalancerArn"]])["TagDescriptions"][0]["Tags"]
    assert {"Key": "kubernetes.io/service-name", "Value": "default/nlb"} in tags
    assert {"Key": f"kubernetes.io/cluster/{cluster.name}", "Value": "owned"} in tags
    assert cluster.cloud.ask("status")["addresses"][name].startswith("127.")
    cluster.kubectl("delete", "service", "nlb")
    assert name not in {one["DNSName"] for one in api.describe_load_balancers()["LoadBalancers"]}
    assert name not in cluster.cloud.ask("status")["addresses"]


def test_without_the_annotation_it_is_a_classic_one(cluster: Joined) -> None:
    cluster.kubectl("apply", "-f", "-", stdin=service("classic", {}))
    wait_for(lambda: hostname(cluster, "service", "classic") != "")
    name = hostname(cluster, "service", "classic")
    api = cluster.cloud.aws("elb", eks.REGION)
    assert name in {one["DNSName"] for one in api.describe_load_balancers()["LoadBalancerDescriptions"]}
    cluster.kubectl("delete", "service", "classic")
    assert name not in {one["DNSName"] for one in api.describe_load_balancers()["LoadBalancerDescriptions"]}


def test_deleting_it_ends_its_processes_and_frees_its_port(cloud: Cloud, worker_id: str) -> None:
    name = f"short-lived-{worker_id}"
    endpoint = eks.create(cloud, name)["endpoint"]
    port = int(endpoint.rpartition(":")[2])
    eks.delete(cloud, name)
    assert name not in {one["name"] for one in cloud.ask("status")["clusters"]}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    assert list(cloud.place.folder.glob(f"clusters/*{name}")) == []
