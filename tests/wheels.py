"""Build the wheel of this checkout."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.places import ROOT

__all__ = ["PACKAGES", "build"]

PACKAGES: Final = ("federation", "stacks", "fed")
FILES: Final = ("pyproject.toml", "requirements.in", "README.md", "LICENSE")


def build(folder: Path) -> Path:
    """The wheel, built in ``folder`` from a copy, since a build leaves files beside its sources."""
    sources = folder / "sources"
    sources.mkdir()
    for name in PACKAGES:
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, sources / name)
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--wheel-dir", folder)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", *map(str, options), str(sources)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel
