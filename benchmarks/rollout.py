"""Measure how long a first update takes, and what one sick member costs the others.

Three clusters of the sandbox, one Deployment of one pod for each name and member: by `fed up`, and by a plain
`pulumi up` of the same program, whose engine has its default of four slots a processor. A watch in each member tells
when it has every Deployment, and when the pod of each is ready. Once more with the nodes of one member cordoned: then
the other two members count. Prints seconds from the start of the command. Usage: rollout.py [DEPLOYMENTS ...].
"""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
CREATE = ("fed", "up", "--create", "--yes", "--stack", "dev")
COMMANDS: Mapping[str, Sequence[str]] = {
    "fed up": ("fed", "up", "--yes", "--skip-preview", "--stack", "dev"),
    "pulumi up": ("pulumi", "up", "--yes", "--skip-preview", "--stack", "dev", "--continue-on-error"),
}
COLUMNS = "custom-columns=NAME:.metadata.name,READY:.status.readyReplicas"


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds until every Deployment is there, until the pod of each is ready, and until the command ends."""

    there: float
    ready: float
    ended: float


def main() -> None:
    """Measure all and print a table."""
    sizes = tuple(int(size) for size in sys.argv[1:]) or SIZES
    print("| objects | command | members | all there | all ready | command ends |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="rollout-") as folder, clouds.shared(Path(folder)) as cloud:
        for size in sizes:
            show(size, "fed up", "three", measured(Path(folder), cloud, f"fed-{size}", size, COMMANDS["fed up"]))
            times = measured(Path(folder), cloud, f"cells-{size}", size, CREATE, layout="cells")
            show(size, "fed up, cells", "three", times)
            times = measured(Path(folder), cloud, f"sick-{size}", size, COMMANDS["fed up"], cordoned=True)
            show(size, "fed up", "two, the third cordoned", times)
            show(size, "pulumi up", "three", measured(Path(folder), cloud, f"pul-{size}", size, COMMANDS["pulumi up"]))


def show(size: int, command: str, members: str, times: Times) -> None:
    """Print one row."""
    row = f"{times.there:.1f} s | {times.ready:.1f} s | {times.ended:.1f} s"
    print(f"| {size * len(MEMBERS)} | `{command}` | {members} | {row} |", flush=True)


def measured(
    folder: Path,
    cloud: Cloud,
    name: str,
    size: int,
    command: Sequence[str],
    *,
    cordoned: bool = False,
    layout: str = "single",
) -> Times:
    """Make a stack, bring it up by ``command`` and take it down again. A cordoned member does not count."""
    for member in MEMBERS:
        clouds.member(cloud, f"rollout-{member}", nodes=NODES)
    project = harness.make(folder / name, cloud, {member: f"rollout-{member}" for member in MEMBERS}, guarded=False)
    project.config(federation={"name": "atlas", "zone": "", "timeoutSeconds": 60, "layout": layout})
    workloads = [documents.deployment(name, f"web-{number}", replicas=1) for number in range(size)]
    project.write("web", documents.text(documents.namespace(name), *workloads))
    if cordoned:
        on_nodes(project, "cordon")
    healthy = [member for member in MEMBERS if not (cordoned and member == SICK)]
    started = time.monotonic()
    with subprocess.Popen(
        command, cwd=project.folder, env=dict(project.environment), stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    ) as update:
        there, ready = seen(project, name, size, healthy, started)
        update.wait()
    ended = time.monotonic() - started
    on_nodes(project, "uncordon")
    subprocess.run(
        ("fed", "destroy", "--yes-destroy", "dev", "--stack", "dev"),
        cwd=project.folder,
        env=dict(project.environment) | {"PULUMI_PARALLEL": "64"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return Times(there, ready, ended)


def on_nodes(project: Project, verb: str) -> None:
    names = project.kubectl(SICK, "get", "nodes", "-o", "name").split()
    project.kubectl(SICK, verb, *(name.removeprefix("node/") for name in names))


def seen(project: Project, namespace: str, size: int, members: Sequence[str], started: float) -> tuple[float, float]:
    """The seconds until all ``members`` have all Deployments, and until the pod of each is ready."""
    command = ("get", "deployments", "--namespace", namespace, "--watch", "--no-headers", "--output", COLUMNS)
    watches = [
        subprocess.Popen(
            ("kubectl", "--kubeconfig", str(project.clusters[member].kubeconfig), *command),
            env=dict(project.environment),
            stdout=subprocess.PIPE,
            text=True,
        )
        for member in members
    ]
    with ThreadPoolExecutor(len(watches)) as pool:
        both = list(pool.map(lambda watch: followed(watch, size, started), watches))
    return max(there for there, _ in both), max(ready for _, ready in both)


def followed(watch: subprocess.Popen[str], size: int, started: float) -> tuple[float, float]:
    """The seconds until one member has all Deployments, and until the pod of each is ready; then the watch ends."""
    names: set[str] = set()
    ready: set[str] = set()
    there = 0.0
    timer = threading.Timer(SECONDS, watch.terminate)
    timer.start()
    with watch:
        for line in watch.stdout or ():
            name, replicas = line.split()
            names.add(name)
            (ready.add if replicas == "1" else ready.discard)(name)
            if len(names) == size and not there:
                there = time.monotonic() - started
            if len(ready) == size:
                watch.terminate()
                timer.cancel()
                return there, time.monotonic() - started
    raise SystemExit(f"not ready after {SECONDS:.0f} s: {len(names)} Deployments there, {len(ready)} ready, of {size}")


if __name__ == "__main__":
    main()
