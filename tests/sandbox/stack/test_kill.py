"""`fed up` converges after `pulumi up` was killed at any of many moments: nothing is doubled or forgotten."""

import json
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox import processes
from sandbox.processes import Identity
from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import harness
from tests.sandbox.stack.harness import Project
from tests.sandbox.stack.killing import (
    CHANGED,
    NAMESPACE,
    assert_converged,
    checkpoint,
    documents,
    family,
    fed_up,
    locks,
    pending,
    plugins,
    started,
)
from tests.sandbox.waiting import wait_for

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("stack-kill")]

MEMBERS = {"left": "shared"}
MOMENTS = (0, 1, 2, 3, 4, 6, 8, 10, 12, 13)
"""After so many changes of objects the engine is killed; 0: as soon as it has the lock. A round has 14 or more."""
TORN = 3
"""At this moment, the engine is killed while it writes the attributes beside the state, which it does in place."""


@pytest.fixture(scope="module")
def project(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A stack on one member (an engine needs a plugin for each), up as of round 0; its objects go afterwards."""
    made = harness.make(tmp_path_factory.mktemp("kill"), cloud, MEMBERS, guarded=False)
    made.write("kill", documents(0))
    made.run("fed", "up", "--yes", "--skip-preview")
    yield made
    made.kubectl("left", "delete", "namespace", NAMESPACE, "--wait=false")


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """The pid of an engine that was killed, and its plugins that went on."""

    pid: int
    plugins: list[Identity]


def kill_after(project: Project, moment: int) -> Killed:
    """Kill the engine after so many changes, and wait until only its plugins are left."""
    with started(project) as engine:
        assert engine.stdout is not None
        count = 0
        written: list[str] = []
        while count < moment:
            line = engine.stdout.readline()
            assert line, f"the update ended after {count} changes:\n{''.join(written)}"
            written.append(line)
            count += bool(CHANGED.search(line))
        below = family(engine.pid)
        outliving = plugins(below)
        engine.kill()
        engine.wait()
    wait_for(lambda: not any(processes.is_alive(each) for each in below if each not in outliving))
    assert moment == 0 or outliving, "the engine had no plugins"
    return Killed(pid=engine.pid, plugins=outliving)


def tear(project: Project) -> None:
    """Leave the stack as an engine does that is killed while it writes: no other engine can read it."""
    path, _ = checkpoint(project)
    path.with_name(f"{path.name}.attrs").write_bytes(b"")
    assert "failed to load checkpoint: EOF" in project.pulumi("stack", "export", fails=True)


@pytest.mark.parametrize("moment", MOMENTS)
def test_after_a_kill_the_next_up_clears_names_and_converges(project: Project, moment: int) -> None:
    number = 1 + MOMENTS.index(moment)
    project.write("kill", documents(number))
    killed = kill_after(project, moment)
    (lock,) = locks(project)
    assert json.loads(lock.read_text())["pid"] == killed.pid
    assert all(processes.is_alive(each) for each in killed.plugins)
    left = pending(project)
    if moment == TORN:
        tear(project)
    output = fed_up(project)
    assert ("removed dev.json.attrs" in output) or moment != TORN
    assert re.search(rf"cleared the lock of \S+ \(process {killed.pid}\)", output)
    assert [each for each in killed.plugins if f"pulumi-resource-kubernetes (process {each.pid})" not in output] == []
    assert not any(processes.is_alive(each) for each in killed.plugins)
    assert [name for name in left if f"{name}: " not in output] == []
    assert_converged(project, number)


def test_after_all_that_another_update_changes_nothing(project: Project) -> None:
    project.pulumi("preview", "--expect-no-changes")


def test_an_update_that_lives_keeps_its_lock_and_is_named(project: Project) -> None:
    project.write("kill", documents(20))
    with started(project) as engine:
        engine.send_signal(signal.SIGSTOP)
        output = fed_up(project, fails=True)
        assert f"(process {engine.pid})" in output
        assert f"kill -INT {engine.pid}" in output
        assert len(locks(project)) == 1
        engine.send_signal(signal.SIGCONT)
        engine.communicate(timeout=120)
        assert engine.returncode == 0
    assert_converged(project, 20)


def open_creation(project: Project, cidr: str, tags: dict[str, str]) -> None:
    """Put into the state that a VPC was being created when the engine was killed."""
    path, tree = checkpoint(project)
    deployment: dict[str, Any] = tree["checkpoint"]["latest"]
    stack = next(each["urn"] for each in deployment["resources"] if each["type"] == "pulumi:pulumi:Stack")
    provider = "urn:pulumi:dev::eks-federation::pulumi:providers:aws::aws/eu-west-1"
    own = {"urn": provider, "type": "pulumi:providers:aws", "custom": True, "id": "f00d", "parent": stack}
    deployment["resources"].append({**own, "inputs": {"region": "eu-west-1", "version": "7.51.1"}})
    resource = {
        "urn": "urn:pulumi:dev::eks-federation::aws:ec2/vpc:Vpc::left/vpc",
        "type": "aws:ec2/vpc:Vpc",
        "custom": True,
        "parent": stack,
        "provider": f"{provider}::f00d",
        "inputs": {"cidrBlock": cidr, "tags": tags},
    }
    deployment["pending_operations"] = [{"type": "creating", "resource": resource}]
    path.write_text(json.dumps(tree))


def test_what_stands_on_aws_unknown_to_the_state_is_named_and_never_made_twice(project: Project, cloud: Cloud) -> None:
    tags = {"eks-federation/federation": "kill-test", "eks-federation/stack": "dev", "Name": "left/vpc"}
    ec2 = cloud.aws("ec2", "eu-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    open_creation(project, "10.99.0.0/16", tags)
    output = fed_up(project, fails=True)
    assert f"creating aws:ec2/vpc:Vpc left/vpc: exists on AWS as {vpc}" in output
    assert f"aws ec2 delete-vpc --vpc-id {vpc} --region eu-west-1" in output
    assert "Traceback" not in output
    assert pending(project) == ["left/vpc"]
    ec2.delete_vpc(VpcId=vpc)
    assert "creating aws:ec2/vpc:Vpc left/vpc: is not on AWS; made again" in fed_up(project)
    assert pending(project) == []
