"""Make small Pulumi projects with the real engine and the stand-ins, each with its own home and backend."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.environment import KUBERNETES_PROVIDER
from sandbox.plugins.install import install
from sandbox.toolchain.tools import Toolchain


class EngineError(Exception):
    """Pulumi ended with an error; the text is all that it wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project with a stack `dev`."""

    folder: Path
    environment: Mapping[str, str] = field(repr=False)

    def program(self, text: str) -> None:
        """Set the program."""
        (self.folder / "__main__.py").write_text(textwrap.dedent(text))

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of Pulumi."""
        return ["pulumi", *arguments, "--non-interactive", "--color=never"]

    def pulumi(self, *arguments: str) -> str:
        """Run Pulumi and return what it wrote. Raises `EngineError` if it fails."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode:
            raise EngineError(done.stdout + done.stderr)
        return done.stdout

    def up(self, *arguments: str) -> str:
        """Update without a preview."""
        return self.pulumi("up", "--yes", "--skip-preview", *arguments)

    def state(self) -> Any:
        """Return the deployment in the state."""
        return json.loads(self.pulumi("stack", "export"))["deployment"]


def make(folder: Path, toolchain: Toolchain) -> Project:
    """Make a project with a stack in a folder."""
    home, binaries, backend, work = (folder / name for name in ("home", "bin", "state", "project"))
    for each in (home, binaries, backend, work):
        each.mkdir(parents=True)
    install(home, binaries, Path(sys.executable), toolchain)
    _link(toolchain.pulumi, binaries / "pulumi")
    (work / "Pulumi.yaml").write_text("name: trial\nruntime: python\n")
    environment = {
        "HOME": os.environ["HOME"],
        "PATH": os.pathsep.join([str(binaries), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": f"file://{backend}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DEBUG_COMMANDS": "true",  # `--event-log` is one of them
        **KUBERNETES_PROVIDER,
    }
    project = Project(folder=work, environment=environment)
    project.pulumi("stack", "init", "dev")
    return project


def _link(program: Path, link: Path) -> None:
    """Put a program beside the language host: the engine warns of one that it does not find beside itself."""
    try:
        link.hardlink_to(program)
    except OSError:
        shutil.copy2(program, link)
