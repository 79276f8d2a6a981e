"""Of two runs at once on a backend in S3, the second leaves the first one's open operations alone."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project
from tests.sandbox.waiting import wait_for

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("stack-kill")]

WHERE = "shared-backend"
BUCKET = "shared-backend"
LOCKS = ".pulumi/locks/"
UP = ("fed", "up", "--yes", "--skip-preview", "--stack", "dev")
STATE = ".pulumi/stacks/eks-federation/dev.json"


@pytest.fixture
def project(cloud: Cloud, tmp_path: Path) -> Project:
    """A project whose stacks are kept in S3; the stack does not exist yet."""
    cloud.aws("s3").create_bucket(Bucket=BUCKET)
    made = harness.make(tmp_path, cloud, {"left": "shared"}, guarded=False)
    web = documents.deployment(WHERE, "web", image="does-not-exist/web:1")
    made.write("web", documents.text(documents.namespace(WHERE), web))
    endpoint = cloud.environment["AWS_ENDPOINT_URL"]
    url = f"s3://{BUCKET}?endpoint={endpoint}&region=us-east-1&s3ForcePathStyle=true&awssdk=v2"
    return replace(made, environment={**made.environment, "PULUMI_BACKEND_URL": url})


def objects(cloud: Cloud, prefix: str) -> list[str]:
    found = cloud.aws("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return [each["Key"] for each in found.get("Contents", ())]


def pending(cloud: Cloud) -> list[Any]:
    """The open operations in the state, as it lies in the bucket. A stack that was just made has no deployment yet."""
    if not objects(cloud, STATE):
        return []
    state = json.loads(cloud.aws("s3").get_object(Bucket=BUCKET, Key=STATE)["Body"].read())
    found: list[Any] = state["checkpoint"].get("latest", {}).get("pending_operations") or []
    return found


def is_open(cloud: Cloud) -> bool:
    """Whether the creation of the Deployment is the one open operation."""
    return [each["resource"]["urn"].endswith("Deployment/web") for each in pending(cloud)] == [True]


@contextmanager
def running(project: Project, cloud: Cloud) -> Iterator[psutil.Process]:
    """The engine of an update that waits for a Deployment that never becomes ready, which is open in the state."""
    with subprocess.Popen(
        [*UP, "--create"],
        cwd=project.folder,
        env=dict(project.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as fed:
        try:
            wait_for(lambda: is_open(cloud))
            (engine,) = (each for each in psutil.Process(fed.pid).children() if each.name().startswith("pulumi"))
            yield engine
        finally:
            for each in psutil.Process(fed.pid).children():
                each.kill()


def test_a_second_run_neither_judges_nor_clears_what_a_first_one_has_open(project: Project, cloud: Cloud) -> None:
    output = project.run(*UP, fails=True)
    assert f"stack dev of project eks-federation does not exist in s3://{BUCKET}" in output
    assert "(stacks of this project there: none)" in output
    assert objects(cloud, STATE) == []

    with running(project, cloud) as engine:
        (lock,) = objects(cloud, LOCKS)
        output = project.run(*UP, fails=True)
        assert "Pulumi does not give its lock: the stack is currently locked by 1 lock(s)" in output
        assert "pulumi cancel --stack dev --yes" in output
        assert "killed during" not in output
        # The first run goes on writing the state, so that one look may fall between two of its writes.
        wait_for(lambda: is_open(cloud))
        assert objects(cloud, LOCKS) == [lock]
        assert engine.is_running()
        engine.kill()

    project.write("web", documents.text(documents.namespace(WHERE), documents.deployment(WHERE, "web")))
    project.pulumi("cancel", "--yes")
    output = project.run("sh", "-c", f"{' '.join(UP)} 2>&1")
    assert "the last run was killed during 1 operations" in output
    assert (pending(cloud), objects(cloud, LOCKS)) == ([], [])
    assert project.get("left", "-n", WHERE, "deployment", "web")["status"]["readyReplicas"] == 1
    project.kubectl("left", "delete", "namespace", WHERE, "--wait=false")
