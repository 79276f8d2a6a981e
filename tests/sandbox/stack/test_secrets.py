"""Planted secret values are found nowhere but in the member, and encrypted in the state."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import harness
from tests.sandbox.stack.harness import Project

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("stack-secrets")]

LITERAL = "planted-literal-5f1c9a"
CONFIGURED = "planted-configured-77be02"
CHANGED = "planted-changed-c0ffee41"
NAMESPACE = "secrets-test"

DOCUMENTS = f"""
apiVersion: types.kubefed.io/v1beta1
kind: FederatedNamespace
metadata: {{name: {NAMESPACE}, namespace: {NAMESPACE}}}
spec:
  placement: {{clusterSelector: {{}}}}
---
apiVersion: types.kubefed.io/v1beta1
kind: FederatedSecret
metadata: {{name: planted, namespace: {NAMESPACE}}}
spec:
  template:
    stringData:
      literal: {LITERAL}
      configured: {{valueFrom: {{config: planted}}}}
    data:
      encoded: {{valueFrom: {{config: planted}}}}
  placement: {{clusterSelector: {{}}}}
"""


def forms(value: str) -> list[bytes]:
    """A value as it might lie about: plain, and as Kubernetes encodes it."""
    return [value.encode(), base64.b64encode(value.encode())]


def traces(text: bytes) -> list[str]:
    return [value for value in (LITERAL, CONFIGURED, CHANGED) for form in forms(value) if form in text]


def decoded(project: Project) -> dict[str, str]:
    data = project.get("here", "-n", NAMESPACE, "secret", "planted")["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


@pytest.fixture(scope="module")
def project(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = harness.make(tmp_path_factory.mktemp("secrets"), cloud, {"here": "shared"})
    made.write("secrets", DOCUMENTS)
    made.pulumi("config", "set", "--secret", "planted", CONFIGURED)
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview")


@pytest.fixture(scope="module")
def said(project: Project) -> str:
    """All that the commands of an ordinary life of a stack say."""
    texts = [
        project.run("fed", "plan", "--stack", "dev"),
        project.run("fed", "plan", "--stack", "dev", "--output", "json"),
        project.run("fed", "plan", "--stack", "dev", "--output", "yaml"),
        project.pulumi("preview", "--diff"),
        project.up("--diff"),
        project.pulumi("refresh", "--yes", "--diff"),
        project.pulumi("preview", "--json"),
        project.pulumi("stack", "output", "--json"),
        project.pulumi("stack", "export"),
    ]
    return "\n".join(texts)


def test_the_member_has_the_values(project: Project, said: str) -> None:
    assert said
    assert decoded(project) == {"literal": LITERAL, "configured": CONFIGURED, "encoded": CONFIGURED}


def test_no_command_says_them(said: str) -> None:
    assert traces(said.encode()) == []
    assert "[secret]" in said


def test_a_changed_value_is_shown_as_a_change_and_not_as_a_value(project: Project, said: str) -> None:
    assert said
    project.pulumi("config", "set", "--secret", "planted", CHANGED)
    text = project.pulumi("preview", "--diff") + project.up("--diff")
    assert traces(text.encode()) == []
    assert decoded(project)["encoded"] == CHANGED


def test_nothing_on_disk_holds_them_in_plain(project: Project, said: str, cloud: Cloud) -> None:
    assert said
    folders = [project.folder.parent / "state", cloud.place.folder / "logs", cloud.place.folder / "pulumi-home"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".json" for path in files)
    assert {str(path): found for path in files if (found := traces(path.read_bytes()))} == {}


def test_neither_a_fault_nor_a_crash_tells_them(project: Project, said: str, tmp_path: Path) -> None:
    assert said
    broken = DOCUMENTS.replace("literal:", "literal: [").replace("kind: FederatedSecret", "kind: FederatedSecret\nx: 1")
    project.write("broken", broken)
    try:
        text = project.run("fed", "plan", "--stack", "dev", fails=True) + project.up(fails=True)
    finally:
        (project.folder / "workloads" / "broken.yaml").unlink()
    assert "broken.yaml" in text
    assert "Traceback" not in text
    assert traces(text.encode()) == []


def test_a_value_that_the_stack_does_not_have_says_how_to_set_it(project: Project, said: str) -> None:
    assert said
    secret = DOCUMENTS.partition("---")[2]
    project.write(
        "missing", secret.replace("name: planted,", "name: other,").replace("config: planted", "config: gone")
    )
    try:
        text = project.up(fails=True)
    finally:
        (project.folder / "workloads" / "missing.yaml").unlink()
    assert "pulumi config set --secret gone" in text
    assert "Traceback" not in text
