"""Random edits of documents, preferences, members and live objects, an update after each.

After every one, what stands in the members is what was planned, nothing more, and a second update changes nothing; what
stands in a member that is held is what stood there before, whatever was edited meanwhile. And each update does what
`fed plan` announced before it, object by object; rules with names explain the rest (`operations/engine/announced.py`).
``SOAK_EDITS`` says how many edits (``make soak``: 100), ``SOAK_SEED`` repeats a run: the seed is printed.
"""

import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml

from federation.operations.engine import announced, engine_events
from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import harness
from tests.sandbox.stack.harness import Project

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("stack-soak")]

NAMESPACE = "soak"
MEMBERS = ("left", "right")
EVERYWHERE: Mapping[str, Any] = {"clusterSelector": {}}
KINDS = ("namespaces", "configmaps", "deployments", "secrets", "services")
EDITS = int(os.environ.get("SOAK_EDITS", "2"))


@dataclass(slots=True)
class Written:
    """Documents and members as they stand in the project, and the chance that edits them. ``held`` names the one member
    that is not available, if there is one; ``gold`` are the members with that label."""

    project: Project
    chance: random.Random
    configmaps: dict[str, dict[str, Any]] = field(default_factory=dict)
    deployments: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    preferences: dict[str, dict[str, Any]] = field(default_factory=dict)
    gold: set[str] = field(default_factory=set)
    held: str = ""

    @property
    def available(self) -> list[str]:
        return [member for member in MEMBERS if member != self.held]

    def save(self) -> None:
        documents = [
            federated("Namespace", NAMESPACE, {"placement": dict(EVERYWHERE)}),
            *(federated("ConfigMap", name, spec) for name, spec in self.configmaps.items()),
            *(federated("Deployment", name, spec) for name, spec in self.deployments.items()),
            *(federated("Secret", name, spec) for name, spec in self.secrets.items()),
            *(preference(name, spec) for name, spec in self.preferences.items()),
        ]
        self.project.write("soak", yaml.safe_dump_all(documents))
        changes = {
            member: {"labels": {"tier": "gold" if member in self.gold else "base"}, "available": member != self.held}
            for member in MEMBERS
        }
        self.project.config(members=changes)

    def placement(self) -> dict[str, Any]:
        chosen = self.chance.choice(["everywhere", "gold", *MEMBERS])
        if chosen == "everywhere":
            return dict(EVERYWHERE)
        if chosen == "gold":
            return {"clusterSelector": {"matchLabels": {"tier": "gold"}}}
        return {"clusters": [{"name": chosen}]}


def federated(kind: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": f"Federated{kind}",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": dict(spec),
    }


def preference(name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "scheduling.kubefed.io/v1alpha1",
        "kind": "ReplicaSchedulingPreference",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"targetKind": "FederatedDeployment", **spec},
    }


def deployment(name: str, written: Written, **more: str) -> dict[str, Any]:
    labels = {"app": name, **more}
    image = f"web:{written.chance.randrange(1000)}"
    pods = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": image}]}}
    replicas = written.chance.randrange(1, 4)
    template = {"spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": pods}}
    return {"template": template, "placement": dict(EVERYWHERE)}


def add_or_change_configmap(written: Written) -> str:
    name = f"map-{written.chance.randrange(4)}"
    value = str(written.chance.randrange(10**6))
    written.configmaps[name] = {"template": {"data": {"value": value}}, "placement": written.placement()}
    return f"write ConfigMap {name}"


def override_configmap(written: Written) -> str:
    everywhere = [name for name, spec in written.configmaps.items() if spec["placement"] == EVERYWHERE]
    if not everywhere:
        return add_or_change_configmap(written)
    name = written.chance.choice(everywhere)
    operation = {"path": "/data/value", "value": f"overridden-{written.chance.randrange(1000)}"}
    member = written.chance.choice(MEMBERS)
    written.configmaps[name]["overrides"] = [{"clusterName": member, "clusterOverrides": [operation]}]
    return f"override ConfigMap {name} in {member}"


def remove_configmap(written: Written) -> str:
    if not written.configmaps:
        return add_or_change_configmap(written)
    name = written.chance.choice(sorted(written.configmaps))
    del written.configmaps[name]
    return f"remove ConfigMap {name}"


def add_or_change_deployment(written: Written) -> str:
    name = f"web-{written.chance.randrange(2)}"
    written.deployments[name] = deployment(name, written)
    return f"write Deployment {name}"


def replace_deployment(written: Written) -> str:
    """A selector cannot be changed in place."""
    if not written.deployments:
        return add_or_change_deployment(written)
    name = written.chance.choice(sorted(written.deployments))
    written.deployments[name] = deployment(name, written, version=str(written.chance.randrange(1000)))
    return f"give Deployment {name} another selector"


def rotate_secret(written: Written) -> str:
    """After the first time only the value changes, which no plan compares."""
    value = str(written.chance.randrange(10**6))
    written.secrets["token"] = {"template": {"stringData": {"token": value}}, "placement": dict(EVERYWHERE)}
    return "rotate Secret token"


def divide_deployment(written: Written) -> str:
    if not written.deployments:
        return add_or_change_deployment(written)
    name = written.chance.choice(sorted(written.deployments))
    weights = {member: {"weight": written.chance.randrange(1, 4)} for member in MEMBERS}
    written.preferences[name] = {"totalReplicas": written.chance.randrange(1, 8), "clusters": weights}
    return f"divide Deployment {name}"


def remove_deployment(written: Written) -> str:
    if not written.deployments:
        return add_or_change_deployment(written)
    name = written.chance.choice(sorted(written.deployments))
    del written.deployments[name]
    written.preferences.pop(name, None)
    return f"remove Deployment {name}"


def label_member(written: Written) -> str:
    member = written.chance.choice(MEMBERS)
    written.gold ^= {member}
    return f"{member} is {'gold' if member in written.gold else 'gold no more'}"


def hold_or_release_member(written: Written) -> str:
    before = written.held
    written.held = "" if before else written.chance.choice(MEMBERS)
    return f"{before} is available again" if before else f"{written.held} is not available"


def scale_by_hand(written: Written) -> str:
    return _by_hand(written, "deployments", "scale", "--replicas=5")


def label_by_hand(written: Written) -> str:
    return _by_hand(written, "configmaps", "label", "--overwrite", labels=("kubefed.io/managed=touched",))


def delete_by_hand(written: Written) -> str:
    return _by_hand(written, "configmaps", "delete", "--wait=true")


def _by_hand(written: Written, kind: str, verb: str, *options: str, labels: tuple[str, ...] = ()) -> str:
    member = written.chance.choice(written.available)
    found = [name for name in standing(written.project, member) if name[0] == kind]
    if not found:
        return add_or_change_configmap(written)
    name = written.chance.choice(sorted(found))[1]
    written.project.kubectl(member, "-n", NAMESPACE, verb, kind, name, *labels, *options)
    return f"{verb} {kind}/{name} in {member} by hand"


EDITORS: tuple[Callable[[Written], str], ...] = (
    add_or_change_configmap,
    override_configmap,
    remove_configmap,
    add_or_change_deployment,
    replace_deployment,
    rotate_secret,
    divide_deployment,
    remove_deployment,
    label_member,
    hold_or_release_member,
    scale_by_hand,
    label_by_hand,
    delete_by_hand,
)


def standing(project: Project, member: str) -> dict[tuple[str, str], Any]:
    """What stands in the member and is ours, by plural and name."""
    found = {}
    for kind in KINDS:
        scope = [] if kind == "namespaces" else ["-n", NAMESPACE]
        for item in project.get(member, *scope, "--show-managed-fields", kind)["items"]:
            managers = {each["manager"] for each in item["metadata"].get("managedFields", [])}
            if "eks-federation" in managers and (scope or item["metadata"]["name"] == NAMESPACE):
                found[kind, item["metadata"]["name"]] = item
    return found


def unmoved(project: Project, member: str) -> dict[tuple[str, str], Any]:
    """What an update would change of what stands in the member; what controllers report of it is left out."""
    return {
        name: [item["metadata"]["uid"], item["metadata"].get("labels"), item.get("spec"), item.get("data")]
        for name, item in standing(project, member).items()
    }


def planned(project: Project) -> dict[str, dict[tuple[str, str], Any]]:
    tree = json.loads(project.run("fed", "plan", "--stack", "dev", "--output", "json"))
    return {
        member["name"]: {(f"{each['kind'].lower()}s", each["name"]): each["manifest"] for each in member["objects"]}
        for member in tree["members"]
    }


def contains(live: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(live, dict) and all(contains(live.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(live, list) and len(live) == len(wanted) and all(map(contains, live, wanted))
    return bool(live == wanted)


@pytest.fixture
def project(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    clusters = {member: f"soak-{member}" for member in MEMBERS}
    made = harness.make(tmp_path_factory.mktemp("soak"), cloud, clusters, guarded=False)
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview")


def test_after_every_edit_the_members_are_what_was_planned(project: Project) -> None:
    seed = int(os.environ.get("SOAK_SEED", random.SystemRandom().randrange(10**6)))
    print(f"SOAK_SEED={seed} SOAK_EDITS={EDITS}")  # noqa: T201 -- shown with a failure, to repeat it
    written = Written(project=project, chance=random.Random(seed))  # noqa: S311 -- to be repeated, not to be secret
    written.save()
    update_as_announced(project, [], f"seed {seed}, the first update")
    stood: dict[tuple[str, str], Any] = {}
    for number in range(EDITS):
        editor = written.chance.choice(EDITORS)
        was_held = written.held
        done = editor(written)
        written.save()
        if written.held and not was_held:
            stood = unmoved(project, written.held)
        by_hand = ["--refresh"] if editor in (scale_by_hand, label_by_hand, delete_by_hand) else []
        where = f"seed {seed}, edit {number}: {done}"
        update_as_announced(project, by_hand, where)
        check(project, {name: each for name, each in planned(project).items() if name != written.held}, where)
        if written.held:
            assert unmoved(project, written.held) == stood, where
        project.pulumi("preview", "--expect-no-changes")


def update_as_announced(project: Project, options: list[str], where: str) -> None:
    """Update, and hold what the engine did against what `fed plan` announced."""
    tree = json.loads(project.run("fed", "plan", "--stack", "dev", "--no-live", "--output", "json"))
    announcement = announced.read_announcement(tree)
    log = project.folder.parent / "events.json"
    log.unlink(missing_ok=True)
    project.up("--event-log", str(log), *options)
    events = list(engine_events.events(log))
    assert events, where
    done = engine_events.by_member(events, MEMBERS)
    differences = announced.compare_with_announced(announcement, done, announced.drifted(events) if options else ())
    print(f"{where}: {dict(announced.counts(announcement.operations))}")  # noqa: T201 -- to see what was compared
    for each in differences:
        print(f"  {each}")  # noqa: T201 -- what a rule explains is shown as well
    assert [str(each) for each in differences if not each.rule] == [], where


def check(project: Project, wanted: Mapping[str, Mapping[tuple[str, str], Any]], where: str) -> None:
    assert wanted, where
    for member, objects in wanted.items():
        live = standing(project, member)
        assert sorted(live) == sorted(objects), f"{where}; in {member}"
        shown = {name: each for name, each in objects.items() if name[0] != "secrets"}  # of those, no value is printed
        assert [name for name in shown if not contains(live[name], shown[name])] == [], f"{where}; in {member}"
