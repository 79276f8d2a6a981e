"""Kill updates of two stacks, one on EKS, at random moments, and update again after each.

``make soak KILLS=200``: this file is no part of ``make test``. ``KILL_SEED`` repeats a run: the seed is printed. Three
ways to kill take turns by chance: the engine alone, the engine with its plugins, and the supervisor of the sandbox,
with which the whole cloud is lost. After each, ``fed up`` converges: nothing is lost, and nothing stands twice.
"""

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

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
ON_EKS, ELSEWHERE = "east", "left"
STACKS = {ELSEWHERE: 3, ON_EKS: 1}
"""The stacks, by their only member, and how often each is updated: one with EKS takes much longer."""
ENGINE, ENGINE_AND_PLUGINS, SUPERVISOR = "engine", "engine and plugins", "supervisor"
WAYS = {ENGINE: 24, ENGINE_AND_PLUGINS: 15, SUPERVISOR: 1}
"""How often each way is taken. All clusters are made anew after a supervisor's end, which takes a minute."""
SHARE = 0.6
"""The part of `fed up` that is the engine's update; the rest is asking what stands, before and after."""


@dataclass(slots=True)
class Stack:
    """A stack between kills. ``number`` is the round of its documents, ``seconds`` how long an update takes."""

    project: Project
    cloud: Cloud
    member: str
    number: int = 0
    seconds: float = 0.0
    uid: str = ""

    def begin(self, cloud: Cloud) -> None:
        """Make the member's cluster and bring everything up; after the supervisor's end, all is new."""
        self.cloud, self.uid = cloud, ""
        # A cluster's administrator gets in by certificate, whatever becomes of the stack's own way in.
        admin = cloud.place.folder / "clusters" / f"eks-{REGION}-atlas-dev-{ON_EKS}" / "admin.kubeconfig"
        cluster = MemberCluster(name=ON_EKS, kubeconfig=admin)
        if self.member == ELSEWHERE:
            cluster = running.member(cloud, "kill-left")
        environment = {**self.project.environment, **cloud.environment}
        # Every stack has a backend of its own in the sandbox's folder, and is gone with it.
        backend = cloud.place.folder / f"backend-{self.member}"
        backend.mkdir(exist_ok=True)
        environment["PULUMI_BACKEND_URL"] = f"file://{backend}"
        self.project = replace(self.project, clusters={self.member: cluster}, environment=environment)
        self.write_config(cluster)
        self.project.write("kill", killing.documents(self.number))
        self.project.pulumi("stack", "init")
        self.update()
        self.next_round()
        started = time.monotonic()
        self.update()
        self.seconds = time.monotonic() - started

    def write_config(self, cluster: MemberCluster) -> None:
        """Write the config anew: the salt of a passphrase that is gone would hinder the next engine."""
        member: dict[str, Any] = {"provider": "eks", "region": REGION, "zones": ["us-east-1a", "us-east-1b"]}
        member |= {"kubernetesVersion": "1.34", "nodes": {"desired": 1}}
        if self.member == ELSEWHERE:
            member = {"provider": "kubeconfig", "context": harness.context(cluster), "region": "left"}
            member["kubeconfig"] = str(cluster.kubeconfig)
        made = {
            "federation": {"name": "atlas", "zone": "", "deletionProtection": False},
            "workloads": ["workloads"],
            "dns": {"provider": "none"},
            "members": {self.member: member},
        }
        config = {f"eks-federation:{key}": value for key, value in made.items()}
        (self.project.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))

    def next_round(self) -> None:
        """Write other documents: a config map goes, one comes, all else changes."""
        self.number += 1
        self.project.write("kill", killing.documents(self.number))

    def update(self) -> None:
        """Update; the member has the round's documents then, and state and AWS have everything once."""
        killing.fed_up(self.project)
        killing.assert_converged(self.project, self.number)
        found = str(self.project.get(self.member, "namespace", killing.NAMESPACE)["metadata"]["uid"])
        assert found == (self.uid or found), "the namespace was made anew"
        self.uid = found
        if self.member == ON_EKS:
            own = [{"Name": "is-default", "Values": ["false"]}]
            vpcs = self.cloud.aws("ec2", REGION).describe_vpcs(Filters=own)["Vpcs"]
            assert (len(vpcs), len(self.cloud.aws("eks", REGION).list_clusters()["clusters"])) == (1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Soak:
    """All stacks, by member, and the chance that kills them."""

    cloud: Cloud
    stacks: Mapping[str, Stack]
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)

    def choose(self, weights: Mapping[str, int]) -> str:
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def begin(self) -> None:
        """Bring all stacks up, in a sandbox that runs."""
        cloud = running.open_cloud(self.cloud.place)
        for stack in self.stacks.values():
            stack.begin(cloud)


@pytest.fixture
def soak(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Soak]:
    seed = int(os.environ.get("KILL_SEED", random.SystemRandom().randrange(10**6)))
    print(f"KILL_SEED={seed} KILLS={KILLS}", flush=True)  # noqa: T201 -- shown with a failure, to repeat it
    stacks = {}
    for member in STACKS:
        project = harness.make(tmp_path_factory.mktemp(f"kills-{member}"), cloud, {}, guarded=False)
        stacks[member] = Stack(project=project, cloud=cloud, member=member)
    chance = random.Random(seed)  # noqa: S311 -- to be repeated, not to be secret
    found = Soak(cloud=cloud, stacks=stacks, chance=chance)
    found.begin()
    yield found
    for stack in stacks.values():
        stack.project.pulumi("destroy", "--yes", "--skip-preview")


def test_after_every_kill_the_next_update_converges(soak: Soak) -> None:
    begun = time.monotonic()
    while soak.done.total() < KILLS:
        stack, way = soak.stacks[soak.choose(STACKS)], soak.choose(WAYS)
        stack.next_round()
        moment = soak.chance.uniform(0.0, stack.seconds * SHARE)
        killed = kill(stack, way, moment)
        if way == SUPERVISOR:
            lifecycle.up(soak.cloud.place, lambda _: None)
            soak.begin()
        else:
            stack.update()
        soak.done[f"{way} of {stack.member}"] += killed
        what = f"{way} of {stack.member} after {moment:.1f} s{'' if killed else ', which was too late'}"
        print(f"{time.monotonic() - begun:.0f} s, {soak.done.total()} of {KILLS}: {what}", flush=True)  # noqa: T201
    print(f"kills: {dict(soak.done)}, {time.monotonic() - begun:.0f} s in all")  # noqa: T201


def kill(stack: Stack, way: str, moment: float) -> bool:
    """Begin an update and kill it so many seconds after it took its lock; false when it had ended by then."""
    with killing.started(stack.project) as engine:
        try:
            # The whole output is taken, or the engine would stop at a full pipe.
            engine.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            kill_now(stack, way, engine)
            engine.communicate()
            return True
        if way == SUPERVISOR:
            kill_now(stack, way, engine)
        return False


def kill_now(stack: Stack, way: str, engine: "subprocess.Popen[str]") -> None:
    if way == SUPERVISOR:
        written = state.load(stack.cloud.place.state)
        assert written is not None
        assert written.supervisor is not None
        processes.end([written.supervisor])
        return
    outliving = killing.plugins(killing.family(engine.pid))
    engine.kill()
    if way == ENGINE_AND_PLUGINS:
        processes.end(outliving)
    wait_for(lambda: engine.poll() is not None)
