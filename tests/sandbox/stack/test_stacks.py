"""Every stack comes up whole, beside the others, and goes down again without touching them.

What stands is asked of the members' API servers and of AWS, never of the project's own reports.
"""

import ipaddress
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from federation.operations.project import settings
from federation.plan.model import names
from sandbox.place import CHECKOUT
from tests.sandbox.cloud import Cloud

REPLICAS: Mapping[str, Mapping[str, int]] = {
    "staging": {"ap-northeast": 3, "us-west": 12},
    "prod": {"ap-northeast": 3, "eu-west": 4, "us-east": 4, "us-west": 4},
}
REGIONS = {"ap-northeast": "ap-northeast-1", "eu-west": "eu-west-1", "us-east": "us-east-1", "us-west": "us-west-2"}
ZONES = {"staging": "staging.fed.example.com", "prod": "fed.example.com"}

HOST = "shop.staging.fed.example.com"
INGRESS = """
apiVersion: types.kubefed.io/v1beta1
kind: FederatedIngress
metadata: {name: web, namespace: demo}
spec:
  template:
    metadata: {annotations: {alb.ingress.kubernetes.io/scheme: internet-facing}}
    spec:
      ingressClassName: alb
      rules:
        - host: shop.staging.fed.example.com
          http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
  placement: {clusterSelector: {}}
---
apiVersion: multiclusterdns.kubefed.io/v1alpha1
kind: IngressDNSRecord
metadata: {name: web, namespace: demo}
spec: {hosts: [shop.staging.fed.example.com]}
"""

stacks_of_the_sandbox = pytest.mark.xdist_group("stacks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The project with all its stacks, in a folder and with a backend of its own."""

    folder: Path
    cloud: Cloud
    environment: Mapping[str, str] = field(repr=False)
    previews: dict[str, str] = field(default_factory=dict, repr=False)

    def pulumi(self, stack: str, *arguments: str) -> str:
        """Run Pulumi on a stack and return what it wrote; fails the test when it fails."""
        command = ["pulumi", *arguments, "--stack", stack, "--non-interactive", "--color=never"]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def output(self, stack: str, name: str) -> Any:
        return json.loads(self.pulumi(stack, "stack", "output", name, "--json", "--show-secrets"))

    def deployment(self, stack: str, member: str) -> Any:
        """The demonstration's Deployment in a member."""
        return self.live(stack, member, "deployment")

    def live(self, stack: str, member: str, kind: str) -> Any:
        """The demonstration's object of a kind in a member, as kubectl shows it by the stack's own kubeconfig."""
        path = self.folder / f"{stack}.{member}.kubeconfig"
        if not path.exists():
            path.write_text(self.output(stack, "kubeconfigs")[member])
        command = ["kubectl", "--kubeconfig", str(path), "-n", "demo", "get", kind, "web", "-o", "json"]
        done = subprocess.run(command, env=dict(self.environment), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def ready(self, stack: str) -> dict[str, int]:
        return {name: self.deployment(stack, name)["status"]["readyReplicas"] for name in REPLICAS[stack]}

    def ranges(self, stack: str) -> list[str]:
        """The ranges of the VPCs that AWS has for a stack."""
        tag = {"Name": "tag:eks-federation/stack", "Values": [stack]}
        return [
            vpc["CidrBlock"]
            for region in sorted(REGIONS.values())
            for vpc in self.cloud.aws("ec2", region).describe_vpcs(Filters=[tag])["Vpcs"]
        ]

    def clusters(self, stack: str) -> list[str]:
        found = [
            name
            for region in sorted(REGIONS.values())
            for name in self.cloud.aws("eks", region).list_clusters()["clusters"]
        ]
        return sorted(name for name in found if name.startswith(f"atlas-{stack}-"))

    def zones(self) -> set[str]:
        return {zone["Name"].rstrip(".") for zone in self.cloud.aws("route53").list_hosted_zones()["HostedZones"]}

    def weights(self, stack: str) -> dict[str, int]:
        """The weights by region of the demonstration's global name."""
        found = self.records(stack, f"_weighted.web.demo.atlas.svc.{ZONES[stack]}")
        return {each["SetIdentifier"]: each["Weight"] for each in found}

    def records(self, stack: str, name: str) -> list[Any]:
        """The record sets of one name in the stack's zone."""
        sets = self.cloud.aws("route53").list_resource_record_sets(HostedZoneId=self.output(stack, "zoneId"))
        return [each for each in sets["ResourceRecordSets"] if each["Name"].rstrip(".") == name]


def make(folder: Path, cloud: Cloud) -> Project:
    home = folder / "project"
    home.mkdir()
    (folder / "state").mkdir()
    for source in [CHECKOUT / "Pulumi.yaml", CHECKOUT / "__main__.py", *CHECKOUT.glob("Pulumi.*.yaml")]:
        shutil.copy(source, home)
    for name in ("stacks", ".venv"):
        (home / name).symlink_to(CHECKOUT / name)
    (home / "ingress.yaml").write_text(INGRESS)
    staging = home / "Pulumi.staging.yaml"
    staging.write_text(staging.read_text() + "  eks-federation:workloads: [stacks/workloads, ingress.yaml]\n")
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    environment = {**kept, **cloud.environment, "PULUMI_BACKEND_URL": f"file://{folder / 'state'}"}
    return Project(folder=home, cloud=cloud, environment=environment)


@pytest.fixture(scope="module")
def project(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Both stacks, brought up at the same time; one goes down while the other stands, then that one."""
    made = make(tmp_path_factory.mktemp("stacks"), cloud)

    def bring_up(stack: str) -> None:
        made.pulumi(stack, "stack", "init")
        if stack == "staging":  # which is done before the other, and so has the time
            made.previews[stack] = made.pulumi(stack, "preview")
        made.pulumi(stack, "up", "--yes", "--skip-preview")

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(bring_up, REPLICAS))
    yield made
    made.pulumi("staging", "state", "unprotect", "--all", "--yes")
    made.pulumi("staging", "destroy", "--yes", "--skip-preview")
    assert made.clusters("staging") == made.ranges("staging") == []
    assert made.ready("prod") == REPLICAS["prod"]
    assert ZONES["staging"] not in made.zones()
    made.pulumi("prod", "state", "unprotect", "--all", "--yes")
    made.pulumi("prod", "destroy", "--yes", "--skip-preview")
    assert made.clusters("prod") == made.ranges("prod") == []
    assert ZONES["prod"] not in made.zones()


@pytest.mark.sandbox
@stacks_of_the_sandbox
def test_every_member_of_both_stacks_runs_its_share_beside_the_other(project: Project) -> None:
    assert {stack: project.ready(stack) for stack in REPLICAS} == REPLICAS


@pytest.mark.sandbox
@stacks_of_the_sandbox
def test_the_override_for_us_east_is_in_effect_where_the_stack_has_it_and_nowhere_else(project: Project) -> None:
    def image(stack: str, member: str) -> str:
        containers = project.deployment(stack, member)["spec"]["template"]["spec"]["containers"]
        return str(containers[0]["image"])

    images = {(stack, member): image(stack, member) for stack, members in REPLICAS.items() for member in members}
    assert [key for key, name in images.items() if name == "nginx:1.29-alpine"] == [("prod", "us-east")]
    assert set(images.values()) == {"nginx:1.28-alpine", "nginx:1.29-alpine"}


@pytest.mark.sandbox
@stacks_of_the_sandbox
def test_a_preview_says_which_names_the_stack_does_not_have(project: Project) -> None:
    assert "Deployment demo/web names us-east, which is not in stack staging" in project.previews["staging"]


@pytest.mark.sandbox
@stacks_of_the_sandbox
def test_each_stack_has_a_zone_with_the_weights_of_its_own_regions(project: Project) -> None:
    weights = {stack: project.weights(stack) for stack in REPLICAS}
    assert weights == {
        stack: {REGIONS[member]: count for member, count in members.items()} for stack, members in REPLICAS.items()
    }


@pytest.mark.sandbox
@stacks_of_the_sandbox
def test_an_ingress_host_leads_to_the_application_load_balancers_by_the_replicas_behind(project: Project) -> None:
    (public,) = project.records("staging", HOST)
    assert public["AliasTarget"]["DNSName"].rstrip(".") == f"_weighted.{HOST}"
    found = {each["SetIdentifier"]: each for each in project.records("staging", f"_weighted.{HOST}")}
    assert {name: each["Weight"] for name, each in found.items()} == REPLICAS["staging"]
    outputs = project.output("staging", "members")
    for member in REPLICAS["staging"]:
        ingress = project.live("staging", member, "ingress")["status"]["loadBalancer"]["ingress"][0]["hostname"]
        balancers = project.cloud.aws("elbv2", REGIONS[member]).describe_load_balancers()["LoadBalancers"]
        (balancer,) = (each for each in balancers if each["DNSName"].lower() == ingress.lower())
        assert balancer["Type"] == "application"
        alias = found[member]["AliasTarget"]
        assert alias["DNSName"].rstrip(".").lower() == ingress.lower()
        assert (alias["HostedZoneId"], alias["EvaluateTargetHealth"]) == (balancer["CanonicalHostedZoneId"], True)
        assert outputs[member]["loadBalancers"]["demo/Ingress/web"].lower() == ingress.lower()


@pytest.mark.sandbox
@stacks_of_the_sandbox
def test_the_stacks_have_clusters_and_networks_of_their_own(project: Project) -> None:
    for stack, members in REPLICAS.items():
        assert project.clusters(stack) == [f"atlas-{stack}-{member}" for member in members]
        assert len(project.ranges(stack)) == len(members)
    assert not overlapping([each for stack in REPLICAS for each in project.ranges(stack)])


@pytest.mark.sandbox
@stacks_of_the_sandbox
def test_plain_kubectl_reaches_members_of_the_same_name_by_stack_and_name(project: Project) -> None:
    merged = yaml.safe_load(project.cloud.kubeconfig().read_text())
    contexts = {each["name"] for each in merged["contexts"]}
    assert {f"{stack}/{member}" for stack, members in REPLICAS.items() for member in members} <= contexts
    assert "us-west" not in contexts


def overlapping(ranges: list[str]) -> list[tuple[str, str]]:
    pairs = itertools.combinations([ipaddress.ip_network(each) for each in ranges], 2)
    return [(str(one), str(other)) for one, other in pairs if one.overlaps(other)]


def test_no_two_stacks_share_a_range_a_zone_or_a_cluster() -> None:
    read = [settings.read_stack(CHECKOUT, name).federation for name in settings.stack_names(CHECKOUT)]
    assert {federation.stack for federation in read} == {"dev", "staging", "prod"}
    assert not overlapping([member.network.cidr for federation in read for member in federation.members])
    assert len({federation.zone for federation in read}) == len(read)
    clusters = [names.cluster(each.name, each.stack, member.name) for each in read for member in each.members]
    assert len(set(clusters)) == len(clusters)
