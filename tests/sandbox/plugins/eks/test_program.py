"""A small program through the real engine, against the running sandbox."""

import json
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud

# One group: the stack is made once, whatever the number of workers.
pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("eks-program")]
PROGRAM = Path(__file__).parent / "program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack of the program, with a backend of its own."""

    cloud: Cloud
    folder: Path
    name: str

    def pulumi(self, *arguments: str) -> str:
        """Run a command of Pulumi's and return what it prints; fails the test when it fails."""
        environment = {
            **self.cloud.environment,
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}",
            "HOME": str(self.folder),
        }
        done = subprocess.run(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.folder / "program",
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"pulumi {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def output(self, name: str) -> Any:
        return json.loads(self.pulumi("stack", "output", "--json"))[name]


@pytest.fixture(scope="module")
def stack(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "backend").mkdir()
    (folder / "program").mkdir()
    for source in PROGRAM.glob("*.*"):
        (folder / "program" / source.name).write_text(source.read_text())
    made = Stack(cloud=cloud, folder=folder, name=f"p{secrets.token_hex(3)}")
    made.pulumi("stack", "init", "dev")
    made.pulumi("config", "set", "name", made.name)
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview")


def record_weights(stack: Stack) -> dict[str, int]:
    sets = stack.cloud.aws("route53").list_resource_record_sets(HostedZoneId=stack.output("zone"))
    return {found["SetIdentifier"]: found["Weight"] for found in sets["ResourceRecordSets"] if "Weight" in found}


@pytest.fixture(scope="module")
def deployed(stack: Stack) -> Stack:
    preview = stack.pulumi("preview")
    assert "eks:index:ManagedNodeGroup pool create" in preview
    stack.pulumi("up", "--yes", "--skip-preview")
    return stack


def test_a_program_stands_up_and_then_nothing_changes_not_even_after_a_refresh(deployed: Stack) -> None:
    assert "unchanged" in deployed.pulumi("preview", "--expect-no-changes")
    deployed.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    deployed.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_nodes_and_weights_change_in_place(deployed: Stack) -> None:
    deployed.pulumi("config", "set", "nodes", "2")
    deployed.pulumi("config", "set", "weight", "9")
    shown = deployed.pulumi("up", "--yes", "--skip-preview", "--diff")
    assert "~ weight: 3 => 9" in shown
    assert "2 updated" in shown
    eks = deployed.cloud.aws("eks", "us-west-2")
    group = eks.describe_nodegroup(clusterName=deployed.name, nodegroupName=deployed.output("group"))["nodegroup"]
    assert group["scalingConfig"]["desiredSize"] == 2
    assert record_weights(deployed) == {"one": 9, "two": 6}


def test_the_cluster_is_one_that_kubectl_can_use_with_the_programs_kubeconfig(deployed: Stack) -> None:
    written = json.loads(deployed.pulumi("stack", "output", "--show-secrets", "--json"))["kubeconfig"]
    kubeconfig = deployed.folder / "kubeconfig"
    kubeconfig.write_text(written if isinstance(written, str) else json.dumps(written))
    command = ["kubectl", "--kubeconfig", str(kubeconfig), "get", "namespace", "demo", "-o", "name"]
    done = subprocess.run(
        command, env=dict(deployed.cloud.environment), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "namespace/demo", done.stderr


def test_no_key_of_the_sandboxs_is_in_the_state(deployed: Stack) -> None:
    secret = deployed.cloud.environment["AWS_SECRET_ACCESS_KEY"]
    states = [path.read_text() for path in (deployed.folder / "backend").rglob("*.json")]
    assert states
    assert not any(secret in state for state in states)
