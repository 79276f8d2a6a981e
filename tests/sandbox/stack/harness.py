"""Run the whole program on clusters that are not EKS, with a project and a backend of its own."""

import json
import os
import shutil
import subprocess
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.place import CHECKOUT
from tests.sandbox import cloud as running
from tests.sandbox.cloud import Cloud, MemberCluster

PROJECT = "name: eks-federation\nruntime: python\n"


class CommandError(Exception):
    """A command ended with an error; the text is all that it wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project with a stack ``dev`` whose members are clusters of the sandbox."""

    folder: Path
    clusters: Mapping[str, MemberCluster]
    environment: Mapping[str, str] = field(repr=False)

    def config(self, **values: Any) -> None:
        """Write the stack's config: all members, and ``values`` beside them; ``members`` there adds to a member,
        or is one that the federation makes itself."""
        changes: Mapping[str, Mapping[str, Any]] = values.pop("members", {})
        members = {
            name: {
                "provider": "kubeconfig",
                "context": context(cluster),
                "kubeconfig": str(cluster.kubeconfig),
                "region": name,
                **changes.get(name, {}),
            }
            for name, cluster in self.clusters.items()
        }
        members |= {name: dict(added) for name, added in changes.items() if name not in self.clusters}
        path = self.folder / "Pulumi.dev.yaml"
        old = yaml.safe_load(path.read_text()) if path.exists() else {}
        kept = {
            key: value for key, value in old.get("config", {}).items() if isinstance(value, dict) and "secure" in value
        }
        made = {"federation": {"name": "atlas", "zone": ""}, "workloads": ["workloads"], "dns": {"provider": "none"}}
        made |= {"members": members} | values
        config = {f"eks-federation:{key}": value for key, value in made.items()}
        path.write_text(yaml.safe_dump({**old, "config": {**kept, **config}}))

    def write(self, name: str, text: str) -> None:
        """Write ``workloads/<name>.yaml``."""
        path = self.folder / "workloads" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))

    def run(self, *command: str, fails: bool = False) -> str:
        """Run a command in the project's folder and return what it wrote; ``CommandError`` if it ends otherwise."""
        done = subprocess.run(
            command, cwd=self.folder, env=dict(self.environment), capture_output=True, text=True, timeout=300
        )
        text = done.stdout + done.stderr
        if (done.returncode != 0) is not fails:
            raise CommandError(f"{' '.join(command)}: exit code {done.returncode}\n{text}")
        return text if fails else done.stdout

    def pulumi(self, *arguments: str, fails: bool = False) -> str:
        """Run ``pulumi`` on the stack."""
        return self.run("pulumi", *arguments, "--stack", "dev", "--non-interactive", "--color=never", fails=fails)

    def up(self, *arguments: str, fails: bool = False) -> str:
        """Update without a preview."""
        return self.pulumi("up", "--yes", "--skip-preview", *arguments, fails=fails)

    def state(self) -> Any:
        """The deployment in the state, secrets encrypted."""
        return json.loads(self.pulumi("stack", "export"))["deployment"]

    def kubectl(self, member: str, *arguments: str) -> str:
        """Ask a member's API server."""
        cluster = self.clusters[member]
        return self.run("kubectl", "--kubeconfig", str(cluster.kubeconfig), "--context", context(cluster), *arguments)

    def get(self, member: str, *arguments: str) -> Any:
        """What ``kubectl get`` answers, as a tree."""
        return json.loads(self.kubectl(member, "get", *arguments, "-o", "json"))


def context(cluster: MemberCluster) -> str:
    """The one context of a cluster's kubeconfig."""
    return str(yaml.safe_load(cluster.kubeconfig.read_text())["current-context"])


def make(folder: Path, cloud: Cloud, clusters: Mapping[str, str], *, guarded: bool = True) -> Project:
    """A project with a stack in ``folder``; ``clusters`` names the sandbox's cluster of each member. One that takes
    nearly everything away on purpose is not ``guarded``."""
    home = folder / "project"
    home.mkdir(parents=True)
    (home / "Pulumi.yaml").write_text(PROJECT)
    shutil.copy(CHECKOUT / "__main__.py", home / "__main__.py")
    (home / "workloads").mkdir()
    backend = folder / "state"
    backend.mkdir()
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    project = Project(
        folder=home,
        clusters={member: running.member(cloud, name) for member, name in clusters.items()},
        environment={
            **kept,
            **cloud.environment,
            "PULUMI_BACKEND_URL": f"file://{backend}?metadata=skip",
            "PULUMI_DEBUG_COMMANDS": "true",  # `pulumi up --event-log` is one
            "EKS_FEDERATION_GUARD": "on" if guarded else "off",
            # The code beside these tests, also where the environment has that of another checkout installed.
            "PYTHONPATH": str(CHECKOUT),
        },
    )
    project.config()
    project.pulumi("stack", "init")
    return project
