"""An environment in cells: each member's objects have a stack of their own, and no member stops another."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project
from tests.sandbox.stack.watching import ready_replicas
from tests.sandbox.waiting import wait_for

pytestmark = pytest.mark.sandbox

WHERE = "cells"
SECONDS = 4  # for a rollout that never becomes ready
TIME_TO_GO = 60
MEMBERS = ("eu-central", "us-east", "us-west")
Replicas = Mapping[str, int]
FIRST: Replicas = {"us-east": 8, "us-west": 4}
SECOND: Replicas = {"us-east": 4, "us-west": 8}
THIRD: Replicas = {"eu-central": 4, "us-east": 4, "us-west": 4}


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """Three members in cells; whole ones are taken out on purpose."""
    clusters = {"us-east": "shared", "us-west": "second", "eu-central": "third"}
    return harness.make(tmp_path, cloud, clusters, guarded=False)


def write(project: Project, web: Replicas, api: Replicas, *, broken: bool = False, quarantined: str = "") -> None:
    """Write two applications with these replicas by member. ``broken`` has an image in eu-central that never runs."""
    seconds = SECONDS if broken else TIME_TO_GO
    members = {quarantined: {"available": False}} if quarantined else {}
    layout = {"name": "atlas", "zone": "", "timeoutSeconds": seconds, "layout": "cells"}
    project.config(federation=layout, members=members)
    made = [application(name, each, broken=broken) for name, each in (("web", web), ("api", api))]
    project.write("web", documents.text(documents.namespace(WHERE), *made))


def application(name: str, replicas: Replicas, *, broken: bool) -> dict[str, object]:
    made = documents.deployment(WHERE, name)
    image = {"path": "/spec/template/spec/containers/0/image", "value": "does-not-exist/web:1"}
    made["spec"]["overrides"] = [
        {
            "clusterName": member,
            "clusterOverrides": [
                {"path": "/spec/replicas", "value": count},
                *([image] if broken and member == "eu-central" else []),
            ],
        }
        for member, count in replicas.items()
    ]
    made["spec"]["placement"] = {"clusters": [{"name": name} for name in replicas]}
    return made


def up(project: Project, *options: str, fails: bool = False) -> str:
    return project.run("fed", "up", "--yes", "--stack", "dev", *options, fails=fails)


def cells(output: str) -> dict[str, list[str]]:
    """What the table of an update has on each cell, in the order of its runs."""
    rows = [line.split(maxsplit=1) for line in output.splitlines() if line.startswith("dev")]
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row[1] if len(row) > 1 else "")
    return found


def stacks(project: Project) -> list[str]:
    return sorted(each["name"] for each in json.loads(project.run("pulumi", "stack", "ls", "--json")))


def test_an_environment_in_cells_from_its_first_update_to_its_end(project: Project) -> None:
    nothing_is_made_unasked(project)
    each_member_has_a_stack(project)
    an_unchanged_cell_is_not_run(project)
    with ready_replicas(project, WHERE, "web") as web, ready_replicas(project, WHERE, "api") as api:
        wait_for(lambda: web.now() == FIRST and api.now() == SECOND)
        for each in (web, api):
            each.start()
        replicas_move_both_ways_between_two_members(project)
        wait_for(lambda: web.now() == SECOND and api.now() == FIRST)
        a_member_that_fails_takes_nothing(project)
        assert (web.now(), api.now()) == (SECOND, FIRST)
        a_member_that_comes_up_takes_its_share(project)
        wait_for(lambda: web.now() == THIRD and api.now() == FIRST)
        assert (web.fewest(), api.fewest()) == (12, 12)
    a_quarantined_members_cells_are_not_run(project)
    one_cell_is_updated_as_typed(project)
    a_member_that_leaves_is_emptied_last(project)
    all_of_it_goes(project)


def nothing_is_made_unasked(project: Project) -> None:
    write(project, FIRST, SECOND)
    output = up(project, fails=True)
    assert "these cells of dev do not exist" in output
    assert stacks(project) == ["dev"]


def each_member_has_a_stack(project: Project) -> None:
    rows = cells(up(project, "--create"))
    assert stacks(project) == ["dev", *(f"dev.{name}.apps" for name in MEMBERS)]
    assert [rows[f"dev.{name}.apps"][0].split(" (")[0] for name in ("us-east", "us-west")] == ["3 created"] * 2
    assert not list(project.folder.glob("Pulumi.dev.*.yaml"))


def an_unchanged_cell_is_not_run(project: Project) -> None:
    rows = cells(up(project))
    assert sorted(rows) == stacks(project)
    assert all(row[0].startswith("unchanged since ") for row in rows.values())
    rows = cells(up(project, "--refresh"))
    assert all(row[0].startswith("unchanged (") for row in rows.values())


def replicas_move_both_ways_between_two_members(project: Project) -> None:
    write(project, SECOND, FIRST)
    rows = cells(up(project))
    for name in ("us-east", "us-west"):
        taken, given = rows[f"dev.{name}.apps"]
        assert taken.startswith("1 updated")
        assert given.startswith("1 updated")


def a_member_that_fails_takes_nothing(project: Project) -> None:
    write(project, THIRD, FIRST, broken=True)
    output = up(project, fails=True)
    (row,) = cells(output)["dev.eu-central.apps"]
    assert row.startswith("failed (")
    assert "Deployment/web" in row
    for name in ("us-east", "us-west"):
        live = project.get(name, "deployment", "web", "-n", WHERE)
        assert live["spec"]["replicas"] == SECOND[name]


def a_member_that_comes_up_takes_its_share(project: Project) -> None:
    write(project, THIRD, FIRST)
    rows = cells(up(project))
    assert rows["dev.us-west.apps"][-1].startswith("1 updated")


def a_quarantined_members_cells_are_not_run(project: Project) -> None:
    write(project, THIRD, FIRST, quarantined="eu-central")
    rows = cells(up(project))
    assert rows["dev.eu-central.apps"] == ["quarantined: not run"]
    assert project.get("eu-central", "deployment", "web", "-n", WHERE)["spec"]["replicas"] == THIRD["eu-central"]
    write(project, THIRD, FIRST)
    up(project)


def one_cell_is_updated_as_typed(project: Project) -> None:
    arguments = ("--stack", "dev.us-east.apps", "--yes", "--skip-preview", "--non-interactive", "--expect-no-changes")
    project.run("pulumi", "up", "--config-file", "Pulumi.dev.yaml", *arguments)


def a_member_that_leaves_is_emptied_last(project: Project) -> None:
    present = replace(project, clusters={name: project.clusters[name] for name in ("us-east", "eu-central")})
    write(present, {"us-east": 6, "eu-central": 6}, {"us-east": 12})
    assert cells(up(project))["dev.us-west.apps"][0].startswith("3 deleted")
    assert "NotFound" in project.run(
        "kubectl", "--kubeconfig", str(project.clusters["us-west"].kubeconfig), "get", "namespace", WHERE, fails=True
    )


def all_of_it_goes(project: Project) -> None:
    project.run("fed", "destroy", "--stack", "dev", "--yes-destroy", "dev")
    for name in ("us-east", "eu-central"):
        wait_for(partial(is_empty, project, name))


def is_empty(project: Project, member: str) -> bool:
    return WHERE not in project.kubectl(member, "get", "namespaces", "-o", "name")
