"""Measure how long it takes until every pod of a first update is ready, and what one sick member costs the others.

Three clusters of the sandbox, one Deployment of one pod for each name and member, by `fed up` and, on the same
clusters, by a plain `pulumi up` of the same program, whose engine has its default of four slots a processor. Once more
with the nodes of one member cordoned: until the other two members have everything. Prints seconds, from the start of
the command to the last pod ready in each member. Usage: rollout.py [DEPLOYMENTS ...].
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from tests.sandbox import cloud as clouds  # noqa: E402 -- the checkout comes onto the path first
from tests.sandbox.cloud import Cloud  # noqa: E402
from tests.sandbox.stack import documents, harness  # noqa: E402
from tests.sandbox.stack.harness import Project  # noqa: E402

MEMBERS = ("left", "middle", "right")
SICK = MEMBERS[0]
SIZES = (100,)
NODES = 8
"""A node holds 110 pods."""
SECONDS = 600.0
COMMANDS: Mapping[str, Sequence[str]] = {
    "fed up": ("fed", "up", "--yes", "--skip-preview", "--stack", "dev"),
    "pulumi up": ("pulumi", "up", "--yes", "--skip-preview", "--stack", "dev", "--continue-on-error"),
}


def main() -> None:
    """Measure all and print a table."""
    sizes = tuple(int(size) for size in sys.argv[1:]) or SIZES
    print("| Deployments | command | all there on three members | one member cordoned: the other two |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="rollout-") as folder, clouds.shared(Path(folder)) as cloud:
        for size in sizes:
            for name, command in COMMANDS.items():
                well = measured(Path(folder), cloud, f"well-{size}-{name[:3]}", size, command)
                sick = measured(Path(folder), cloud, f"sick-{size}-{name[:3]}", size, command, cordoned=True)
                print(f"| {size} | `{name}` | {well:.1f} s | {sick:.1f} s |", flush=True)


def measured(
    folder: Path, cloud: Cloud, name: str, size: int, command: Sequence[str], *, cordoned: bool = False
) -> float:
    """The seconds until every member that is not cordoned has all pods ready."""
    for member in MEMBERS:
        clouds.member(cloud, f"rollout-{member}", nodes=NODES)
    project = harness.make(folder / name, cloud, {member: f"rollout-{member}" for member in MEMBERS}, guarded=False)
    project.config(federation={"name": "atlas", "zone": "", "timeoutSeconds": 60})
    workloads = [documents.deployment(name, f"web-{number}", replicas=1) for number in range(size)]
    project.write("web", documents.text(documents.namespace(name), *workloads))
    if cordoned:
        on_nodes(project, "cordon")
    healthy = [member for member in MEMBERS if not (cordoned and member == SICK)]
    started = time.monotonic()
    with subprocess.Popen(
        command, cwd=project.folder, env=dict(project.environment), stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    ) as update:
        seconds = until_ready(project, name, size, healthy, started)
        update.wait()
    on_nodes(project, "uncordon")
    subprocess.run(
        ("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "dev"),
        cwd=project.folder,
        env=dict(project.environment) | {"PULUMI_PARALLEL": "64"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return seconds


def on_nodes(project: Project, verb: str) -> None:
    names = project.kubectl(SICK, "get", "nodes", "-o", "name").split()
    project.kubectl(SICK, verb, *(name.removeprefix("node/") for name in names))


def until_ready(project: Project, namespace: str, size: int, members: Sequence[str], started: float) -> float:
    """Ask the members until each has all pods ready."""
    waiting = list(members)
    while waiting and time.monotonic() - started < SECONDS:
        waiting = [member for member in waiting if ready(project, member, namespace) < size]
        time.sleep(0.2)
    if waiting:
        raise SystemExit(f"not ready after {SECONDS:.0f} s: {', '.join(waiting)}")
    return time.monotonic() - started


def ready(project: Project, member: str, namespace: str) -> int:
    command = ("get", "deploy", "-n", namespace, "-o", "jsonpath={.items[*].status.readyReplicas}")
    return len(project.kubectl(member, *command).split())


if __name__ == "__main__":
    main()
