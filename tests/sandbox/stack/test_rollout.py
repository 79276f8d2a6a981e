"""A rollout that never becomes ready ends at the stack's timeout, says where and why, and delays no other."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

WHERE = "rollout"
LIMIT = 4


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """Two members, and little patience."""
    project = harness.make(tmp_path, cloud, {"ap-northeast": "shared", "us-east": "second"})
    project.config(federation={"name": "atlas", "zone": "", "timeoutSeconds": LIMIT})
    return project


def application(image: str, *others: dict[str, Any]) -> str:
    """A Deployment whose image is another one in us-east."""
    web = documents.deployment(WHERE, "web")
    change = {"path": "/spec/template/spec/containers/0/image", "value": image}
    web["spec"]["overrides"] = [{"clusterName": "us-east", "clusterOverrides": [change]}]
    return documents.text(documents.namespace(WHERE), web, *others)


def test_it_ends_in_time_and_names_member_object_and_the_pods_reason(project: Project) -> None:
    project.write("web", application("does-not-exist/web:2", documents.deployment(WHERE, "other")))
    text = project.up("--continue-on-error", fails=True)
    assert f"kubernetes:apps/v1:Deployment (us-east/{WHERE}/Deployment/web)" in text
    assert "'web' timed out waiting to be Ready" in text
    assert "Minimum number of live Pods was not attained" in text
    for member in project.clusters:
        assert project.get(member, "-n", WHERE, "deploy", "other")["status"]["readyReplicas"] == 1
    assert project.get("ap-northeast", "-n", WHERE, "deploy", "web")["status"]["readyReplicas"] == 1
    text = project.run("fed", "plan", "--stack", "dev", "--output", "json")
    assert json.loads(text)["transition"]["members"] == {
        "ap-northeast": {"same": 3},
        "us-east": {"same": 2, "change": [f"us-east/{WHERE}/Deployment/web"]},
    }
    project.write("web", application("web:2", documents.deployment(WHERE, "other")))
    project.up()
    text = project.run("fed", "plan", "--stack", "dev", "--output", "json")
    assert json.loads(text)["transition"]["members"] == {name: {"same": 3} for name in project.clusters}
    assert project.get("us-east", "-n", WHERE, "deploy", "web")["status"]["readyReplicas"] == 1
