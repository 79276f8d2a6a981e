"""A lost region stops no update: its APIs and its cluster are gone, and other EKS members are updated.

Both regions are this file's own: whoever else runs in the sandbox is not touched when one of them fails.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

# One group: the stack is made once, and its tests go by what the one before has left.
pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("lost-region")]

REGION = "eu-north-1"
REGIONS = {"gone": REGION, "stays": "eu-west-3"}
ZONE = "lost.fed.example.com"
WHERE = "shop"
SECONDS = 60.0
REPLICAS = 6
NOBODY: Mapping[str, str] = {}
OTHER_APIS = ["autoscaling", "ec2", "eks", "elasticloadbalancing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack with two members on EKS, and the cloud that it stands in."""

    project: Project
    cloud: Cloud

    def members(
        self,
        *,
        federation: Mapping[str, Any] | None = None,
        leaving: str = "",
        renamed: Mapping[str, str] = NOBODY,
        **gone: Any,
    ) -> None:
        """Write the config; ``gone`` is what the member in the region that fails has beside its region, ``renamed`` its
        new name, and ``federation`` what the federation has beside its name. The member ``leaving`` is in it no more,
        and may go."""
        network = {name: {"cidr": f"10.{90 + number}.0.0/16"} for number, name in enumerate(REGIONS)}
        small = {"desired": 1, "min": 1, "max": 3}
        members: dict[str, Any] = {
            name: {
                "provider": "eks",
                "region": region,
                "kubernetesVersion": "1.34",
                "nodes": small,
                "network": network[name],
            }
            for name, region in REGIONS.items()
        }
        members["gone"] |= gone
        members = {renamed.get(name, name): each for name, each in members.items()}
        self.project.config(
            members={name: each for name, each in members.items() if name != leaving},
            federation={"name": "lost", "zone": ZONE, **(federation or {})},
            dns={"provider": "route53"},
            plan={"unjoin": [leaving] if leaving else []},
        )

    def application(self, greeting: str, *others: str) -> None:
        """Write the workload, and ConfigMaps of the names of ``others``."""
        preference = documents.preference(WHERE, "web")
        preference["spec"] |= {"totalReplicas": REPLICAS, "clusters": {"*": {"weight": 1}}}
        domain = {
            "apiVersion": "multiclusterdns.kubefed.io/v1alpha1",
            "kind": "Domain",
            "metadata": {"name": "lost", "namespace": "kube-federation-system"},
            "domain": ZONE,
        }
        record = {
            "apiVersion": "multiclusterdns.kubefed.io/v1alpha1",
            "kind": "ServiceDNSRecord",
            "metadata": {"name": "web", "namespace": WHERE},
            "spec": {"domainRef": "lost", "recordTTL": 60},
        }
        web = (documents.deployment(WHERE, "web"), documents.service(WHERE, "web"), preference, domain, record)
        maps = (documents.config_map(WHERE, name, a="1") for name in others)
        greeted = documents.config_map(WHERE, "web", greeting=greeting)
        self.project.write("web", documents.text(documents.namespace(WHERE), greeted, *web, *maps))

    def up(self, *arguments: str, fails: bool = False) -> str:
        """Update within the time that a lost region may cost."""
        started = time.monotonic()
        printed = self.project.up(*arguments, fails=fails)
        taken = time.monotonic() - started
        assert taken < SECONDS, f"{taken:.0f} s\n{printed}"
        return printed

    def refreshed(self) -> str:
        """Update by `fed up --refresh`, within the same time."""
        started = time.monotonic()
        printed = self.project.run("sh", "-c", "fed up --refresh --yes --skip-preview --stack dev 2>&1")
        assert time.monotonic() - started < SECONDS, printed
        return printed

    def kubectl(self, member: str, *arguments: str) -> str:
        """Ask by the way of the cluster's own administrator."""
        clusters = {each["name"]: each for each in self.cloud.ask("status")["clusters"]}
        path = clusters[f"lost-dev-{member}"]["kubeconfig"]
        return self.project.run("kubectl", "--kubeconfig", path, "-n", WHERE, *arguments)

    def get(self, member: str, kind: str, name: str) -> Any:
        """An object of the workload."""
        return json.loads(self.kubectl(member, "get", kind, name, "-o", "json"))

    def resources(self, member: str) -> dict[str, Any]:
        """What the state knows of all that belongs to a member."""
        state = json.loads(self.project.pulumi("stack", "export", "--show-secrets"))["deployment"]
        return {
            each["urn"]: {key: each.get(key) for key in ("id", "inputs", "outputs", "initErrors", "delete")}
            for each in state["resources"]
            if f"::{member}" in each["urn"] and "Membership" not in each["type"]
        }

    def ready(self, member: str) -> int:
        """How many replicas are ready."""
        return int(self.get(member, "deployment", "web")["status"].get("readyReplicas", 0))

    def identifiers(self) -> set[str]:
        """Which members and regions have a part in the zone's names."""
        zone = json.loads(self.project.pulumi("stack", "output", "--json"))["zoneId"]
        sets = self.cloud.aws("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        return {each["SetIdentifier"] for each in sets if "SetIdentifier" in each}

    def requests(self) -> Mapping[str, int]:
        """How often each service of the region that fails was asked."""
        found = self.cloud.ask("status")["requests"]
        return {each["service"]: each["count"] for each in found if each["region"] == REGION}

    def nodes(self) -> int:
        """The size that the lost region's node group is to have."""
        eks = self.cloud.aws("eks", REGION)
        (name,) = eks.list_nodegroups(clusterName="lost-dev-gone")["nodegroups"]
        group = eks.describe_nodegroup(clusterName="lost-dev-gone", nodegroupName=name)["nodegroup"]
        return int(group["scalingConfig"]["desiredSize"])


@pytest.fixture(scope="module")
def stack(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    made = Stack(project=harness.make(tmp_path_factory.mktemp("lost"), cloud, {}), cloud=cloud)
    made.members()
    made.application("hello", "old")
    made.project.up()
    yield made
    if any(each["region"] == REGION for each in cloud.ask("status")["failing"]):
        cloud.ask("heal", name=REGION)
    made.project.pulumi("state", "unprotect", "--all", "--yes")
    made.project.pulumi("destroy", "--yes", "--skip-preview")


def changed(printed: str) -> dict[str, str]:
    """What an update says that it did: resource -> operation."""
    lines = re.findall(r"^ .. \S+ (\S+) (created|updated|deleted|replaced) \(", printed, re.MULTILINE)
    return dict(lines)


def test_a_held_members_region_is_asked_nothing_and_what_waited_is_done_once_it_is_back(stack: Stack) -> None:
    assert (stack.ready("gone"), stack.ready("stays")) == (3, 3)
    before = stack.requests()
    stack.cloud.ask("fail", name=REGION, clusters=True)
    stack.members(available=False, nodes={"desired": 2, "min": 1, "max": 3}, zones=["eu-north-1b", "eu-north-1c"])
    stack.application("good evening", "old")
    stack.up()
    assert stack.ready("stays") == REPLICAS
    assert stack.get("stays", "configmap", "web")["data"] == {"greeting": "good evening"}
    assert {each for each in stack.identifiers() if "gone" in each or REGION in each} == set()

    stack.cloud.ask("fail", name=REGION, how="hang")
    stack.application("good evening", "new")
    stack.kubectl("stays", "delete", "configmap", "web")
    kept = stack.resources("gone")
    printed = stack.refreshed()
    assert "gone is quarantined; its state is not refreshed" in printed
    meanwhile = changed(printed)
    assert meanwhile == {
        "stays/shop/ConfigMap/new": "created",
        "stays/shop/ConfigMap/old": "deleted",
        "stays/shop/ConfigMap/web": "created",
    }
    assert stack.requests() == before
    assert stack.resources("gone") == kept

    stack.cloud.ask("heal", name=REGION)
    stack.members(nodes={"desired": 2, "min": 1, "max": 3})
    back = changed(stack.project.up())
    assert {name: done for name, done in back.items() if name.startswith("gone")} == {
        "gone-nodes": "updated",
        # Their settings: while the member was held, they waited two seconds for its API server.
        "gone/kubernetes": "updated",
        "gone-cluster-eks-k8s": "updated",
        "gone/shop/ConfigMap/web": "updated",
        "gone/shop/ConfigMap/new": "created",
        "gone/shop/ConfigMap/old": "deleted",
    }
    assert stack.nodes() == 2
    assert (stack.ready("gone"), stack.ready("stays")) == (3, 3)
    assert any("gone" in each or REGION in each for each in stack.identifiers())
    stack.project.pulumi("preview", "--expect-no-changes")


@pytest.mark.soak
def test_a_region_of_which_only_sts_answers_does_not_keep_a_member_that_is_not_marked_from_anybody(
    stack: Stack,
) -> None:
    stack.application("good evening", "new")  # whichever test ran before
    stack.project.up()
    before = stack.requests()
    stack.cloud.ask("fail", name=REGION, apis=OTHER_APIS, clusters=True)
    stack.application("good night", "new")
    printed = stack.up("--continue-on-error", fails=True)
    assert "gone does not answer" in printed
    assert stack.get("stays", "configmap", "web")["data"] == {"greeting": "good night"}
    assert stack.requests() == before
    stack.cloud.ask("heal", name=REGION)
    assert stack.get("gone", "configmap", "web")["data"] == {"greeting": "good evening"}
    assert changed(stack.project.up()) == {"gone/shop/ConfigMap/web": "updated"}
    assert stack.get("gone", "configmap", "web")["data"] == {"greeting": "good night"}


def test_a_role_that_the_clusters_do_not_know_is_refused_before_anything_is_touched(stack: Stack) -> None:
    stack.members(federation={"roleArn": "arn:aws:iam::123456789012:role/deployer"})
    printed = stack.project.up(fails=True)
    assert "roleArn changes from none to arn:aws:iam::123456789012:role/deployer, and gone, stays let only" in printed
    assert "aws eks create-access-entry" in printed
    stack.members()


def test_an_account_that_is_not_allowed_stops_the_update(stack: Stack) -> None:
    stack.members(federation={"allowedAccountIds": ["999999999999"]})
    printed = stack.project.up(fails=True)
    assert "the credentials are of account 123456789012 (allowed: 999999999999)" in printed
    assert changed(printed) == {}


def test_what_is_protected_goes_only_after_its_protection_was_lifted_which_changes_nothing_else(stack: Stack) -> None:
    stack.members(leaving="gone")
    printed = stack.project.up(fails=True)
    assert "the EKS cluster of gone and its VPC" in printed
    assert "they are protected from deletion" in printed
    assert changed(printed) == {}
    assert "protected" in stack.project.pulumi("destroy", "--preview-only", fails=True)
    protected = {each["urn"].rpartition("::")[2] for each in stack.project.state()["resources"] if each.get("protect")}
    assert {"gone/vpc", "gone-cluster-eksCluster", f"dns/zone/{ZONE}"} <= protected
    zones = [f"{REGION}b", f"{REGION}a"]
    stack.members(federation={"deletionProtection": False}, zones=zones, nodes={"desired": 2, "min": 1, "max": 3})
    assert changed(stack.project.up()) == {}
    assert not [each["urn"] for each in stack.project.state()["resources"] if each.get("protect")]
    shown = json.loads(stack.project.run("fed", "plan", "--output", "json"))["infrastructure"]["members"]
    found = {name: (each["action"], each["before"], each["after"]) for name, each in shown.items()}
    assert found == dict.fromkeys(REGIONS, ("same", 33, 33))


def test_a_renamed_members_cluster_and_names_stay_as_they_are(stack: Stack) -> None:
    before = stack.identifiers()
    unprotected, zones = {"deletionProtection": False}, [f"{REGION}b", f"{REGION}a"]
    nodes = {"desired": 2, "min": 1, "max": 3}
    stack.members(federation=unprotected, renamed={"gone": "north"})
    refused = stack.project.up(fails=True)
    assert "gone is no longer a member, and north is new in its region with its network range" in refused
    assert "write formerNames: [gone] under north" in refused
    stack.members(federation=unprotected, renamed={"gone": "north"}, zones=zones, nodes=nodes, formerNames=["gone"])
    assert changed(stack.up()) == {}
    assert stack.identifiers() == before
    assert stack.cloud.aws("eks", REGION).list_clusters()["clusters"] == ["lost-dev-gone"]
