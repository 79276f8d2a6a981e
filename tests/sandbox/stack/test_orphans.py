"""A document with ``kubefed.io/orphan`` goes: its objects stay where they are, and only lose the managed label."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

WHERE = "orphans"
MANAGED = "kubefed.io/managed"


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """One member with a Deployment that is to be orphaned, and a ConfigMap that is not."""
    project = harness.make(tmp_path, cloud, {"us-east": "shared"})
    write(project, documents.config_map(WHERE, "plain", a="1"), orphan(documents.deployment(WHERE, "web")))
    project.up()
    return project


def write(project: Project, *found: dict[str, Any]) -> None:
    project.write("web", documents.text(documents.namespace(WHERE), *found))


def orphan(document: dict[str, Any]) -> dict[str, Any]:
    metadata = {**document["metadata"], "annotations": {"kubefed.io/orphan": "true"}}
    return {**document, "metadata": metadata}


def web(project: Project) -> Any:
    return project.get("us-east", "-n", WHERE, "deploy", "web")


def names(project: Project) -> list[str]:
    return [each["urn"].rpartition("::")[2] for each in project.state().get("resources", [])]


def test_an_orphan_stays_and_loses_its_label(project: Project) -> None:
    before = web(project)
    assert before["metadata"]["labels"][MANAGED] == "true"

    write(project)
    project.up()
    after = web(project)
    assert (after["metadata"]["uid"], after["spec"]) == (before["metadata"]["uid"], before["spec"])
    assert MANAGED not in after["metadata"]["labels"]
    assert after["metadata"]["labels"]["app"] == "web"
    assert f"us-east/{WHERE}/Deployment/web" not in names(project)
    assert project.get("us-east", "-n", WHERE, "configmaps", "--field-selector=metadata.name=plain")["items"] == []
    project.up("--expect-no-changes")

    write(project, documents.deployment(WHERE, "web", image="web:2"))
    project.up()
    adopted = web(project)
    assert adopted["metadata"]["uid"] == before["metadata"]["uid"]
    assert adopted["metadata"]["labels"][MANAGED] == "true"

    write(project, orphan(documents.deployment(WHERE, "web", image="web:2")))
    project.up()
    output = project.pulumi("destroy", "--yes", "--skip-preview", fails=True)
    assert "--run-program" in output
    assert web(project)["metadata"]["labels"][MANAGED] == "true"
    project.pulumi("destroy", "--yes", "--skip-preview", "--run-program")
    assert names(project) == []


def test_an_orphan_whose_label_cannot_be_taken_is_not_forgotten(project: Project) -> None:
    tree = yaml.safe_load(project.clusters["us-east"].kubeconfig.read_text())
    tree["users"][0]["user"] = {"token": "of nobody"}
    nobody = project.folder / "nobody.kubeconfig"
    nobody.write_text(yaml.safe_dump(tree))
    nobody.chmod(0o600)
    project.config(members={"us-east": {"kubeconfig": str(nobody)}})
    write(project, documents.config_map(WHERE, "plain", a="1"))
    output = project.up(fails=True)
    assert f"us-east/{WHERE}/Deployment/web is to stay without its label {MANAGED}" in output
    assert "Unauthorized" in output
    assert f"us-east/{WHERE}/Deployment/web" in names(project)
    assert web(project)["metadata"]["labels"][MANAGED] == "true"

    project.config()
    project.up()
    assert MANAGED not in web(project)["metadata"]["labels"]
    assert f"us-east/{WHERE}/Deployment/web" not in names(project)
