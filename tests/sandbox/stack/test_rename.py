"""A renamed member keeps its objects: the very same ones, with nothing created, changed or deleted."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.operations.engine import engine_events
from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

WHERE, LEFT = "renamed", "renamed-left"
NAMES = ("onprem", "dc1", "dc2")


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """One member, called onprem, with an application, a ConfigMap and an orphan in a namespace of its own."""
    project = harness.make(tmp_path, cloud, {"onprem": "shared"})
    project = replace(project, environment={**project.environment, "PULUMI_DEBUG_COMMANDS": "true"})
    write(project, documents.config_map(WHERE, "old", a="1"))
    orphan = documents.namespace(LEFT)
    orphan["metadata"]["annotations"] = {"kubefed.io/orphan": "true"}
    project.write("left", documents.text(orphan))
    project.up()
    return project


def write(project: Project, *more: dict[str, Any]) -> None:
    application = (documents.config_map(WHERE, "web", a="1"), documents.deployment(WHERE, "web", replicas=2))
    project.write("web", documents.text(documents.namespace(WHERE), *application, *more))


def called(project: Project, name: str, **values: Any) -> Project:
    """The project with its one member under another name."""
    (cluster,) = project.clusters.values()
    renamed = replace(project, clusters={name: cluster})
    renamed.config(members={name: values})
    return renamed


def versions(project: Project) -> dict[str, str]:
    """The resource versions of the objects in the member, whatever it is called."""
    (member,) = project.clusters
    some = project.get(member, "-n", WHERE, "configmaps,deployments", "-l", "kubefed.io/managed=true")["items"]
    found = [project.get(member, "namespace", WHERE), *some]
    return {f"{each['kind']}/{each['metadata']['name']}": each["metadata"]["resourceVersion"] for each in found}


def operations(project: Project) -> dict[str, set[str]]:
    """The resources of a member that the engine comes to in an update, by what it does. Its provider is left out: its
    settings differ while the member is held."""
    log = project.folder / "events.json"
    log.unlink(missing_ok=True)
    project.up("--event-log", str(log))
    found: dict[str, set[str]] = {}
    for event in engine_events.events(log):
        if "resOutputsEvent" in event or "resourcePreEvent" in event:
            metadata = (event.get("resOutputsEvent") or event["resourcePreEvent"])["metadata"]
            name = metadata["urn"].rpartition("::")[2]
            if name.partition("/")[0] in NAMES and not name.endswith("/kubernetes"):
                found.setdefault(metadata["op"], set()).add(name)
    return found


def names(project: Project) -> set[str]:
    """The logical names of a member's resources in the state."""
    found = [each["urn"].rpartition("::")[2] for each in project.state()["resources"]]
    return {name for name in found if name.partition("/")[0] in NAMES}


def test_a_renamed_member_keeps_all_that_stands_in_it(project: Project) -> None:
    before = versions(project)
    state = names(project)
    refused = called(project, "dc1", region="onprem")
    for said in (refused.up(fails=True), refused.run("fed", "plan", "--stack", "dev", fails=True)):
        assert "onprem is no longer a member, and dc1 leads to its cluster" in said
        assert "write formerNames: [onprem] under dc1" in said
        assert "unjoin" not in said
    assert (versions(project), names(project)) == (before, state)

    dc1 = called(project, "dc1", region="onprem", formerNames=["onprem"])
    planned = json.loads(dc1.run("fed", "plan", "--stack", "dev", "--output", "json"))
    assert planned["renamed"] == {"dc1": "onprem"}
    assert planned["transition"]["members"] == {"dc1": {"same": 5}}
    assert set(operations(dc1)) == {"same"}
    assert versions(dc1) == before
    assert names(dc1) == {name.replace("onprem", "dc1") for name in state}
    dc1.up("--expect-no-changes")

    # The way is the same for a member that is quarantined, by a second rename, with what goes in the same update.
    dc2 = called(dc1, "dc2", region="onprem", formerNames=["onprem", "dc1"], available=False)
    assert set(operations(dc2)) == {"same"}
    assert versions(dc2) == before
    dc2 = called(dc2, "dc1", region="onprem", formerNames=["onprem", "dc2"])
    write(dc2)
    (dc2.folder / "workloads" / "left.yaml").unlink()
    done = operations(dc2)
    assert done["delete"] == {f"dc2/{WHERE}/ConfigMap/old", f"dc2/Namespace/{LEFT}"}
    assert set(done) == {"same", "delete"}
    del before["ConfigMap/old"]
    assert versions(dc2) == before
    assert "kubefed.io/managed" not in dc2.get("dc1", "namespace", LEFT)["metadata"]["labels"]
    assert called(dc2, "dc1", region="onprem").up("--expect-no-changes")
