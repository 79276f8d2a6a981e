"""A preference divides a Job among members, and a change of its pods is a replacement."""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

WHERE = "jobs"
CLUSTERS = {"ap-northeast": "shared", "us-east": "second", "us-west": "third"}


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """Three members, one of which has no weight."""
    return harness.make(tmp_path, cloud, CLUSTERS)


def write(project: Project, image: str) -> None:
    container = {"name": "work", "image": image, "resources": {"requests": {"cpu": "10m"}}}
    pods = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    spec = {"parallelism": 1, "completions": 9, "template": pods}
    job = {**documents.config_map(WHERE, "work"), "kind": "FederatedJob"}
    job["spec"] = {**job["spec"], "template": {"spec": spec}}
    divided = documents.preference(WHERE, "work")
    weights = {"us-east": {"weight": 2}, "us-west": {"weight": 1}}
    divided["spec"] = {"targetKind": "FederatedJob", "totalReplicas": 3, "clusters": weights}
    project.write("jobs", documents.text(documents.namespace(WHERE), job, divided))


def jobs(project: Project, member: str) -> list[dict[str, Any]]:
    return list(project.get(member, "-n", WHERE, "jobs")["items"])


def test_the_work_is_divided_and_a_change_of_the_pods_replaces_the_job(project: Project) -> None:
    write(project, "work:1")
    project.up()
    assert jobs(project, "ap-northeast") == []
    before = {member: jobs(project, member)[0] for member in ("us-east", "us-west")}
    shares = {name: (job["spec"]["parallelism"], job["spec"]["completions"]) for name, job in before.items()}
    assert shares == {"us-east": (2, 6), "us-west": (1, 3)}
    assert {name: job["status"]["succeeded"] for name, job in before.items()} == {"us-east": 6, "us-west": 3}

    write(project, "work:2")
    preview = project.pulumi("preview")
    assert "2 to replace" in preview
    assert f"Job {WHERE}/work is replaced, since spec.template cannot be changed in place" in preview
    project.up()
    for member, old in before.items():
        (job,) = jobs(project, member)
        assert job["metadata"]["uid"] != old["metadata"]["uid"]
        assert job["spec"]["template"]["spec"]["containers"][0]["image"] == "work:2"
