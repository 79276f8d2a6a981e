"""What takes away too much is refused before anything is touched, and carried out when it is meant."""

from pathlib import Path

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

WHERE, STAYS, BROKEN = "guarded", "guarded-stays", "guarded-broken"


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """One member with two namespaces, one of them with a Deployment."""
    project = harness.make(tmp_path, cloud, {"us-east": "shared"})
    project.write("web", documents.text(documents.namespace(WHERE), documents.deployment(WHERE, "web", replicas=2)))
    project.write("stays", documents.text(documents.namespace(STAYS)))
    project.up()
    return project


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
        assert "fed up --no-guard" in refused
    assert standing(project) == state
    assert project.get("us-east", "-n", WHERE, "deploy", "web")["status"]["readyReplicas"] == 2

    project.run("fed", "up", "--yes", "--skip-preview", "--no-guard", "--stack", "dev")
    left = project.get("us-east", "namespaces", "-l", "kubefed.io/managed=true")["items"]
    names = {each["metadata"]["name"] for each in left}
    assert STAYS in names
    assert WHERE not in names


def test_what_a_failed_update_has_made_is_guarded_too(project: Project) -> None:
    service = documents.service(BROKEN, "web")
    service["spec"]["template"]["spec"]["clusterIP"] = "192.0.2.1"  # outside of the cluster's range: refused there
    more = documents.text(documents.namespace(BROKEN), documents.config_map(BROKEN, "settings", a="1"), service)
    project.write("more", more)
    project.up(fails=True)
    assert project.get("us-east", "-n", BROKEN, "cm", "settings")["data"] == {"a": "1"}
    (project.folder / "workloads" / "more.yaml").unlink()
    assert f"namespace {BROKEN} would be deleted in us-east" in project.up(fails=True)
    assert project.get("us-east", "-n", BROKEN, "cm", "settings")["data"] == {"a": "1"}


def test_a_plan_shows_what_was_and_what_is_to_be(project: Project) -> None:
    project.write("web", documents.text(documents.namespace(WHERE), documents.deployment(WHERE, "web", replicas=5)))
    text = project.run("fed", "plan", "--stack", "dev")
    row = next(line for line in text.splitlines() if line.startswith(f"Deployment {WHERE}/web"))
    assert "2 -> 5" in row
