"""The library in a program of one's own, and the same federation through the component package."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from federation.plan.changes import memory
from sandbox.place import CHECKOUT
from tests.sandbox import cloud as running
from tests.sandbox.cloud import Cloud, MemberCluster
from tests.sandbox.stack import harness

EXAMPLE = CHECKOUT / "examples" / "python"
MARK = "<!-- examples/python/__main__.py -->"
MANAGED = "kubefed.io/managed"
SECRET = "given-by-the-program-41c7"
REMOTE = """
import pulumi

OUTPUTS = dict.fromkeys(("planDigest", "endpoints", "kubeconfigs", "dnsNames"))

class Federation(pulumi.ComponentResource):
    def __init__(self, name, inputs):
        super().__init__("eks-federation:index:Federation", name, {**inputs, **OUTPUTS}, None, True)

config = pulumi.Config()
inputs = config.require_object("inputs")
shop = Federation("shop", {**inputs, "secrets": {"token": config.require_secret("token")}})
pulumi.export("endpoints", shop.endpoints)
pulumi.export("kubeconfigs", shop.kubeconfigs)
"""

group = pytest.mark.xdist_group("example")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A Pulumi project that is not this one, with a stack ``dev`` and a backend of its own."""

    folder: Path
    clusters: Mapping[str, MemberCluster]
    environment: Mapping[str, str] = field(repr=False)

    def run(self, *command: str, fails: bool = False, **variables: str) -> str:
        environment = {**self.environment, **variables}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300)
        assert (done.returncode != 0) is fails, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def pulumi(self, *arguments: str, fails: bool = False, **variables: str) -> str:
        options = ("--stack", "dev", "--non-interactive", "--color=never")
        return self.run("pulumi", *arguments, *options, fails=fails, **variables)

    def up(self, *arguments: str, fails: bool = False) -> str:
        return self.pulumi("up", "--yes", "--skip-preview", *arguments, fails=fails)

    def edit(self, *changes: tuple[str, str]) -> None:
        """Write the example's program with ``changes``, each an old and a new text."""
        text = (EXAMPLE / "__main__.py").read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (self.folder / "__main__.py").write_text(text)

    def state(self) -> Any:
        """The state, secrets encrypted."""
        return json.loads(self.pulumi("stack", "export"))

    def versions(self) -> Mapping[str, str]:
        """The resource versions of the example's ConfigMap and Deployment, by member and kind."""
        kinds = {"deploy": "shop", "configmap": "settings"}
        found = {f"{m}/{k}": self.get(m, k, name, "shop") for m in self.clusters for k, name in kinds.items()}
        return {name: each["metadata"]["resourceVersion"] for name, each in found.items()}

    def outputs(self) -> Any:
        return json.loads(self.pulumi("stack", "output", "--json", "--show-secrets"))

    def get(self, member: str, kind: str, name: str, namespace: str) -> Any:
        cluster = self.clusters[member]
        options = ("--kubeconfig", str(cluster.kubeconfig), "--context", harness.context(cluster), "-n", namespace)
        return json.loads(self.run("kubectl", *options, "get", kind, name, "-o", "json"))


def make(folder: Path, cloud: Cloud) -> Program:
    """The example as its user has it."""
    clusters = {"taipei": running.member(cloud, "shared"), "tokyo": running.member(cloud, "second")}
    home = folder / "shop"
    shutil.copytree(EXAMPLE, home)
    project = yaml.safe_load((home / "Pulumi.yaml").read_text())
    project["runtime"]["options"]["virtualenv"] = str(CHECKOUT / ".venv")
    (home / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    (folder / "state").mkdir()
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    environment = {
        **kept,
        **cloud.environment,
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "KUBECONFIG": os.pathsep.join(str(cluster.kubeconfig) for cluster in clusters.values()),
    }
    program = Program(folder=home, clusters=clusters, environment=environment)
    program.pulumi("stack", "init")
    return program


@pytest.fixture(scope="module")
def example(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    made = make(tmp_path_factory.mktemp("example"), cloud)
    made.pulumi("config", "set", "here", harness.context(made.clusters["taipei"]))
    made.pulumi("config", "set", "there", harness.context(made.clusters["tokyo"]))
    made.pulumi("up", "--yes", "--skip-preview")
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview")


@pytest.mark.sandbox
@group
def test_the_example_places_what_is_written_in_yaml_and_in_python_on_both_clusters(example: Program) -> None:
    ready = {member: example.get(member, "deploy", "shop", "shop")["status"] for member in example.clusters}
    assert {member: status["readyReplicas"] for member, status in ready.items()} == {"taipei": 2, "tokyo": 1}
    for member in example.clusters:
        assert example.get(member, "configmap", "settings", "shop")["data"] == {"greeting": "hello"}
    assert example.outputs()["objects"] == [
        f"{member}/{name}"
        for member in ("taipei", "tokyo")
        for name in ("Namespace/shop", "shop/ConfigMap/settings", "shop/Deployment/shop")
    ]


@pytest.mark.sandbox
@group
def test_a_fault_in_the_programs_documents_ends_it_with_its_place_and_without_a_traceback(example: Program) -> None:
    broken = example.folder / "workloads" / "broken.yaml"
    broken.write_text("apiVersion: types.kubefed.io/v1beta1\nkind: FederatedConfigMap\n")
    shown = example.pulumi("preview", fails=True)
    broken.unlink()
    assert "federation shop was not changed" in shown
    assert "workloads/broken.yaml:1" in shown
    assert "Traceback" not in shown


LOST = ('["workloads", settings]', "[]")
RENAMED = ('name="tokyo"', 'name="edo"')
HELD = ('region="jp"', 'region="jp", available=False')
ORPHAN = ('"name": "settings"', '"annotations": {"kubefed.io/orphan": "true"}, "name": "settings"')
NO_SETTINGS = ('["workloads", settings]', '["workloads"]')
LEFT_OUT = ("members=members", "members=members[:1]")


@pytest.mark.sandbox
@group
def test_what_the_guard_refuses_in_a_program_of_ones_own_changes_nothing(example: Program) -> None:
    before = example.versions()
    example.edit(LOST)
    shown = example.up(fails=True)
    assert "namespace shop would be deleted in taipei, tokyo" in shown
    assert "Traceback" not in shown
    assert example.versions() == before
    assert "namespace shop would be deleted" in example.pulumi("preview", EKS_FEDERATION_GUARD="off")


@pytest.mark.sandbox
@group
def test_a_renamed_member_of_a_program_of_ones_own_is_refused(example: Program) -> None:
    before = example.versions()
    example.edit(RENAMED)
    workloads = example.folder / "workloads" / "shop.yaml"
    text = workloads.read_text()
    workloads.write_text(text.replace("tokyo:", "edo:"))
    shown = example.up(fails=True)
    workloads.write_text(text)
    assert "tokyo is no longer a member, and edo leads to its cluster" in shown
    assert example.versions() == before


def as_before(example: Program) -> None:
    """Write the state as an earlier version of stacks had it: what is known of an update in the stack's outputs."""
    state = example.state()
    resources = {each["type"]: each for each in state["deployment"]["resources"]}
    left = resources[memory.COMPONENT].pop("outputs")
    resources["pulumi:pulumi:Stack"]["outputs"] |= left | {"held": {}}
    file = example.folder.parent / "before.json"
    file.write_text(json.dumps(state))
    example.pulumi("stack", "import", "--file", str(file))


@pytest.mark.sandbox
@group
def test_a_held_member_and_an_orphan_are_not_forgotten_by_a_program_of_ones_own(example: Program) -> None:
    example.edit(ORPHAN)
    example.up()
    as_before(example)
    before = example.versions()
    example.edit(NO_SETTINGS, HELD)
    example.up()
    assert example.get("taipei", "deploy", "shop", "shop")["spec"]["replicas"] == 3
    after = example.versions()
    assert {name: after[name] for name in after if "tokyo" in name} == {
        name: before[name] for name in before if "tokyo" in name
    }
    assert MANAGED not in example.get("taipei", "configmap", "settings", "shop")["metadata"].get("labels", {})
    kept = {each["urn"].rpartition("::")[2]: each for each in example.state()["deployment"]["resources"]}
    assert kept["tokyo/shop/ConfigMap/settings"]["retainOnDelete"] is True
    example.edit(NO_SETTINGS, LEFT_OUT)
    shown = example.pulumi("preview", fails=True)
    assert "tokyo was quarantined at the last update and is no longer a member" in shown
    example.edit(NO_SETTINGS)
    example.up()
    assert MANAGED not in example.get("tokyo", "configmap", "settings", "shop")["metadata"].get("labels", {})
    assert example.get("tokyo", "deploy", "shop", "shop")["spec"]["replicas"] == 1


@pytest.mark.sandbox
@group
def test_what_the_next_update_has_to_know_shows_in_no_preview(example: Program) -> None:
    example.edit(("hello", "hello again"))
    for option in ("--show-replacement-steps", "--diff"):
        shown = example.pulumi("preview", option)
        assert "index/1" not in shown
        assert "settings" in shown


@pytest.fixture(scope="module")
def remote(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A program that knows nothing of the library: the engine starts the component package for it."""
    made = make(tmp_path_factory.mktemp("remote"), cloud)
    project = yaml.safe_load((made.folder / "Pulumi.yaml").read_text())
    del project["config"]
    project["plugins"] = {"providers": [{"name": "eks-federation", "path": str(CHECKOUT / "package")}]}
    (made.folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    (made.folder / "__main__.py").write_text(REMOTE)
    documents = made.folder / "workloads" / "shop.yaml"
    documents.write_text(documents.read_text().replace("shop", "remote"))  # both programs use the same clusters
    config = {"shop:inputs": inputs(made)}
    (made.folder / "Pulumi.dev.yaml").write_text(
        yaml.safe_dump({**yaml.safe_load((made.folder / "Pulumi.dev.yaml").read_text()), "config": config})
    )
    made.pulumi("config", "set", "--secret", "token", SECRET)
    made.pulumi("up", "--yes", "--skip-preview")
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview")


def inputs(program: Program) -> Any:
    def federated(kind: str, name: str, template: Any) -> Any:
        metadata = {"name": name, "namespace": "remote"}
        spec = {"template": template, "placement": {"clusterSelector": {}}}
        return {"apiVersion": "types.kubefed.io/v1beta1", "kind": kind, "metadata": metadata, "spec": spec}

    return {
        "members": {
            member: {"provider": "kubeconfig", "context": harness.context(cluster), "region": member, "wave": wave}
            for wave, (member, cluster) in enumerate(program.clusters.items())
        },
        "files": ["workloads"],
        "documents": [
            federated("FederatedConfigMap", "settings", {"data": {"greeting": "hello"}}),
            federated("FederatedSecret", "token", {"stringData": {"token": {"valueFrom": {"config": "token"}}}}),
        ],
    }


@pytest.mark.sandbox
@group
def test_the_component_package_builds_the_same_federation_for_any_program(remote: Program) -> None:
    ready = {member: remote.get(member, "deploy", "remote", "remote")["status"] for member in remote.clusters}
    assert {member: status["readyReplicas"] for member, status in ready.items()} == {"taipei": 2, "tokyo": 1}
    assert sorted(remote.outputs()["endpoints"]) == ["taipei", "tokyo"]
    assert "unchanged" in remote.pulumi("preview", "--expect-no-changes")
    components = [each for each in remote.state()["deployment"]["resources"] if each["type"] == memory.COMPONENT]
    (left,) = (each["outputs"]["index"] for each in components if "index" in each.get("outputs", {}))
    assert sorted(left) == ["taipei", "tokyo"]


@pytest.mark.sandbox
@group
def test_the_component_package_refuses_what_the_guard_does(remote: Program) -> None:
    config = remote.folder / "Pulumi.dev.yaml"
    text = config.read_text()
    tree = yaml.safe_load(text)
    del tree["config"]["shop:inputs"]["files"], tree["config"]["shop:inputs"]["documents"]
    config.write_text(yaml.safe_dump(tree))
    shown = remote.pulumi("preview", fails=True)
    config.write_text(text)
    assert "namespace remote would be deleted in taipei, tokyo" in shown


@pytest.mark.sandbox
@group
def test_secrets_given_to_the_component_reach_the_members_and_lie_plain_nowhere(remote: Program) -> None:
    encoded = remote.get("taipei", "secret", "token", "remote")["data"]["token"]
    plain = json.dumps(remote.get("tokyo", "secret", "token", "remote")["data"])
    assert encoded in plain
    states = [path.read_text() for path in (remote.folder.parent / "state").rglob("*.json")]
    assert states
    assert not any(SECRET in state or encoded in state for state in states)
    assert json.loads(remote.outputs()["kubeconfigs"]["taipei"])["kind"] == "Config"


def test_the_readme_shows_the_example_as_it_is_run() -> None:
    _, found, rest = (CHECKOUT / "README.md").read_text().partition(f"{MARK}\n```python\n")
    assert found, f"README.md has no block of Python under {MARK}"
    assert rest.partition("```")[0] == (EXAMPLE / "__main__.py").read_text()
