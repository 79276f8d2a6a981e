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

from sandbox.place import CHECKOUT
from tests.sandbox import cloud as running
from tests.sandbox.cloud import Cloud, MemberCluster
from tests.sandbox.stack import harness

EXAMPLE = CHECKOUT / "examples" / "python"
MARK = "<!-- examples/python/__main__.py -->"
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
    """A Pulumi project of somebody else's, with a stack ``dev`` and a backend of its own."""

    folder: Path
    clusters: Mapping[str, MemberCluster]
    environment: Mapping[str, str] = field(repr=False)

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=dict(self.environment), capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def pulumi(self, *arguments: str) -> str:
        return self.run("pulumi", *arguments, "--stack", "dev", "--non-interactive", "--color=never")

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
    done = subprocess.run(
        ["pulumi", "preview", "--stack", "dev", "--non-interactive", "--color=never"],
        cwd=example.folder,
        env=dict(example.environment),
        capture_output=True,
        text=True,
        timeout=120,
    )
    broken.unlink()
    assert done.returncode != 0
    assert "nothing of federation shop was touched" in done.stdout
    assert "workloads/broken.yaml:1" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


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
