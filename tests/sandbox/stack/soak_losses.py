"""Every edit that `docs/safety.md` calls refused, tried on real clusters: it is refused, and nothing has changed.

It is no part of `make test`, for its length. `make losses` runs it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml

from tests.plan.changes.loss_table import EKS, MEMBERS, REGION, ROWS, Row, settings, written
from tests.sandbox import cloud as running
from tests.sandbox.cloud import Cloud, MemberCluster
from tests.sandbox.stack import harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

REFUSED = [row for row in ROWS if row.is_refused]
KINDS = sorted({each["kind"].removeprefix("Federated") for each in written() if each["kind"].startswith("Federated")})
REFUSAL = "federation losses was not changed"


@pytest.fixture(scope="module")
def project(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A stack that all documents stand in."""
    made = harness.make(tmp_path_factory.mktemp("losses"), cloud, {name: f"loss-{name}" for name in MEMBERS})
    write(made, Row(kind="", edit="", expected="", documents=written()), made.clusters)
    made.up()
    yield made
    write(made, Row(kind="", edit="", expected="", documents=written()), made.clusters)
    made.pulumi("state", "unprotect", "--all", "--yes")
    unguarded = replace(made, environment={**made.environment, "EKS_FEDERATION_GUARD": "off"})
    unguarded.pulumi("destroy", "--yes", "--skip-preview")


@pytest.fixture(scope="module")
def clusters(project: Project, cloud: Cloud) -> Mapping[str, MemberCluster]:
    return {**project.clusters, "elsewhere": running.member(cloud, "loss-elsewhere")}


@pytest.fixture(scope="module")
def before(project: Project, cloud: Cloud) -> Mapping[str, Any]:
    """What stands before any edit: each row is compared with it, so one that changed anything fails all after it."""
    found = standing(project, cloud)
    assert len(found) > len(written())
    return found


def write(project: Project, row: Row, clusters: Mapping[str, MemberCluster]) -> None:
    """Write config and documents as they are after the edit."""
    joined = {name: clusters[cluster] for name, cluster in row.members.items() if name != EKS}
    changed = dict(row.settings)
    made = {"name": "losses", "zone": changed.pop("zone", "losses.test"), "roleArn": changed.pop("roleArn", "")}
    values = {"dns": {"provider": "route53"}, **changed, "federation": made, "members": settings(row)}
    replace(project, clusters=joined).config(**values)
    project.write("all", yaml.safe_dump_all(row.documents, sort_keys=False))


def standing(project: Project, cloud: Cloud) -> dict[str, Any]:
    """All that the stack has made: objects by member, without their status, and zones with their record sets."""
    found: dict[str, Any] = {}
    for member in MEMBERS:
        listed = project.get(member, ",".join(KINDS), "--all-namespaces", "-l", "kubefed.io/managed=true")["items"]
        for each in listed:
            metadata = {
                key: value for key, value in each["metadata"].items() if key in ("uid", "labels", "annotations")
            }
            key = f"{member}/{each['kind']}/{each['metadata'].get('namespace', '')}/{each['metadata']['name']}"
            rest = {name: value for name, value in each.items() if name not in ("metadata", "status")}
            found[key] = {**rest, "metadata": metadata}
    route53 = cloud.aws("route53")
    for zone in route53.list_hosted_zones()["HostedZones"]:
        if zone["Name"] in ("losses.test.", "other.test."):
            sets = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
            found[zone["Id"]] = (zone["Name"], sets)
    for name in cloud.aws("eks", REGION).list_clusters()["clusters"]:
        found[name] = cloud.aws("eks", REGION).describe_cluster(name=name)["cluster"]
    return found


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.kind}: {row.edit}") for row in REFUSED])
def test_a_refused_edit_changes_nothing(
    row: Row, project: Project, clusters: Mapping[str, MemberCluster], cloud: Cloud, before: Mapping[str, Any]
) -> None:
    write(project, row, clusters)
    printed = project.run("fed", "up", "--yes", "--skip-preview", "--stack", "dev", fails=True)
    assert REFUSAL in printed
    assert "fed up --" in printed or "call the member" in printed or "formerNames" in printed
    assert standing(project, cloud) == before
