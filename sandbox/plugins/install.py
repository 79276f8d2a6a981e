"""Put every plugin where the engine looks for it: the official Kubernetes provider, and the stand-ins.

The engine looks for a provider at `$PULUMI_HOME/plugins/resource-<name>-v<version>/pulumi-resource-<name>` and for the
language host on PATH. The official provider is a link to the program that the toolchain has built. Each stand-in is a
wrapper of a few lines that starts the given Python with this checkout on its module path. Versions are those of the
installed SDKs, because that is what they ask the engine for.
"""

import importlib.util
import json
import shlex
from pathlib import Path

from sandbox.toolchain.tools import Toolchain

STAND_INS = ("aws", "eks")
OFFICIAL = "kubernetes"

_ROOT = Path(__file__).resolve().parents[2]


class MissingSdkError(Exception):
    """An SDK that a plugin belongs to is not installed, or does not state its version."""


def install(pulumi_home: Path, bin_dir: Path, python: Path, toolchain: Toolchain) -> None:
    """Link the official provider and write the wrappers of all stand-ins, replacing existing ones.

    `python` is the interpreter that has this project's requirements. Raises `MissingSdkError`, naming the package.
    """
    for name in STAND_INS:
        _write(_plugin(pulumi_home, name), python, f"sandbox.plugins.{name}")
    official = _plugin(pulumi_home, OFFICIAL)
    official.parent.mkdir(parents=True, exist_ok=True)
    official.unlink(missing_ok=True)
    official.symlink_to(toolchain.kubernetes_provider)
    _switch_debug_log_off(pulumi_home / "logs")
    variables = f"SANDBOX_LANGUAGE_EXEC={shlex.quote(str(toolchain.language_exec))}; export SANDBOX_LANGUAGE_EXEC\n"
    _write(bin_dir / "pulumi-language-python", python, "sandbox.plugins.language", variables)


def _plugin(pulumi_home: Path, name: str) -> Path:
    return pulumi_home / "plugins" / f"resource-{name}-v{sdk_version(name)}" / f"pulumi-resource-{name}"


def _switch_debug_log_off(folder: Path) -> None:
    """Put a file at the path where the engine would make the folder of its debug log.

    The engine logs every call of every command there, encrypted, at half of its CPU time, and has no setting for it.
    Where the folder cannot be made it goes without a log and says nothing.
    """
    if not folder.exists():
        folder.touch()


def sdk_version(name: str) -> str:
    """Return the version, such as `4.34.2`, that the installed SDK of a provider asks the engine for."""
    spec = importlib.util.find_spec(f"pulumi_{name}")
    if spec is None or spec.origin is None:
        raise MissingSdkError(f"pulumi_{name} is not installed; install the project's requirements")
    description = Path(spec.origin).parent / "pulumi-plugin.json"
    version = json.loads(description.read_text()).get("version", "") if description.exists() else ""
    if not version:
        raise MissingSdkError(f"{description} does not name a version; reinstall pulumi_{name}")
    return str(version)


def _write(path: Path, python: Path, module: str, variables: str = "") -> None:
    # -P keeps the program's own folder, which is the working directory here, off the stand-in's module path.
    code = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from {module} import main; main()"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\n{variables}exec {shlex.quote(str(python))} -P -c {shlex.quote(code)} "$@"\n')
    path.chmod(0o755)
