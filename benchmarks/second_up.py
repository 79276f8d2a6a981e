"""Measure the second `make up` of a machine against a bare Pulumi program that does the same.

The sandbox start counts. Everything is built and installed; nothing runs. Ours: `fed sandbox up`, then `fed up`
(preview, update, closing table). The bare program (`inputs/bare_demo.py`): `fed sandbox up`, then `pulumi up`
(preview, update). Both create the whole demo: three EKS clusters, their networks, the application and its DNS names.
Each runs in a sandbox of its own, one after the other.
Usage: second_up.py [ROUNDS]; the median of the rounds is printed.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
FED = str(PROGRAMS / "fed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds of the sandbox's start, and of everything after it."""

    sandbox: float
    update: float

    @property
    def total(self) -> float:
        """The whole time that a user of `make up` waits."""
        return self.sandbox + self.update


def main() -> None:
    """Measure both and print a table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    results: dict[str, list[Times]] = {"eks-federation": [], "bare program": []}
    for _ in range(rounds):
        results["eks-federation"].append(measured(bare=False))
        results["bare program"].append(measured(bare=True))
    ours = statistics.median(each.total for each in results["eks-federation"])
    print("| what | sandbox starts | preview and update | together | ratio |\n|---|---|---|---|---|")
    for name, times in results.items():
        total = statistics.median(each.total for each in times)
        start = statistics.median(each.sandbox for each in times)
        update = statistics.median(each.update for each in times)
        print(f"| {name} | {start:.1f} s | {update:.1f} s | {total:.1f} s | {total / ours:.2f} |", flush=True)


def measured(*, bare: bool) -> Times:
    """The times of one program in a new sandbox, which is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-second-up-") as folder:
        project = Path(folder) / "project"
        copy(project)
        environment = {**os.environ, "EKS_FEDERATION_SANDBOX": str(Path(folder) / "sandbox")}
        if bare:
            make_bare(project, environment)
        try:
            begun = time.perf_counter()
            run([FED, "sandbox", "up"], project, environment)
            environment |= exported(run([FED, "sandbox", "env"], project, environment))
            started = time.perf_counter()
            if bare:
                run(["pulumi", "stack", "init", "dev"], project, environment)
                run(["pulumi", "up", "--yes", "--non-interactive", "--stack", "dev"], project, environment)
            else:
                run([FED, "up", "--create", "--yes", "--stack", "dev"], project, environment)
            return Times(sandbox=started - begun, update=time.perf_counter() - started)
        finally:
            run([FED, "sandbox", "down"], project, environment)


def copy(project: Path) -> None:
    """The project as a user has it: config, workloads and program."""
    project.mkdir()
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py"):
        shutil.copy(CHECKOUT / name, project / name)
    shutil.copytree(CHECKOUT / "stacks" / "workloads", project / "stacks" / "workloads")
    (project / ".venv").symlink_to(PROGRAMS.parent)


def make_bare(project: Path, environment: Mapping[str, str]) -> None:
    """Put the bare program in the place of this project's, with the plan's decisions in files."""
    plan = run([FED, "plan", "--no-require-state", "--stack", "dev", "--output", "json"], project, environment)
    (project / "plan.json").write_text(plan)
    sys.path.insert(0, str(CHECKOUT))
    from federation.operations.project import settings

    members = {
        each.name: {
            "region": each.region,
            "zones": each.zones,
            "cidr": each.network.cidr,
            "version": each.kubernetes_version,
            "nodes": each.nodes.desired,
        }
        for each in settings.read_stack(project, "dev").federation.members
    }
    (project / "members.json").write_text(json.dumps(members))
    (project / "Pulumi.yaml").write_text("name: bare\nruntime: python\n")
    (project / "Pulumi.dev.yaml").unlink()
    shutil.copy(CHECKOUT / "benchmarks" / "inputs" / "bare_demo.py", project / "__main__.py")


def exported(text: str) -> dict[str, str]:
    """The variables that `fed sandbox env` prints for a shell."""
    command = ["bash", "-c", f"{text}\nenv -0"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(each.split("=", 1) for each in output.split("\0") if "=" in each)


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    """A command's output; a failure ends the benchmark."""
    done = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
