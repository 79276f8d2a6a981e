"""`pulumi up` killed at many moments, and what `fed up` makes of it: converged, nothing doubled, nothing forgotten."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox import processes
from sandbox.processes import Identity
from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import harness
from tests.sandbox.stack.harness import Project
from tests.sandbox.waiting import wait_for

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("stack-kill")]

NAMESPACE = "kill-test"
MEMBERS = {"left": "shared"}
KEPT = 12
"""Config maps in every round: the first of the last round goes, a new one comes, all others change."""
MOMENTS = (0, 1, 2, 3, 4, 6, 8, 10, 12, 13)
"""After so many changes of objects the engine is killed; 0: as soon as it has the lock. A round has 14 or more."""
TORN = 3
"""At this moment, the engine is killed while it writes the attributes beside the state, which it does in place."""
CHANGED = re.compile(r"\bkubernetes:\S+ \S+ (created|updated|deleted)\b")
UP = ("up", "--yes", "--skip-preview", "--stack", "dev", "--non-interactive", "--color=never")
DEPLOYMENT = """
apiVersion: types.kubefed.io/v1beta1
kind: FederatedDeployment
metadata: {{name: web, namespace: {namespace}}}
spec:
  template:
    spec:
      replicas: 1
      selector: {{matchLabels: {{app: web}}}}
      template:
        metadata: {{labels: {{app: web}}, annotations: {{round: "{number}"}}}}
        spec: {{containers: [{{name: web, image: "nginx:1.28"}}]}}
  placement: {{clusterSelector: {{}}}}
"""
OTHER = """
apiVersion: types.kubefed.io/v1beta1
kind: {kind}
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  {template}placement: {{clusterSelector: {{}}}}
"""


def documents(number: int) -> str:
    """The documents of a round."""
    made = [OTHER.format(kind="FederatedNamespace", name=NAMESPACE, namespace=NAMESPACE, template="")]
    template = f'template: {{data: {{round: "{number}"}}}}\n  '
    made += [
        OTHER.format(kind="FederatedConfigMap", name=name, namespace=NAMESPACE, template=template)
        for name in names(number)
    ]
    made.append(DEPLOYMENT.format(namespace=NAMESPACE, number=number))
    return "---\n".join(made)


def names(number: int) -> list[str]:
    return [f"map-{index}" for index in range(number, number + KEPT)]


@pytest.fixture(scope="module")
def project(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A stack on one member (an engine needs a plugin for each), up as of round 0; its objects go afterwards."""
    made = harness.make(tmp_path_factory.mktemp("kill"), cloud, MEMBERS, guarded=False)
    made.write("kill", documents(0))
    made.run("fed", "up", "--yes", "--skip-preview")
    yield made
    made.kubectl("left", "delete", "namespace", NAMESPACE, "--wait=false")


def fed_up(project: Project, *, fails: bool = False) -> str:
    """Run ``fed up`` and return all that it wrote."""
    return project.run("sh", "-c", "fed up --yes --skip-preview --stack dev 2>&1", fails=fails)


def locks(project: Project) -> list[Path]:
    return list((project.folder.parent / "state" / ".pulumi" / "locks").rglob("*.json"))


@contextmanager
def started(project: Project) -> Iterator["subprocess.Popen[str]"]:
    """An update that runs; ended with the test."""
    with subprocess.Popen(
        ["pulumi", *UP],
        cwd=project.folder,
        env=dict(project.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as engine:
        try:
            wait_for(lambda: bool(locks(project)))
            yield engine
        finally:
            engine.kill()


def family(pid: int) -> list[Identity]:
    """The processes below one: language host, program, plugins."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, new = [], [pid]
    while new:
        new = [child for parent in new for child in parents.get(parent, [])]
        found += new
    born = {child: processes.started_at(child) for child in found}
    return [Identity(pid=child, started=ticks) for child, ticks in born.items() if ticks is not None]


def kill_after(project: Project, moment: int) -> int:
    """Kill an update after so many changes, wait until nothing of it is left, and return the engine's pid."""
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
        engine.kill()
        engine.wait()
    wait_for(lambda: not any(processes.is_alive(each) for each in below))
    assert moment == 0 or below, "the engine had no plugins"
    return engine.pid


def checkpoint(project: Project) -> tuple[Path, Any]:
    """The state as it lies in the backend: a killed engine may have left it so that no engine reads it."""
    (path,) = (project.folder.parent / "state" / ".pulumi" / "stacks").rglob("dev.json")
    return path, json.loads(path.read_text())


def pending(project: Project) -> list[str]:
    """The names of resources that something was being done to."""
    entries = checkpoint(project)[1]["checkpoint"]["latest"].get("pending_operations") or []
    return [entry["resource"]["urn"].rpartition("::")[2] for entry in entries]


def tear(project: Project) -> None:
    """Leave the stack as an engine does that is killed while it writes: no other engine can read it."""
    path, _ = checkpoint(project)
    path.with_name(f"{path.name}.attrs").write_bytes(b"")
    assert "failed to load checkpoint: EOF" in project.pulumi("stack", "export", fails=True)


def stands(project: Project, member: str) -> tuple[dict[str, str], dict[str, tuple[str, int]]]:
    """What a member has: config maps and Deployments with the round that they are of, the latter with ready pods."""
    items = project.get(member, "-n", NAMESPACE, "configmaps,deployments", "-l", "kubefed.io/managed=true")["items"]
    maps = {each["metadata"]["name"]: each["data"]["round"] for each in items if each["kind"] == "ConfigMap"}
    sets = {
        each["metadata"]["name"]: (
            each["spec"]["template"]["metadata"]["annotations"]["round"],
            each["status"].get("readyReplicas", 0),
        )
        for each in items
        if each["kind"] == "Deployment"
    }
    return maps, sets


def assert_converged(project: Project, number: int) -> None:
    """Every member has what the round's documents say and no more; the state has each object once and nothing open."""
    for member in MEMBERS:
        maps, sets = stands(project, member)
        assert maps == dict.fromkeys(names(number), str(number))
        assert sets == {"web": (str(number), 1)}
    state = checkpoint(project)[1]["checkpoint"]["latest"]
    urns = [each["urn"] for each in state["resources"]]
    assert len(urns) == len(set(urns))
    assert sum("$kubernetes:" in urn for urn in urns) == len(MEMBERS) * (KEPT + 2)
    assert not state.get("pending_operations")
    assert not locks(project)


@pytest.mark.parametrize("moment", MOMENTS)
def test_after_a_kill_the_next_up_clears_names_and_converges(project: Project, moment: int) -> None:
    number = 1 + MOMENTS.index(moment)
    project.write("kill", documents(number))
    pid = kill_after(project, moment)
    (lock,) = locks(project)
    assert json.loads(lock.read_text())["pid"] == pid
    left = pending(project)
    if moment == TORN:
        tear(project)
    said = fed_up(project)
    assert ("removed dev.json.attrs" in said) or moment != TORN
    assert re.search(rf"cleared the lock of \S+ \(process {pid}\)", said)
    assert [name for name in left if f"{name}: " not in said] == []
    assert_converged(project, number)


def test_after_all_that_another_update_changes_nothing(project: Project) -> None:
    project.pulumi("preview", "--expect-no-changes")


def test_an_update_that_lives_keeps_its_lock_and_is_named(project: Project) -> None:
    project.write("kill", documents(20))
    with started(project) as engine:
        engine.send_signal(signal.SIGSTOP)
        said = fed_up(project, fails=True)
        assert f"(process {engine.pid})" in said
        assert f"kill -INT {engine.pid}" in said
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
    tags = {"eks-federation/federation": "kill-test", "Name": "left/vpc"}
    ec2 = cloud.aws("ec2", "eu-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    open_creation(project, "10.99.0.0/16", tags)
    said = fed_up(project, fails=True)
    assert f"creating aws:ec2/vpc:Vpc left/vpc: stands on AWS as {vpc}" in said
    assert f"aws ec2 delete-vpc --vpc-id {vpc} --region eu-west-1" in said
    assert "Traceback" not in said
    assert pending(project) == ["left/vpc"]
    ec2.delete_vpc(VpcId=vpc)
    assert "creating aws:ec2/vpc:Vpc left/vpc: is not on AWS; made again" in fed_up(project)
    assert pending(project) == []
