"""A held member's replicas move, its objects stay, and it gets the missed changes when it is back."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

MEMBERS = ("ap-northeast", "us-east", "us-west")
DONE = ("created", "updated", "deleted", "replaced")
STOPPED = "lost-held"
LOST = {"us-east": {"available": False}}


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """Three members, one of them this module's own, since it is stopped."""
    return harness.make(tmp_path, cloud, {"ap-northeast": "shared", "us-east": STOPPED, "us-west": "second"})


def application(where: str, *others: Mapping[str, Any], greeting: str = "hello") -> str:
    """The talk's application in a namespace, and ``others`` beside it."""
    return documents.text(
        documents.namespace(where),
        documents.config_map(where, "web", greeting=greeting),
        documents.deployment(where, "web"),
        documents.preference(where, "web"),
        *map(dict, others),
    )


def replicas(project: Project, where: str, *members: str) -> dict[str, int]:
    return {name: project.get(name, "-n", where, "deploy", "web")["status"].get("readyReplicas", 0) for name in members}


def changed(printed: str, member: str) -> dict[str, str]:
    """What an update says that it did in a member: object -> operation. The settings of its provider are left out:
    while it is held, they are to wait two seconds for the API server."""
    lines = re.findall(rf" {member}/(\S+) (\w+) \(", printed)
    return {name: operation for name, operation in lines if operation in DONE and name != "kubernetes"}


def versions(project: Project, where: str, member: str) -> dict[str, str]:
    """Who stands where in a member, and when each was written last; pods come and go by themselves."""
    found = project.get(member, "-n", where, "configmaps,deployments", "-l", "kubefed.io/managed=true")["items"]
    return {
        f"{each['kind']}/{each['metadata']['name']}": each["metadata"]["generation"]
        if each["kind"] == "Deployment"
        else each["metadata"]["resourceVersion"]
        for each in found
    }


def test_a_held_member_misses_nothing_and_loses_nothing(project: Project, cloud: Cloud) -> None:
    where = "held"
    project.write("web", application(where, documents.config_map(where, "old", a="1")))
    project.up()
    assert replicas(project, where, *MEMBERS) == {"ap-northeast": 3, "us-east": 6, "us-west": 6}
    before = versions(project, where, "us-east")
    assert set(before) == {"ConfigMap/old", "ConfigMap/web", "Deployment/web"}

    project.config(members=LOST)
    moved = project.up()
    assert changed(moved, "us-east") == {}
    assert "us-east is quarantined: its 4 objects stay as they are" in moved
    assert replicas(project, where, *MEMBERS) == {"ap-northeast": 3, "us-east": 6, "us-west": 12}
    assert versions(project, where, "us-east") == before

    cloud.ask("cluster-stop", name=STOPPED)
    project.write("web", application(where, documents.config_map(where, "new", a="1"), greeting="good evening"))
    meanwhile = project.up()
    assert changed(meanwhile, "us-east") == {}
    assert changed(meanwhile, "us-west") == {
        f"{where}/ConfigMap/web": "updated",
        f"{where}/ConfigMap/new": "created",
        f"{where}/ConfigMap/old": "deleted",
    }
    held = json.loads(project.pulumi("stack", "output", "quarantined"))
    assert held == {
        "us-east": {
            "pending": {f"us-east/{where}/ConfigMap/new": "create", f"us-east/{where}/ConfigMap/web": "update"},
            "kept": [f"us-east/{where}/ConfigMap/old"],
        }
    }
    replace(project, clusters={name: project.clusters[name] for name in ("ap-northeast", "us-west")}).config()
    assert "us-east was quarantined at the last update and is no longer a member" in project.up(fails=True)

    cloud.ask("cluster-start", name=STOPPED)
    assert versions(project, where, "us-east") == before
    project.config()
    back = project.up()
    assert changed(back, "us-east") == {
        f"{where}/ConfigMap/web": "updated",
        f"{where}/ConfigMap/new": "created",
        f"{where}/ConfigMap/old": "deleted",
    }
    assert replicas(project, where, *MEMBERS) == {"ap-northeast": 3, "us-east": 6, "us-west": 6}
    assert versions(project, where, "us-east")["Deployment/web"] == before["Deployment/web"]
