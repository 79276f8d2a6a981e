"""A member gives replicas up only after others are ready: ready replicas are watched at every moment.

An application of twelve replicas moves between three members. Never are fewer ready than before or after.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project
from tests.sandbox.stack.watching import ReadyReplicas, ready_replicas
from tests.sandbox.waiting import wait_for

pytestmark = pytest.mark.sandbox

WHERE = "moving"
TOTAL = 12  # so many that a quarter of a member's, which a Deployment may lack while it grows, is a replica
SECONDS = 4  # for a rollout that never becomes ready
TIME_TO_GO = 60  # for a namespace, with all that stands in it
GOOD, BROKEN = "web:1", "does-not-exist/web:1"
DOCUMENT = f"{WHERE}/Deployment/web"


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """Three members, of which this test takes out whole ones on purpose."""
    clusters = {"us-east": "shared", "us-west": "second", "eu-central": "third"}
    return harness.make(tmp_path, cloud, clusters, guarded=False)


def apply(project: Project, *members: str, joined: str = "us-east us-west eu-central", image: str = GOOD) -> None:
    """Write an application that goes to ``members`` alike; ``image`` is the one of eu-central."""
    present = replace(project, clusters={name: project.clusters[name] for name in joined.split()})
    seconds = SECONDS if image == BROKEN else TIME_TO_GO
    present.config(federation={"name": "atlas", "zone": "", "timeoutSeconds": seconds})
    web = documents.deployment(WHERE, "web", replicas=TOTAL // len(members))
    change = {"path": "/spec/template/spec/containers/0/image", "value": image}
    if "eu-central" in members:
        web["spec"]["overrides"] = [{"clusterName": "eu-central", "clusterOverrides": [change]}]
    web["spec"]["placement"] = {"clusters": [{"name": name} for name in members]}
    project.write("web", documents.text(documents.namespace(WHERE), web))


@dataclass(frozen=True, slots=True)
class Replicas:
    """What is watched, and how often it is held against the floor."""

    seen: ReadyReplicas

    @contextmanager
    def never_fewer(self, **end: int) -> Iterator[None]:
        """All moments of the body have the replicas of before, and it ends with those by member."""
        self.seen.start()
        yield
        wanted = {name.replace("_", "-"): count for name, count in sorted(end.items())}
        wait_for(lambda: self.seen.now() == wanted)
        assert self.seen.fewest() >= TOTAL


def moves(project: Project) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(project.run("fed", "plan", "--stack", "dev", "--output", "json"))[
        "moves"
    ]
    return found


def test_ready_replicas_are_never_fewer_while_members_come_fail_and_go(project: Project) -> None:
    apply(project, "us-east", "us-west", joined="us-east us-west")
    project.up()
    with ready_replicas(project, WHERE, "web") as seen:
        wait_for(lambda: seen.now() == {"us-east": 6, "us-west": 6})
        replicas = Replicas(seen)
        a_member_that_fails_to_come_up_takes_nothing(project, replicas)
        one_that_comes_up_takes_its_share_before_the_others_shrink(project, replicas)
        one_that_leaves_does_so_when_the_others_have_grown(project, replicas)
        a_placement_does_not_move_to_where_nothing_becomes_ready(project, replicas)
        a_placement_moves_when_the_new_place_is_ready(project, replicas)
        a_member_that_is_taken_out_goes_when_the_others_have_grown(project, replicas)


def a_member_that_fails_to_come_up_takes_nothing(project: Project, replicas: Replicas) -> None:
    apply(project, "us-east", "us-west", "eu-central", image=BROKEN)
    takers = {"document": DOCUMENT, "takers": ["eu-central"], "givers": ["us-east", "us-west"], "leavers": []}
    assert moves(project) == [takers]
    with replicas.never_fewer(us_east=6, us_west=6):
        output = project.run("fed", "up", "--stack", "dev", "--yes", "--skip-preview", fails=True)
    assert f"{DOCUMENT}: us-east, us-west keep all replicas, since eu-central is not ready to take over" in output
    assert output.count(f"{DOCUMENT} keeps its replicas: waits for eu-central") == 2  # us-east and us-west in the table
    with replicas.never_fewer(us_east=6, us_west=6):
        project.up(fails=True)
    assert moves(project) == [takers]


def one_that_comes_up_takes_its_share_before_the_others_shrink(project: Project, replicas: Replicas) -> None:
    apply(project, "us-east", "us-west", "eu-central")
    with replicas.never_fewer(us_east=4, us_west=4, eu_central=4):
        project.up()
    assert moves(project) == []
    project.up("--expect-no-changes")


def one_that_leaves_does_so_when_the_others_have_grown(project: Project, replicas: Replicas) -> None:
    apply(project, "us-east", "us-west")
    with replicas.never_fewer(us_east=6, us_west=6):
        project.up()


def a_placement_does_not_move_to_where_nothing_becomes_ready(project: Project, replicas: Replicas) -> None:
    apply(project, "us-west", "eu-central", image=BROKEN)
    takers = {"document": DOCUMENT, "takers": ["eu-central"], "givers": [], "leavers": ["us-east"]}
    assert moves(project) == [takers]
    for _ in range(2):
        with replicas.never_fewer(us_east=6, us_west=6):
            output = project.up("--continue-on-error", fails=True)
        assert f"{DOCUMENT}: us-east keeps all replicas, since eu-central is not ready to take over" in output
        assert moves(project) == [takers]


def a_placement_moves_when_the_new_place_is_ready(project: Project, replicas: Replicas) -> None:
    apply(project, "us-west", "eu-central")
    with replicas.never_fewer(us_west=6, eu_central=6):
        project.up()


def a_member_that_is_taken_out_goes_when_the_others_have_grown(project: Project, replicas: Replicas) -> None:
    apply(project, "us-east", "eu-central", joined="us-east eu-central")
    with replicas.never_fewer(us_east=6, eu_central=6):
        project.up()
