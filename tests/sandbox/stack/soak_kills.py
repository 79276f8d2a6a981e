"""Kill updates at random moments, over a member on EKS and one that is not, and update again after each.

``make soak KILLS=200``: this file is no part of ``make test``. ``KILL_SEED`` repeats a run: the seed is printed. Three
ways to kill take turns by chance: the engine alone, the engine with its plugins, and the supervisor of the sandbox,
with which the whole cloud is lost. After each, ``fed up`` converges: nothing is lost, and nothing stands twice.
"""

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from sandbox import lifecycle, processes, state
from tests.sandbox import cloud as running
from tests.sandbox.cloud import Cloud, MemberCluster
from tests.sandbox.stack import harness, killing
from tests.sandbox.stack.harness import Project
from tests.sandbox.waiting import wait_for

KILLS = int(os.environ.get("KILLS", "20"))
REGION = "us-east-1"
EKS = {"provider": "eks", "region": REGION, "zones": ["us-east-1a", "us-east-1b"], "nodes": {"desired": 1}}
ENGINE, ENGINE_AND_PLUGINS, SUPERVISOR = "engine", "engine and plugins", "supervisor"
WEIGHTS = {ENGINE: 12, ENGINE_AND_PLUGINS: 7, SUPERVISOR: 1}
"""How often each way is taken. All clusters are made anew after a supervisor's end, which takes a minute."""


@dataclass(slots=True)
class Soak:
    """The stack between kills. ``number`` is the round of its documents, ``seconds`` how long an update takes."""

    folder: Path
    cloud: Cloud
    project: Project
    chance: random.Random
    number: int = 0
    seconds: float = 0.0
    uids: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """Make the clusters and bring everything up; after the supervisor's end, all is new."""
        self.cloud = running.open_cloud(self.cloud.place)
        left = running.member(self.cloud, "kill-left")
        # The administrator of the cluster gets in by certificate, whatever becomes of the stack's own way in.
        admin = self.cloud.place.folder / "clusters" / f"eks-{REGION}-atlas-dev-east" / "admin.kubeconfig"
        self.project = Project(
            folder=self.project.folder,
            clusters={"left": left, "east": MemberCluster(name="east", kubeconfig=admin)},
            environment={**self.project.environment, **self.cloud.environment},
        )
        write_config(self.project, left)
        self.project.write("kill", killing.documents(self.number))
        killing.fed_up(self.project)
        self.uids = {}
        self.check()

    def check(self) -> None:
        """Every member has the round's documents, the state and AWS have everything once, and nothing was made anew."""
        killing.assert_converged(self.project, self.number)
        found = {name: self.uid(name) for name in self.project.clusters}
        assert found == (self.uids or found), "a namespace was made anew"
        self.uids = found
        own = [{"Name": "is-default", "Values": ["false"]}]
        vpcs = self.cloud.aws("ec2", REGION).describe_vpcs(Filters=own)["Vpcs"]
        assert (len(vpcs), len(self.cloud.aws("eks", REGION).list_clusters()["clusters"])) == (1, 1)

    def uid(self, member: str) -> str:
        return str(self.project.get(member, "namespace", killing.NAMESPACE)["metadata"]["uid"])

    def next_round(self) -> None:
        """Write other documents: a config map goes, one comes, all else changes."""
        self.number += 1
        self.project.write("kill", killing.documents(self.number))


def write_config(project: Project, left: MemberCluster) -> None:
    """Write the stack's config anew: the salt of a passphrase that is gone would hinder the next engine."""
    elsewhere = {"provider": "kubeconfig", "context": harness.context(left), "kubeconfig": str(left.kubeconfig)}
    made = {
        "federation": {"name": "atlas", "zone": ""},
        "workloads": ["workloads"],
        "dns": {"provider": "none"},
        "members": {"left": {**elsewhere, "region": "left"}, "east": EKS},
    }
    config = {f"eks-federation:{key}": value for key, value in made.items()}
    (project.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))


@pytest.fixture
def soak(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Soak]:
    seed = int(os.environ.get("KILL_SEED", random.SystemRandom().randrange(10**6)))
    print(f"KILL_SEED={seed} KILLS={KILLS}", flush=True)  # noqa: T201 -- shown with a failure, to repeat it
    folder = tmp_path_factory.mktemp("kills")
    made = harness.make(folder, cloud, {"left": "kill-left"}, guarded=False)
    chance = random.Random(seed)  # noqa: S311 -- to be repeated, not to be secret
    found = Soak(folder=folder, cloud=cloud, project=made, chance=chance)
    found.begin()
    yield found
    found.project.pulumi("destroy", "--yes", "--skip-preview")


def test_after_every_kill_the_next_update_converges(soak: Soak) -> None:
    done: Counter[str] = Counter()
    begun = time.monotonic()
    soak.seconds = duration(soak)
    while done.total() < KILLS:
        soak.next_round()
        way = soak.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        moment = soak.chance.uniform(0.0, soak.seconds)
        killed = kill(soak, way, moment)
        if way == SUPERVISOR:
            lifecycle.up(soak.cloud.place, lambda _: None)
            soak.begin()
        else:
            killing.fed_up(soak.project)
            soak.check()
        done[way] += killed
        where = f"round {soak.number}: {way} after {moment:.1f} s{'' if killed else ', which was too late'}"
        print(f"{time.monotonic() - begun:.0f} s, {done.total()} of {KILLS}, {where}", flush=True)  # noqa: T201
    print(f"kills: {dict(done)}, {time.monotonic() - begun:.0f} s in all")  # noqa: T201


def duration(soak: Soak) -> float:
    """The seconds that an update of a round takes when nobody kills it."""
    soak.next_round()
    started = time.monotonic()
    killing.fed_up(soak.project)
    return time.monotonic() - started


def kill(soak: Soak, way: str, moment: float) -> bool:
    """Begin an update and kill it so many seconds after it took its lock; false when it had ended by then."""
    with killing.started(soak.project) as engine:
        try:
            # The whole output is taken, or the engine would stop at a full pipe.
            engine.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            kill_now(soak, way, engine)
            engine.communicate()
            return True
        return False


def kill_now(soak: Soak, way: str, engine: "subprocess.Popen[str]") -> None:
    if way == SUPERVISOR:
        written = state.load(soak.cloud.place.state)
        assert written is not None
        assert written.supervisor is not None
        processes.end([written.supervisor])
        return
    outliving = killing.plugins(killing.family(engine.pid))
    engine.kill()
    if way == ENGINE_AND_PLUGINS:
        processes.end(outliving)
    wait_for(lambda: engine.poll() is not None)
