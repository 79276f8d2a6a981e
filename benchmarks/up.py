"""Compare `fed up` with bare Pulumi programs that register the same objects.

Three clusters of the sandbox, the same manifests, the same engine, one run: `fed up`, and three programs written
without this project: one stack; one stack with checkpoints skipped; one stack per member, two at a time. All of them
run in turn, twice, and the faster time counts, because the load of the machine varies. Prints seconds and ratios, for
the first update and for one that changes nothing.
Usage: up.py [OBJECTS ...].
"""

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from tests.sandbox import cloud as clouds  # noqa: E402 -- the checkout comes onto the path first
from tests.sandbox.cloud import Cloud  # noqa: E402
from tests.sandbox.stack import harness  # noqa: E402

MEMBERS = ("left", "middle", "right")
SIZES = (12, 300)
ROUNDS = 2
SKIP = {"PULUMI_SKIP_CHECKPOINTS": "true", "PULUMI_EXPERIMENTAL": "true"}
BARE = """
import json, pathlib, pulumi, pulumi_kubernetes as k8s
wanted = pulumi.get_stack().split("-")
for member in json.loads(pathlib.Path("members.json").read_text()):
    if len(wanted) > 1 and member["name"] not in wanted:
        continue
    provider = k8s.Provider(member["name"], kubeconfig=member["kubeconfig"], enable_server_side_apply=True,
                            enable_config_map_mutable=True)
    opts = pulumi.ResourceOptions(provider=provider)
    spaces = {}
    for each in member["manifests"]:
        meta, name = each["metadata"], member["name"] + "/" + each["kind"] + "/" + each["metadata"]["name"]
        if each["kind"] == "Namespace":
            spaces[meta["name"]] = k8s.core.v1.Namespace(name, metadata=meta, opts=opts)
            continue
        after = pulumi.ResourceOptions(depends_on=[spaces[meta["namespace"]]])
        own = pulumi.ResourceOptions.merge(opts, after)
        if each["kind"] == "ConfigMap":
            k8s.core.v1.ConfigMap(name, metadata=meta, data=each["data"], opts=own)
        else:
            k8s.apps.v1.Deployment(name, metadata=meta, spec=each["spec"], opts=own)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds of the first update and of one that changes nothing."""

    first: float
    nothing: float


def main() -> None:
    """Measure every requested size, on one sandbox."""
    sizes = tuple(int(each) for each in sys.argv[1:]) or SIZES
    with tempfile.TemporaryDirectory(prefix="bench-up-") as folder, clouds.shared(Path(folder) / "cloud") as cloud:
        for size in sizes:
            report(size, measured(size, cloud, Path(folder) / str(size)))


def report(size: int, times: Mapping[str, Times]) -> None:
    """Print one table."""
    ours = times["eks-federation"]
    print(f"\n{size} objects on {len(MEMBERS)} members; ratio: peer's time over ours, above 1 is slower than ours\n")
    print("| what | first update | ratio | nothing to change | ratio |\n|---|---|---|---|---|")
    for name, each in times.items():
        ratios = (each.first / ours.first, each.nothing / ours.nothing)
        print(f"| {name} | {each.first:.1f} s | {ratios[0]:.2f} | {each.nothing:.1f} s | {ratios[1]:.2f} |", flush=True)


def measured(size: int, cloud: Cloud, folder: Path) -> Mapping[str, Times]:
    """Times of `fed up` and of the three peers, each on new namespaces of its own."""
    runs: Mapping[str, Callable[[Path, str], Times]] = {
        "eks-federation": lambda place, name: ours(place, cloud, size, f"ours-{name}", {}),
        "eks-federation, checkpoints skipped": lambda place, name: ours(place, cloud, size, f"skip-{name}", SKIP),
        "bare": lambda place, name: bare(place, cloud, size, f"bare-{name}", {}, split=False),
        "bare, checkpoints skipped": lambda place, name: bare(
            place, cloud, size, f"bareskip-{name}", SKIP, split=False
        ),
        "bare, one stack a member": lambda place, name: bare(place, cloud, size, f"split-{name}", {}, split=True),
    }
    results: dict[str, list[Times]] = {name: [] for name in runs}
    for turn in range(ROUNDS):
        for name, run in runs.items():
            results[name].append(run(folder / f"{name.replace(' ', '-')}-{turn}", f"{size}-{turn}"))
    return {
        name: Times(first=min(each.first for each in times), nothing=min(each.nothing for each in times))
        for name, times in results.items()
    }


def ours(folder: Path, cloud: Cloud, size: int, namespace: str, extra: Mapping[str, str]) -> Times:
    """The whole program of this project."""
    project = harness.make(folder, cloud, {name: f"bench-{name}" for name in MEMBERS})
    project.write("bench", yaml.safe_dump_all(federated(size, namespace)))
    return timed(["dev"], project.folder, {**project.environment, **extra})


def bare(folder: Path, cloud: Cloud, size: int, namespace: str, extra: Mapping[str, str], *, split: bool) -> Times:
    """A program of twenty lines over the typed classes, in one stack or in one per member."""
    project = harness.make(folder, cloud, {name: f"bench-{name}" for name in MEMBERS})
    project.write("bench", yaml.safe_dump_all(federated(size, namespace)))
    plan = json.loads(project.run("fed", "plan", "--stack", "dev", "--output", "json"))
    members = [
        {
            "name": member["name"],
            "kubeconfig": project.clusters[member["name"]].kubeconfig.read_text(),
            "manifests": [each["manifest"] for each in member["objects"]],
        }
        for member in plan["members"]
    ]
    (project.folder / "members.json").write_text(json.dumps(members))
    (project.folder / "__main__.py").write_text(textwrap.dedent(BARE))
    stacks = [f"dev-{name}" for name in MEMBERS] if split else ["dev"]
    for stack in stacks if split else []:
        project.run("pulumi", "stack", "init", stack)
    return timed(stacks, project.folder, {**project.environment, **extra})


def timed(stacks: list[str], folder: Path, environment: Mapping[str, str]) -> Times:
    """Seconds of two updates in a row of all stacks, two at a time."""

    def up(stack: str) -> None:
        command = ["pulumi", "up", "--yes", "--skip-preview", "--stack", stack, "--non-interactive"]
        done = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{stack}: {done.stdout}{done.stderr}")

    def run() -> float:
        begun = time.perf_counter()
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            list(pool.map(up, stacks))
        return time.perf_counter() - begun

    return Times(first=run(), nothing=run())


def federated(size: int, namespace: str) -> list[dict[str, object]]:
    """Documents that make ``size`` objects over all members: a namespace, ConfigMaps, and one Deployment in ten."""
    each = size // len(MEMBERS) - 1
    kinds = ["Deployment" if index % 10 == 0 else "ConfigMap" for index in range(each)]
    everywhere: dict[str, object] = {"placement": {"clusterSelector": {}}}
    documents = [document("Namespace", namespace, namespace, everywhere)]
    for index, kind in enumerate(kinds):
        name = f"{kind.lower()}-{index}"
        template = {"data": {"value": name}} if kind == "ConfigMap" else {"spec": deployment(name)}
        documents.append(document(kind, name, namespace, {"template": template, **everywhere}))
    return documents


def document(kind: str, name: str, namespace: str, spec: Mapping[str, object]) -> dict[str, object]:
    """One federated document."""
    metadata = {"name": name, "namespace": namespace}
    return {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": f"Federated{kind}",
        "metadata": metadata,
        "spec": dict(spec),
    }


def deployment(name: str) -> dict[str, object]:
    """A Deployment of one pod."""
    labels = {"app": name}
    pods = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}
    return {"replicas": 1, "selector": {"matchLabels": labels}, "template": pods}


if __name__ == "__main__":
    main()
