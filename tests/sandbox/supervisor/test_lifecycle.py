"""A sandbox begins and ends as its commands say, also when its supervisor is killed."""

import ipaddress
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox import place, processes, state
from sandbox.toolchain.tools import Toolchain

pytestmark = pytest.mark.sandbox
COMMAND = "from sandbox.cli import app; app(prog_name='fed sandbox')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    folder: Path

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, place.VARIABLE: str(self.folder)}
        command = [sys.executable, "-c", COMMAND, *arguments]
        return subprocess.run(command, env=environment, cwd=place.CHECKOUT, capture_output=True, text=True, check=False)

    def ok(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def state(self) -> state.State:
        written = state.load(self.folder / "state.json")
        assert written is not None
        return written

    def processes(self) -> list[processes.Identity]:
        written = self.state()
        assert written.supervisor is not None
        return [written.supervisor, *(child.identity for child in written.children)]

    def environment(self) -> dict[str, str]:
        variables: dict[str, str] = json.loads(self.ok("env", "--shell", "json"))
        return variables


@pytest.fixture
def sandbox(tmp_path: Path, toolchain: Toolchain) -> Iterator[Sandbox]:
    own = Sandbox(folder=tmp_path / "sandbox")
    yield own
    own.ok("down")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Iterator[Sandbox]:
    """One that runs, with a cluster, for tests that only look."""
    own = Sandbox(folder=tmp_path_factory.mktemp("running") / "sandbox")
    own.ok("up")
    own.ok("cluster", "create", "edge", "--nodes", "1")
    yield own
    own.ok("down")


def port(url: str) -> int:
    return int(url.rpartition(":")[2])


def is_open(number: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", number)) == 0


def test_without_a_sandbox_every_command_says_how_to_start_one(sandbox: Sandbox) -> None:
    for arguments in (["status"], ["env"], ["kubeconfig"], ["logs"], ["cluster", "list"], ["cluster", "delete", "x"]):
        done = sandbox.run(*arguments)
        assert done.returncode == 1
        assert done.stderr == "fed sandbox: not running; start it with 'fed sandbox up'\n"


def test_up_twice_is_one_sandbox_and_down_leaves_nothing(sandbox: Sandbox) -> None:
    assert "up after" in sandbox.ok("up")
    sandbox.ok("cluster", "create", "edge", "--nodes", "1")
    before = sandbox.state()
    assert "already running" in sandbox.ok("up")
    assert sandbox.state() == before
    ran = sandbox.processes()
    ports = [
        port(before.front),
        *(port(one["endpoint"]) for one in json.loads(sandbox.ok("cluster", "list", "-o", "json"))),
    ]
    assert (len(ran), len(ports)) == (6, 2)
    assert all(is_open(number) for number in ports)
    sandbox.ok("down")
    assert [identity for identity in ran if processes.is_alive(identity)] == []
    assert processes.marked(before.mark) == []
    assert not any(is_open(number) for number in ports)
    assert not sandbox.folder.exists()


def test_what_a_killed_supervisor_leaves_is_ended_by_the_next_up_and_its_stacks_go(sandbox: Sandbox) -> None:
    sandbox.ok("up")
    sandbox.ok("cluster", "create", "edge", "--nodes", "0")
    stack = sandbox.folder / "backend" / ".pulumi" / "stacks" / "demo" / "dev.json"
    stack.parent.mkdir(parents=True)
    stack.write_text("{}")
    supervisor, *children = sandbox.processes()
    os.kill(supervisor.pid, signal.SIGKILL)
    output = sandbox.ok("up")
    assert f"ended {len(children)} processes" in output
    assert "stacks that described that cloud were removed" in output
    assert [identity for identity in children if processes.is_alive(identity)] == []
    assert not stack.exists()
    assert json.loads(sandbox.ok("cluster", "list", "-o", "json")) == []


def test_what_a_killed_supervisor_leaves_is_ended_by_down_even_if_it_was_never_written_down(sandbox: Sandbox) -> None:
    sandbox.ok("up")
    supervisor, *children = sandbox.processes()
    os.kill(supervisor.pid, signal.SIGKILL)
    path = sandbox.folder / "state.json"
    document: dict[str, Any] = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "children": []}))
    assert [identity for identity in children if processes.is_alive(identity)] == children
    sandbox.ok("down")
    assert [identity for identity in children if processes.is_alive(identity)] == []


def test_two_sandboxes_run_beside_each_other(sandbox: Sandbox, tmp_path: Path) -> None:
    other = Sandbox(folder=tmp_path / "other")
    sandbox.ok("up")
    other.ok("up")
    assert sandbox.environment()["AWS_ENDPOINT_URL"] != other.environment()["AWS_ENDPOINT_URL"]
    other.ok("cluster", "create", "edge", "--nodes", "0")
    assert "no clusters" in sandbox.ok("status")
    other.ok("down")
    assert "no clusters" in sandbox.ok("status")


def test_no_other_user_can_read_anything_of_it(running: Sandbox) -> None:
    running.ok("kubeconfig")
    assert stat.S_IMODE(running.folder.stat().st_mode) == 0o700
    own = [path for path in running.folder.rglob("*") if "pulumi-home" not in path.parts and not path.is_symlink()]
    open_files = [
        path for path in own if stat.S_IMODE(path.stat().st_mode) & 0o077 and path.parent.name not in ("bin", "engine")
    ]
    assert open_files == []


def test_every_listener_is_on_loopback(running: Sandbox) -> None:
    addresses = [address for identity in running.processes() for address in listening(identity.pid)]
    assert len(addresses) >= 4
    assert [address for address in addresses if not address.is_loopback] == []


def listening(pid: int) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    links = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink()]
    inodes = {link.removeprefix("socket:[").rstrip("]") for link in links if link.startswith("socket:[")}
    rows = [row.split() for name in ("tcp", "tcp6") for row in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()]
    return [parse_address(row[1].partition(":")[0]) for row in rows if row[3] == "0A" and row[9] in inodes]


def parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    words = [bytes.fromhex(text[start : start + 8])[::-1] for start in range(0, len(text), 8)]
    return ipaddress.ip_address(b"".join(words))


def test_the_variables_are_all_that_programs_need(running: Sandbox) -> None:
    variables = running.environment()
    asked = subprocess.run(
        ["pulumi", "stack", "ls", "--json"],
        env={**variables, "HOME": str(running.folder)},
        cwd=place.CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (asked.returncode, asked.stdout.strip()) == (0, "[]"), asked.stderr
    caller = subprocess.run(
        ["aws", "sts", "get-caller-identity"], env=variables, capture_output=True, text=True, check=False
    )
    assert json.loads(caller.stdout)["Account"] == "123456789012", caller.stderr


def test_a_stack_is_made_without_touching_the_checkout(running: Sandbox) -> None:
    before = {path: path.read_bytes() for path in place.CHECKOUT.glob("Pulumi*.yaml")}
    variables = {**running.environment(), "HOME": str(running.folder)}
    for arguments in (["stack", "init", "dev"], ["config", "set", "--secret", "token", "planted"]):
        done = subprocess.run(
            ["pulumi", *arguments], env=variables, cwd=place.CHECKOUT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert {path: path.read_bytes() for path in place.CHECKOUT.glob("Pulumi*.yaml")} == before
    copied = (running.folder / "project" / "Pulumi.dev.yaml").read_text()
    assert "encryptionsalt" in copied
    assert "planted" not in copied


def test_a_sandbox_whose_stacks_have_another_format_may_only_be_ended(sandbox: Sandbox) -> None:
    sandbox.ok("up")
    path = sandbox.folder / "state.json"
    tree = json.loads(path.read_text())
    del tree["format"]  # as an earlier version wrote it
    path.write_text(json.dumps(tree))
    for command in ("up", "env", "status"):
        refused = sandbox.run(command)
        assert refused.returncode == 1
        assert "an update would replace every object in them; run 'make down'" in refused.stderr
    sandbox.ok("down")
    sandbox.ok("up")
    assert sandbox.state().format == state.FORMAT


def test_what_is_made_to_fail_is_shown_until_it_is_healed(running: Sandbox) -> None:
    output = running.ok("fail", "eu-south-1", "--apis", "eks,ec2", "--how", "hang")
    assert output == "eks, ec2 of eu-south-1: hang; 'fed sandbox heal eu-south-1' ends it\n"
    shown = running.ok("status").splitlines()
    assert [line.split() for line in shown if line.startswith("eu-south-1")] == [
        ["eu-south-1", "ec2", "hang"],
        ["eu-south-1", "eks", "hang"],
    ]
    assert running.ok("heal") == "healed: eu-south-1\n"
    assert running.ok("heal") == "nothing fails\n"
    refused = running.run("fail", "eu-south-9")
    assert refused.returncode == 1
    assert "and no cluster eu-south-9 (clusters: edge)" in refused.stderr
