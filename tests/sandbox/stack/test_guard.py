"""An update that removes too much is refused before any change, and carried out when it is allowed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sandbox import cloud as running
from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

WHERE, STAYS, BROKEN, ORPHAN = "guarded", "guarded-stays", "guarded-broken", "guarded-orphan"


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """One member with two namespaces, one of them with a Deployment."""
    project = harness.make(tmp_path, cloud, {"us-east": "shared"})
    project.write("web", documents.text(documents.namespace(WHERE), documents.deployment(WHERE, "web", replicas=2)))
    project.write("stays", documents.text(documents.namespace(STAYS)))
    project.up()
    return project


def broken() -> dict[str, Any]:
    """A Service whose address is outside of the cluster's range, so that it is refused there."""
    service = documents.service(BROKEN, "web")
    service["spec"]["template"]["spec"]["clusterIP"] = "192.0.2.1"
    return service


def address(project: Project) -> str:
    """The address of the member's API server."""
    tree = yaml.safe_load(project.clusters["us-east"].kubeconfig.read_text())
    return str(tree["clusters"][0]["cluster"]["server"])


def managed(project: Project) -> set[str]:
    """The namespaces in the member that are labelled as managed."""
    found = project.get("us-east", "namespaces", "-l", "kubefed.io/managed=true")["items"]
    return {each["metadata"]["name"] for each in found}


def standing(project: Project) -> list[tuple[str, object]]:
    """What the state holds of the members' objects."""
    found = project.state()["resources"]
    return [(each["urn"], each.get("outputs")) for each in found if each["type"].startswith("kubernetes:")]


def test_a_file_deleted_by_mistake_deletes_nothing(project: Project) -> None:
    (project.folder / "workloads" / "web.yaml").unlink()
    state = standing(project)
    assert len(state) == 3
    for refused in (
        project.pulumi("preview", fails=True),
        project.up(fails=True),
        project.run("fed", "plan", "--stack", "dev", fails=True),
    ):
        assert f"namespace {WHERE} would be deleted in us-east, with 1 objects in it" in refused
        assert f"fed up --allow Namespace/{WHERE}" in refused
    assert standing(project) == state
    assert project.get("us-east", "-n", WHERE, "deploy", "web")["status"]["readyReplicas"] == 2

    project.run("fed", "up", "--yes", "--skip-preview", "--allow", f"Namespace/{WHERE}", "--stack", "dev")
    assert STAYS in managed(project)
    assert WHERE not in managed(project)


def test_what_a_failed_update_has_made_is_guarded_too(project: Project) -> None:
    more = [documents.namespace(BROKEN), documents.config_map(BROKEN, "settings", a="1"), broken()]
    project.write("more", documents.text(*more))
    project.up(fails=True)
    assert project.get("us-east", "-n", BROKEN, "cm", "settings")["data"] == {"a": "1"}
    (project.folder / "workloads" / "more.yaml").unlink()
    assert f"namespace {BROKEN} would be deleted in us-east" in project.up(fails=True)
    assert project.get("us-east", "-n", BROKEN, "cm", "settings")["data"] == {"a": "1"}


def assert_refused_everywhere(project: Project) -> None:
    for refused in (
        project.pulumi("preview", fails=True),
        project.up(fails=True),
        project.up(fails=True),
        project.run("fed", "plan", "--stack", "dev", fails=True),
    ):
        assert (
            "us-east leads to another cluster: all of its 3 objects would be replaced, deleted in https://" in refused
        )


def fail_half_way_back_and_forward(project: Project, there: Project, moved: dict[str, dict[str, str]]) -> None:
    """The member has moved, and the outputs of the stack are those of before."""
    project.write("more", documents.text(documents.namespace(BROKEN), broken()))
    assert "does not answer" not in project.up(fails=True)
    project.config()
    back = project.up(fails=True)
    assert f"created again in {address(project)}" in back
    assert f"deleted in {address(there)}" in back
    project.config(members=moved)
    project.write("more", documents.text(documents.namespace(BROKEN)))
    project.up()


@pytest.mark.soak
def test_a_member_that_leads_to_another_cluster_loses_nothing_unless_that_is_meant(
    project: Project, cloud: Cloud
) -> None:
    orphan = documents.namespace(ORPHAN)
    orphan["metadata"]["annotations"] = {"kubefed.io/orphan": "true"}
    project.write("orphan", documents.text(orphan))
    project.up()
    other = running.member(cloud, "second")
    moved = {"us-east": {"context": harness.context(other), "kubeconfig": str(other.kubeconfig)}}
    before = project.get("us-east", "namespace", WHERE)["metadata"]["uid"]
    state = standing(project)
    project.config(members=moved)
    assert_refused_everywhere(project)
    assert standing(project) == state
    assert project.get("us-east", "namespace", WHERE)["metadata"]["uid"] == before
    project.config(members={"us-east": {**moved["us-east"], "available": False}}, plan={"unjoin": ["us-east"]})
    assert "us-east is quarantined and leads to another cluster" in project.up(fails=True)
    unguarded = replace(project, environment={**project.environment, "EKS_FEDERATION_GUARD": "off"})
    assert "+-5 to replace" in unguarded.pulumi("preview")

    project.config(members=moved, plan={"unjoin": ["us-east"]})
    assert "as plan.unjoin lets it" in project.pulumi("preview")
    there = replace(project, clusters={"us-east": other})
    there.kubectl("us-east", "create", "namespace", STAYS)
    there.kubectl("us-east", "label", "namespace", STAYS, "kubefed.io/managed=false")
    assert f"us-east/Namespace/{STAYS} exists there with the label kubefed.io/managed" in project.up(fails=True)
    there.kubectl("us-east", "delete", "namespace", STAYS)

    fail_half_way_back_and_forward(project, there, moved)
    project.up("--refresh")  # what the failed update never came to is nowhere, and the engine takes it for made
    assert there.get("us-east", "-n", WHERE, "deploy", "web")["status"]["readyReplicas"] == 2
    assert {WHERE, STAYS, BROKEN, ORPHAN} <= managed(there)
    assert managed(project).isdisjoint({WHERE, STAYS, ORPHAN})
    assert project.get("us-east", "namespace", ORPHAN)["metadata"]["uid"]

    project.config(members=moved)
    assert "unchanged" in project.up()
    project.config()
    assert "us-east leads to another cluster" in project.up(fails=True)
    project.run("fed", "up", "--yes", "--skip-preview", "--no-guard", "--stack", "dev")
    assert project.get("us-east", "-n", WHERE, "deploy", "web")["status"]["readyReplicas"] == 2


def test_a_plan_shows_what_was_and_what_is_to_be(project: Project) -> None:
    project.write("web", documents.text(documents.namespace(WHERE), documents.deployment(WHERE, "web", replicas=5)))
    text = project.run("fed", "plan", "--stack", "dev")
    row = next(line for line in text.splitlines() if line.startswith(f"Deployment {WHERE}/web"))
    assert "2 -> 5" in row
