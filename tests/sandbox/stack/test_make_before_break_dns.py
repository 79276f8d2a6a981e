"""DNS weights and endpoints of EKS members change only when the workloads behind them are ready."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

WHERE, ZONE = "moving", "moving.test"
REGIONS = {"us-east": "us-east-1", "eu-central": "eu-central-1"}
TOTAL = 10
GOOD, BROKEN = "web:1", "does-not-exist/web:1"
SECONDS = 5  # for a rollout that never becomes ready
TIME_TO_GO = 60  # for clusters and namespaces


def configure(project: Project, image: str) -> None:
    """Two EKS members, whose name is in a zone of this test's own."""
    seconds = SECONDS if image == BROKEN else TIME_TO_GO
    settings = {"name": "moving", "zone": ZONE, "timeoutSeconds": seconds, "deletionProtection": False}
    project.config(federation=settings, dns={"provider": "route53", "healthChecks": False})
    members = {
        name: {
            "region": region,
            "kubernetesVersion": "1.34",
            "zones": [f"{region}a", f"{region}b"],
            "nodes": {"desired": 2, "min": 1, "max": 3},
            "network": {"cidr": f"10.{77 + index}.0.0/16"},
        }
        for index, (name, region) in enumerate(REGIONS.items())
    }
    path = project.folder / "Pulumi.dev.yaml"
    tree = yaml.safe_load(path.read_text())
    tree["config"]["eks-federation:members"] = members
    path.write_text(yaml.safe_dump(tree))


def publish(project: Project, *members: str, image: str = GOOD) -> None:
    """Write an application behind a name, its replicas alike in ``members``; ``image`` is the one of eu-central."""
    configure(project, image)
    web, service = documents.deployment(WHERE, "web", replicas=TOTAL // len(members)), documents.service(WHERE, "web")
    change = {"path": "/spec/template/spec/containers/0/image", "value": image}
    if "eu-central" in members:
        web["spec"]["overrides"] = [{"clusterName": "eu-central", "clusterOverrides": [change]}]
    for each in (web, service):
        each["spec"]["placement"] = {"clusters": [{"name": name} for name in members]}
    record = {
        "apiVersion": "multiclusterdns.kubefed.io/v1alpha1",
        "kind": "ServiceDNSRecord",
        "metadata": {"name": "web", "namespace": WHERE},
        "spec": {"domainRef": "moving"},
    }
    project.write("web", documents.text(documents.namespace(WHERE), web, service, record))


def weights(cloud: Cloud) -> dict[str, int]:
    """The weights by region of the application's global name."""
    route53 = cloud.aws("route53")
    (zone,) = (each for each in route53.list_hosted_zones()["HostedZones"] if each["Name"] == f"{ZONE}.")
    sets: list[dict[str, Any]] = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    name = f"_weighted.web.{WHERE}.moving.svc.{ZONE}."
    return {each["SetIdentifier"]: each["Weight"] for each in sets if each["Name"] == name}


@pytest.mark.soak
def test_dns_moves_when_those_that_take_over_are_ready(tmp_path: Path, cloud: Cloud) -> None:
    project = harness.make(tmp_path, cloud, {}, guarded=False)
    publish(project, "us-east")
    project.up()
    assert weights(cloud) == {"us-east-1": 10}
    publish(project, "us-east", "eu-central", image=BROKEN)
    project.up("--continue-on-error", fails=True)
    assert weights(cloud) == {"us-east-1": 10}
    publish(project, "us-east", "eu-central")
    project.up()
    assert weights(cloud) == {"us-east-1": 5, "eu-central-1": 5}
    publish(project, "us-east")
    project.up()
    assert weights(cloud) == {"us-east-1": 10}
    project.pulumi("destroy", "--yes", "--skip-preview")
