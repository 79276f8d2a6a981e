"""The main job, by a user's commands: three regional clusters, one application, DNS names that lead to it.

What stands is asked of the members' API servers and of AWS, not only of the project's own reports.
"""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.place import CHECKOUT
from tests.sandbox.cloud import Cloud

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("main-job")]

STACK = "dev"
REPLICAS = {"ap-northeast": 3, "us-east": 6, "us-west": 6}
REGIONS = {"ap-northeast": "ap-northeast-1", "us-east": "us-east-1", "us-west": "us-west-2"}
GLOBAL = "_weighted.web.demo.atlas.svc.dev.fed.example.com"


class Shell:
    """A user's shell in the checkout, after ``eval "$(fed sandbox env)"``."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        self.environment = {**kept, **cloud.environment, "EKS_FEDERATION_SANDBOX": str(cloud.place.folder)}

    def run(self, *command: str) -> str:
        answer = subprocess.run(
            command, cwd=CHECKOUT, env=self.environment, capture_output=True, text=True, check=False, timeout=600
        )
        assert answer.returncode == 0, f"{' '.join(command)}\n{answer.stdout}\n{answer.stderr}"
        return answer.stdout

    def json(self, *command: str) -> Any:
        return json.loads(self.run(*command))

    def kubectl(self, member: str, *arguments: str) -> Any:
        merged = self.run("fed", "sandbox", "kubeconfig").strip()
        return self.json("kubectl", "--kubeconfig", merged, "--context", f"{STACK}/{member}", *arguments, "-o", "json")

    def records(self) -> list[Mapping[str, Any]]:
        zone = self.json("pulumi", "stack", "output", "zoneId", "--json", "--stack", STACK)
        pages = self.cloud.aws("route53").get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
        return [record for page in pages for record in page["ResourceRecordSets"]]

    def health_checks(self) -> set[str]:
        """The health checks of the whole account, those of other stacks too."""
        pages = self.cloud.aws("route53").get_paginator("list_health_checks").paginate()
        return {check["Id"] for page in pages for check in page["HealthChecks"]}


def checks(records: Iterable[Mapping[str, Any]]) -> set[str]:
    """The health checks that records name."""
    return {record["HealthCheckId"] for record in records if "HealthCheckId" in record}


def tracked() -> str:
    return subprocess.run(["git", "status", "--porcelain"], cwd=CHECKOUT, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def shell(cloud: Cloud) -> Iterator[Shell]:
    """The stack, up; destroyed at the end, and with it everything that it made."""
    made = Shell(cloud)
    before = tracked()
    made.run("pulumi", "stack", "select", "--create", STACK)
    made.run("pulumi", "preview", "--stack", STACK)
    made.run("pulumi", "up", "--yes", "--skip-preview", "--stack", STACK)
    yield made
    made.run("pulumi", "state", "unprotect", "--all", "--yes", "--stack", STACK)
    made.run("pulumi", "destroy", "--yes", "--skip-preview", "--stack", STACK)
    left = [
        f"{region} {name}"
        for region in REGIONS.values()
        for name in cloud.aws("eks", region).list_clusters()["clusters"]
        if name.startswith("atlas-dev-")
    ]
    assert not left
    assert tracked() == before


def test_every_member_runs_its_share_and_all_of_it_is_ready(shell: Shell) -> None:
    ready = {name: shell.kubectl(name, "-n", "demo", "get", "deploy", "web")["status"] for name in REPLICAS}
    assert {name: each["readyReplicas"] for name, each in ready.items()} == REPLICAS


def test_nodes_carry_their_region_and_the_zones_that_the_stack_names(shell: Shell) -> None:
    labels = [each["metadata"]["labels"] for each in shell.kubectl("us-east", "get", "nodes")["items"]]
    assert len(labels) == 3
    assert {each["topology.kubernetes.io/region"] for each in labels} == {"us-east-1"}
    assert {each["topology.kubernetes.io/zone"] for each in labels} == {"us-east-1a", "us-east-1b"}


def test_the_override_is_in_effect_in_us_east_alone(shell: Shell) -> None:
    images = {
        name: shell.kubectl(name, "-n", "demo", "get", "deploy", "web")["spec"]["template"]["spec"]["containers"][0]
        for name in REPLICAS
    }
    assert {name: each["image"] for name, each in images.items()} == {
        "ap-northeast": "nginx:1.28-alpine",
        "us-east": "nginx:1.29-alpine",
        "us-west": "nginx:1.28-alpine",
    }


def test_the_world_is_divided_by_planned_replicas(shell: Shell) -> None:
    weights = {
        record["SetIdentifier"]: record["Weight"] for record in shell.records() if record["Name"].rstrip(".") == GLOBAL
    }
    assert weights == {REGIONS[name]: count for name, count in REPLICAS.items()}


def test_each_region_s_name_leads_to_the_load_balancer_of_its_own_member(shell: Shell) -> None:
    records = {record["Name"].rstrip("."): record for record in shell.records() if "AliasTarget" in record}
    for member, region in REGIONS.items():
        name = f"_weighted.web.demo.atlas.svc.{region}.dev.fed.example.com"
        service = shell.kubectl(member, "-n", "demo", "get", "service", "web")
        hostname = service["status"]["loadBalancer"]["ingress"][0]["hostname"]
        assert records[name]["AliasTarget"]["DNSName"].rstrip(".").lower() == hostname.lower()
        balancers = shell.cloud.aws("elbv2", region).describe_load_balancers()["LoadBalancers"]
        found = {each["DNSName"].lower(): each["Type"] for each in balancers}
        assert found[hostname.lower()] == "network"


def test_status_says_what_stands_beside_what_is_planned(shell: Shell) -> None:
    status = shell.json("fed", "status", "--stack", STACK, "--output", "json")
    assert status["asPlanned"] is True
    counted = {
        member["name"]: [(each["planned"], each["ready"]) for each in member["objects"] if each["kind"] == "Deployment"]
        for member in status["members"]
    }
    assert counted == {name: [(count, count)] for name, count in REPLICAS.items()}
    weights = {each["name"]: each["weights"] for each in status["dns"]}
    assert weights[GLOBAL] == {REGIONS[name]: count for name, count in REPLICAS.items()}


def test_a_second_run_changes_nothing_and_neither_does_a_refresh(shell: Shell) -> None:
    shell.run("pulumi", "preview", "--expect-no-changes", "--stack", STACK)
    shell.run("pulumi", "up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", STACK)
    shell.run("pulumi", "refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", STACK)


def test_outputs_tell_where_members_are_and_hide_how_to_get_in(shell: Shell) -> None:
    outputs = shell.json("pulumi", "stack", "output", "--json", "--stack", STACK)
    assert {name: each["region"] for name, each in outputs["members"].items()} == REGIONS
    assert all(each["endpoint"].startswith("https://127.") for each in outputs["members"].values())
    assert all(each["loadBalancers"]["demo/web"] for each in outputs["members"].values())
    assert outputs["kubeconfigs"] == "[secret]" or set(outputs["kubeconfigs"].values()) == {"[secret]"}
    assert "web.demo.atlas.svc.dev.fed.example.com" in outputs["dnsNames"]
    plan = shell.json("fed", "plan", "--stack", STACK, "--output", "json")
    assert outputs["planDigest"] == plan["digest"]
    assert plan["summary"]["nothing"] is True
    assert plan["summary"]["records"]["same"] == len(plan["records"]) > 0


def test_one_kubeconfig_leads_into_every_member(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "members"
    shell.run("fed", "kubeconfig", "--stack", STACK, "--out", str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    for member, count in {"ap-northeast": 2, "us-east": 3, "us-west": 3}.items():
        nodes = shell.json("kubectl", "--kubeconfig", str(path), "--context", member, "get", "nodes", "-o", "json")
        assert len(nodes["items"]) == count


def test_no_token_is_kept_in_the_state(shell: Shell) -> None:
    state = shell.run("pulumi", "stack", "export", "--show-secrets", "--stack", STACK)
    assert "k8s-aws-v1." not in state
    assert shell.environment["AWS_SECRET_ACCESS_KEY"] not in state


def test_a_held_member_leaves_dns_keeps_what_it_has_and_comes_back(shell: Shell) -> None:
    key, update = "eks-federation:members.us-east.available", ("pulumi", "up", "--yes", "--skip-preview")
    before = shell.kubectl("us-east", "-n", "demo", "get", "deploy", "web")["metadata"]["generation"]
    checked = checks(shell.records())
    (lost,) = checks(each for each in shell.records() if each.get("SetIdentifier") == "us-east")
    assert len(checked) == 3
    shell.run("pulumi", "config", "set", "--path", key, "false", "--stack", STACK)
    try:
        shell.run(*update, "--stack", STACK)
        records = shell.records()
        weights = {each["SetIdentifier"]: each["Weight"] for each in records if each["Name"].rstrip(".") == GLOBAL}
        assert weights == {"ap-northeast-1": 3, "us-west-2": 12}
        assert not [each for each in records if each.get("SetIdentifier") == "us-east"]
        # Of its own checks alone: the account is shared with the stacks of other tests.
        assert checks(shell.records()) == checked - {lost}
        assert checked & shell.health_checks() == checked - {lost}
        ready = {name: shell.kubectl(name, "-n", "demo", "get", "deploy", "web")["status"] for name in REPLICAS}
        assert {name: each["readyReplicas"] for name, each in ready.items()} == {**REPLICAS, "us-west": 12}
    finally:
        shell.run("pulumi", "config", "rm", "--path", key, "--stack", STACK)
        shell.run(*update, "--stack", STACK)
    weights = {each["SetIdentifier"]: each["Weight"] for each in shell.records() if each["Name"].rstrip(".") == GLOBAL}
    assert weights == {REGIONS[name]: count for name, count in REPLICAS.items()}
    assert shell.kubectl("us-east", "-n", "demo", "get", "deploy", "web")["metadata"]["generation"] == before
