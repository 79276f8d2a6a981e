"""Find installed tools in a version that fits, which then need not be built.

They are looked for in `KUBEBUILDER_ASSETS` and on PATH. Kubernetes' three programs are taken together or not at all,
because a scheduler of another minor version than the API server is untested.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from sandbox.toolchain.catalog import KUBERNETES_MINOR, PULUMI_VERSION, Recipe

Version = tuple[int, ...]
ASK_SECONDS = 20


def _same_minor(wanted: Version) -> Callable[[Version], bool]:
    return lambda version: version[:2] == wanted


def _pulumi_fits(version: Version) -> bool:
    wanted = numbers(PULUMI_VERSION)
    return version[:1] == wanted[:1] and version[:2] >= wanted[:2]


FITS: dict[str, tuple[str, Callable[[Version], bool]]] = {
    "pulumi": ("version", _pulumi_fits),
    "kubernetes": ("--version", _same_minor(KUBERNETES_MINOR)),
    "etcd": ("--version", lambda version: version[:1] == (3,) and version >= (3, 6)),
    "kwok": ("--version", _same_minor((0, 8))),
}
"""By tool: how its programs are asked for their version, and which ones will do."""


def programs(recipe: Recipe) -> dict[str, Path]:
    """Return a recipe's programs that the machine already has; empty when any is missing or does not fit."""
    if recipe.tool not in FITS:
        return {}
    argument, fits = FITS[recipe.tool]
    found = {name: path for name in recipe.packages if (path := find(name)) and fits(ask(path, argument))}
    return found if len(found) == len(recipe.packages) else {}


def find(name: str) -> Path | None:
    """Return a program's path from `KUBEBUILDER_ASSETS` or PATH; the sandbox's own wrappers do not count."""
    folders = [os.environ.get("KUBEBUILDER_ASSETS", ""), *os.environ.get("PATH", "").split(os.pathsep)]
    for folder in filter(None, folders):
        path = shutil.which(name, path=folder)
        if path and not is_wrapper(Path(path)):
            return Path(path).absolute()
    return None


def is_wrapper(path: Path) -> bool:
    """Return whether a program is one that the sandbox itself wrote, and which would lead back to here."""
    with path.open("rb") as file:
        return b"fed sandbox" in file.read(200)


def ask(program: Path, *arguments: str) -> Version:
    """Ask a program for its version; empty when it cannot say."""
    try:
        said = subprocess.run(
            [program, *arguments], capture_output=True, text=True, timeout=ASK_SECONDS, check=True, cwd="/"
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return numbers(said.stdout)


def numbers(text: str) -> Version:
    """Return the first version in a text as numbers: `Kubernetes v1.34.2` is `(1, 34, 2)`."""
    found = re.search(r"v?(\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(number) for number in found.groups()) if found else ()
