"""A member stops answering without being held: the others are updated, and one line reports it."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox import state
from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project
from tests.sandbox.waiting import wait_for

pytestmark = pytest.mark.sandbox

LOST = "lost-us-east"
SECONDS = 60.0


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """Two members, one of them this module's own to lose."""
    return harness.make(tmp_path, cloud, {"ap-northeast": "shared", "us-east": LOST})


def api_server(cloud: Cloud) -> int:
    """The process id of the API server that is to be lost."""
    running = state.load(cloud.place.state)
    assert running is not None
    (found,) = (child.identity.pid for child in running.children if child.what == f"member-{LOST} apiserver")
    return found


@contextmanager
def dead(cloud: Cloud, project: Project) -> Iterator[None]:
    """Without the API server of the lost member; it is started again afterwards."""
    os.kill(api_server(cloud), signal.SIGKILL)
    try:
        yield
    finally:
        cloud.ask("cluster-start", name=LOST)


@contextmanager
def hanging(cloud: Cloud, project: Project) -> Iterator[None]:
    """With an API server that accepts connections and never answers."""
    pid = api_server(cloud)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def application(where: str, greeting: str, *others: dict[str, Any]) -> str:
    web = (documents.deployment(where, "web"), documents.service(where, "web"))
    return documents.text(
        documents.namespace(where), documents.config_map(where, "web", greeting=greeting), *web, *others
    )


def kept(project: Project) -> dict[str, dict[str, Any]]:
    """All that the state knows of the lost member's objects, but for when it was written."""
    times = ("created", "modified")
    state = json.loads(project.pulumi("stack", "export", "--show-secrets"))["deployment"]
    return {
        each["urn"]: {key: value for key, value in each.items() if key not in times}
        for each in state["resources"]
        if "::us-east/" in each["urn"]
    }


def greeting(project: Project, where: str, member: str) -> str:
    return str(project.get(member, "-n", where, "cm", "web")["data"]["greeting"])


MISSED = "it misses update us-east/{where}/ConfigMap/web;"
REFUSED = "configured Kubernetes cluster is unreachable"


@pytest.mark.parametrize(
    ("lost", "new", "said"),
    [
        pytest.param(dead, (), MISSED, id="dead"),
        pytest.param(hanging, ("new",), REFUSED, id="hanging", marks=pytest.mark.soak),
    ],
)
def test_the_others_are_updated_and_nothing_of_the_lost_member_changes(
    project: Project, cloud: Cloud, lost: Any, new: tuple[str, ...], said: str, request: pytest.FixtureRequest
) -> None:
    where = f"lost-{request.node.callspec.id}"
    project.write("web", application(where, "hello"))
    project.up()
    before, balancers = kept(project), json.loads(project.pulumi("stack", "output", "members"))["us-east"]
    with lost(cloud, project):
        quiet = project.up()
        assert quiet.partition("Diagnostics:")[2].count("us-east does not answer") == 1
        assert "it has no changes in this update" in quiet

        others = [documents.config_map(where, name, a="1") for name in new]
        project.write("web", application(where, "good evening", *others))
        started = time.monotonic()
        changed = project.up("--continue-on-error", fails=True)
        assert time.monotonic() - started < SECONDS
        assert said.format(where=where) in changed
        assert greeting(project, where, "ap-northeast") == "good evening"
        assert [project.get("ap-northeast", "-n", where, "cm", name)["data"] for name in new] == [{"a": "1"}] * len(new)
        assert kept(project) == before
        assert json.loads(project.pulumi("stack", "output", "members"))["us-east"] == balancers
    wait_for(lambda: "ok" in project.kubectl("us-east", "get", "--raw", "/readyz"))
    project.up()
    assert greeting(project, where, "us-east") == "good evening"
    assert [project.get("us-east", "-n", where, "cm", name)["data"] for name in new] == [{"a": "1"}] * len(new)
