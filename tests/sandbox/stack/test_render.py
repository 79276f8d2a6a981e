"""`fed render` writes the same bytes each time, and a real API server accepts every file of the demo."""

import shutil
from pathlib import Path

import pytest

from sandbox.place import CHECKOUT
from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import harness
from tests.sandbox.stack.harness import Project, context

pytestmark = pytest.mark.sandbox


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """The demo, for one member that is known under a name of its documents."""
    project = harness.make(tmp_path, cloud, {"us-west": "shared"})
    shutil.copytree(CHECKOUT / "stacks" / "workloads" / "demo", project.folder / "workloads" / "demo")
    project.config(
        members={"us-west": {"labels": {"geo": "us"}}},
        plan={"knownMembers": ["ap-northeast", "us-east"]},
        federation={"name": "atlas", "zone": "dev.fed.example.com"},
    )
    return project


def rendered(project: Project, name: str) -> dict[str, bytes]:
    project.run("fed", "render", "--stack", "dev", "--out", name)
    folder = project.folder / name
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


def test_the_same_input_gives_the_same_bytes_and_the_api_server_takes_them(project: Project) -> None:
    first = rendered(project, "once")
    assert first == rendered(project, "again")
    objects = sorted(name for name in first if name.startswith("us-west/"))
    assert len(objects) >= 4

    def kubectl(*arguments: str) -> list[str]:
        cluster = project.clusters["us-west"]
        where = ("--kubeconfig", str(cluster.kubeconfig), "--context", context(cluster))
        return project.run("kubectl", *where, *arguments).splitlines()

    try:
        kubectl("apply", "--server-side", "-R", "-f", "once/us-west")
        tried = kubectl("apply", "--server-side", "--dry-run=server", "-R", "-f", "once/us-west")
        assert len(tried) == len(objects)
        assert all(line.endswith("serverside-applied (server dry run)") for line in tried)
        assert kubectl("diff", "--server-side", "-R", "-f", "once/us-west") == []
    finally:
        kubectl("delete", "-R", "-f", "once/us-west", "--wait=true")
