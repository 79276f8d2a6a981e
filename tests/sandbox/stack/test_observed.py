"""Running replicas are observed in all members at once, and the next plan and update use them."""

from pathlib import Path

import pytest
import yaml

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project
from tests.sandbox.waiting import wait_for

pytestmark = pytest.mark.sandbox

WHERE = "observed"
CLUSTERS = {"us-east": "second", "us-west": "third"}


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """Two members, and six replicas divided by equal weights that nothing is to move without need."""
    project = harness.make(tmp_path, cloud, CLUSTERS)
    divided = documents.preference(WHERE, "web")
    divided["spec"] |= {"totalReplicas": 6, "clusters": {"*": {"weight": 1}}}
    web = documents.deployment(WHERE, "web")
    project.write("web", documents.text(documents.namespace(WHERE), web, divided))
    project.up()
    return project


def replicas(project: Project) -> dict[str, int]:
    return {member: int(project.get(member, "-n", WHERE, "deploy", "web")["spec"]["replicas"]) for member in CLUSTERS}


def test_what_was_moved_by_hand_stays_where_it_runs_once_it_was_observed(project: Project) -> None:
    assert replicas(project) == {"us-east": 3, "us-west": 3}
    for member, count in (("us-east", 5), ("us-west", 1)):
        project.kubectl(member, "-n", WHERE, "scale", "deploy/web", f"--replicas={count}")
        wait_for(lambda member=member, count=count: ready(project, member) == count)  # type: ignore[misc]
    project.run("fed", "observe", "--stack", "dev")
    written = yaml.safe_load((project.folder / "observed" / "dev.yaml").read_text())
    seen = written["workloads"][f"{WHERE}/web"]["members"]
    assert {member: each["current"] for member, each in seen.items()} == {"us-east": 5, "us-west": 1}
    assert written["nodes"].keys() == CLUSTERS.keys()
    assert all(count > 0 for count in written["nodes"].values())

    plan = project.run("fed", "explain", "deploy/web", "--namespace", WHERE, "--stack", "dev")
    assert "5" in plan
    project.pulumi("refresh", "--yes", "--skip-preview")
    project.up()
    assert replicas(project) == {"us-east": 5, "us-west": 1}

    (project.folder / "observed" / "dev.yaml").unlink()
    project.up()
    assert replicas(project) == {"us-east": 3, "us-west": 3}


def ready(project: Project, member: str) -> int:
    return int(project.get(member, "-n", WHERE, "deploy", "web")["status"].get("readyReplicas", 0))
