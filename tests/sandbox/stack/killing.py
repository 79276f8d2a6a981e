"""Kill a running `pulumi up`, and inspect its leftovers and the members afterwards."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox import processes
from sandbox.processes import Identity
from tests.sandbox.stack.harness import Project
from tests.sandbox.waiting import wait_for

NAMESPACE = "kill-test"
KEPT = 12
"""Config maps in every round: the first of the last round goes, a new one comes, all others change."""
CHANGED = re.compile(r"\bkubernetes:\S+ \S+ (created|updated|deleted)\b")
UP = ("up", "--yes", "--skip-preview", "--stack", "dev", "--non-interactive", "--color=never")
PLUGIN = b"pulumi-resource-kubernetes"
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


def fed_up(project: Project, *, fails: bool = False) -> str:
    """Run ``fed up`` and return all that it wrote."""
    return project.run("sh", "-c", "fed up --yes --skip-preview --stack dev 2>&1", fails=fails)


def backend(project: Project) -> Path:
    """The folder that the project's stacks are kept in."""
    return Path(project.environment["PULUMI_BACKEND_URL"].removeprefix("file://").removesuffix("?metadata=skip"))


def locks(project: Project) -> list[Path]:
    return list((backend(project) / ".pulumi" / "locks").rglob("*.json"))


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


def plugins(found: list[Identity]) -> list[Identity]:
    """Those of some processes that are Kubernetes plugins: they outlive a killed engine."""
    return [each for each in found if PLUGIN in (Path("/proc") / str(each.pid) / "cmdline").read_bytes()]


def checkpoint(project: Project) -> tuple[Path, Any]:
    """The state file in the backend: a killed engine may have left it unreadable for an engine."""
    (path,) = (backend(project) / ".pulumi" / "stacks").rglob("dev.json")
    return path, json.loads(path.read_text())


def pending(project: Project) -> list[str]:
    """The names of resources with a pending operation. A stack that was just made has no deployment yet."""
    entries = checkpoint(project)[1]["checkpoint"].get("latest", {}).get("pending_operations") or []
    return [entry["resource"]["urn"].rpartition("::")[2] for entry in entries]


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
    for member in project.clusters:
        maps, sets = stands(project, member)
        assert maps == dict.fromkeys(names(number), str(number))
        assert sets == {"web": (str(number), 1)}
    state = checkpoint(project)[1]["checkpoint"]["latest"]
    urns = [each["urn"] for each in state["resources"]]
    assert len(urns) == len(set(urns))
    assert sum("$kubernetes:" in urn for urn in urns) == len(project.clusters) * (KEPT + 2)
    assert not state.get("pending_operations")
    assert not locks(project)
