"""Everyday commands on a stack that stands: doctor, get, logs of nobody, and destroy, with an orphan that stays."""

import json
import shutil
from pathlib import Path

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project
from tests.sandbox.stack.test_orphans import orphan

pytestmark = pytest.mark.sandbox

WHERE = "everyday"


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """One member with a namespace, a ConfigMap, a Secret and an orphan."""
    project = harness.make(tmp_path, cloud, {"us-east": "shared"})
    kept = orphan(documents.config_map(WHERE, "kept", a="1"))
    secret = documents.federated("Secret", WHERE, "token", template={"stringData": {"pw": "PLANTED"}})
    plain = documents.config_map(WHERE, "plain", a="1")
    project.write("web", documents.text(documents.namespace(WHERE), plain, kept, secret))
    project.up()
    return project


def fed(project: Project, *arguments: str, fails: bool = False) -> str:
    return project.run("fed", *arguments, fails=fails)


def test_a_stack_is_looked_at_and_destroyed_by_its_name(project: Project) -> None:
    told = json.loads(fed(project, "doctor", "--output", "json"))
    states = {each["what"]: each["state"] for each in told["checks"]}
    assert told["ok"], told
    assert states["member us-east"] == states["stack dev"] == states["backend"] == "ok"

    rows = [line.split() for line in fed(project, "get", "cm", "-n", WHERE).splitlines()]
    assert ["us-east", "plain", "1"] in [row[:3] for row in rows]
    listed = json.loads(fed(project, "get", "secrets", "token", "--output", "json"))
    assert listed["members"]["us-east"]["items"][0]["data"] == {"pw": "(hidden)"}
    assert "us-east has no Deployment nobody" in fed(project, "logs", "deployment/nobody", fails=True).replace(
        ": ", " "
    )

    environment = {**project.environment, "PULUMI_CONFIG_PASSPHRASE": "wrong"}
    mistaken = Project(folder=project.folder, clusters=project.clusters, environment=environment)
    assert "set PULUMI_CONFIG_PASSPHRASE" in fed(mistaken, "doctor", fails=True)

    restores(project)
    before = project.state()
    assert "confirm with --yes-destroy dev" in fed(project, "destroy", fails=True)
    assert "is not the name of the stack" in fed(project, "destroy", "--yes-destroy", "prod", fails=True)
    assert project.state() == before

    shown = fed(project, "destroy", "--yes-destroy", "dev")
    assert "objects in us-east" in shown
    assert project.state().get("resources", []) == []
    assert project.get("us-east", "-n", WHERE, "configmaps", "--field-selector=metadata.name=plain")["items"] == []


def restores(project: Project) -> None:
    """Bring a lost state back as docs/state.md says: from the copy beside it, and from an export."""
    project.pulumi("stack", "export", "--file", "backup.json")
    backend = Path(project.environment["PULUMI_BACKEND_URL"].removeprefix("file://").partition("?")[0])
    (file,) = (backend / ".pulumi" / "stacks").rglob("dev.json")
    whole = file.read_text()
    file.write_text(whole[: len(whole) // 2])
    assert "stack dev: see the state's backup" in fed(project, "doctor", fails=True)

    shutil.copy(file.with_name("dev.json.bak"), file)
    project.pulumi("stack", "export")

    file.unlink()
    project.pulumi("stack", "init")
    project.pulumi("stack", "import", "--file", "backup.json")
    project.up("--expect-no-changes")
