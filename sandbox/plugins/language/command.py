"""Choose the interpreter, the arguments and the environment that run a program.

They are those of the official language host. The interpreter is the `virtualenv` runtime option of `Pulumi.yaml`,
relative to the project's directory, else the one that this host runs in. The arguments are
`pulumi-language-python-exec` with the engine's addresses. The configuration goes into two environment variables, where
the SDK looks for it.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pulumi.runtime.proto import language_pb2


class UnusableEnvironmentError(Exception):
    """The project names a virtual environment that has no interpreter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python executable, and the virtual environment that it belongs to, if the project named one."""

    executable: Path
    virtualenv: Path | None = None

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return `inherited` with the virtual environment activated, as its `activate` script would."""
        environment = dict(inherited)
        if self.virtualenv is not None:
            environment["VIRTUAL_ENV"] = str(self.virtualenv)
            environment["PATH"] = os.pathsep.join([str(self.virtualenv / "bin"), environment.get("PATH", os.defpath)])
            environment.pop("PYTHONHOME", None)
        return environment


def interpreter(info: language_pb2.ProgramInfo) -> Interpreter:
    """Return the interpreter that runs a program or plugin.

    Raises `UnusableEnvironmentError` if the `virtualenv` that `Pulumi.yaml` names has no `bin/python`.
    """
    options = info.options.fields
    name = options["virtualenv"].string_value if "virtualenv" in options else ""
    if not name:
        return Interpreter(executable=Path(sys.executable))
    virtualenv = Path(info.root_directory) / name
    executable = virtualenv / "bin" / "python"
    if not executable.exists():
        raise UnusableEnvironmentError(
            f'Pulumi.yaml: runtime.options.virtualenv is "{name}", but there is no {executable}; '
            f"make it with `python3 -m venv {virtualenv}` and install the project's requirements, "
            "or leave the option out"
        )
    return Interpreter(executable=executable, virtualenv=virtualenv)


def run_arguments(request: language_pb2.RunRequest, engine: str, script: str) -> list[str]:
    """List the arguments after the interpreter that run a program under `pulumi-language-python-exec`."""
    flags = {
        "monitor": request.monitor_address,
        "engine": engine,
        "project": request.project,
        "root_directory": request.info.root_directory,
        "stack": request.stack,
        "pwd": request.pwd,
        "dry_run": "true" if request.dryRun else "false",
        "parallel": str(request.parallel),
        "organization": request.organization,
    }
    options = [word for name, value in flags.items() if value for word in (f"--{name}", value)]
    program = Path(request.info.program_directory) / request.info.entry_point
    return ["-u", script, *options, str(program), *request.args]


def configuration(request: language_pb2.RunRequest) -> dict[str, str]:
    """Return the variables in which the SDK expects the stack's configuration and which keys of it are secret."""
    return {
        "PULUMI_CONFIG": json.dumps(dict(request.config)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
    }
