"""Fill a sandbox's folder before it starts: programs for PATH, Pulumi's home and plugins, secrets.

Wrappers contain absolute paths, so that they work from any shell. Only `fed sandbox env` puts them on a PATH.
"""

import secrets
import shlex
import shutil
import sys
from pathlib import Path

from sandbox import place, private
from sandbox.aws import shim
from sandbox.place import Place
from sandbox.plugins import install
from sandbox.toolchain.tools import Toolchain


def furnish(where: Place, toolchain: Toolchain) -> None:
    """Write everything that the variables of `fed sandbox env` point at."""
    private.write(where.passphrase, secrets.token_urlsafe(32).encode())
    link(where.programs / "kubectl", toolchain.kubectl)
    python = Path(sys.executable)
    shim.install(where.programs, python)
    # The engine warns at every run of a language host that is on PATH but not beside it.
    engine = twin(where.engine / "pulumi", toolchain.pulumi)
    settings = [str(engine), str(where.project), str(where.projects)]
    write_wrapper(where.programs / "pulumi", python, "sandbox.launcher", settings)
    install.install(where.pulumi_home, where.engine, python, toolchain)
    link(where.programs / "pulumi-language-python", where.engine / "pulumi-language-python")


def write_wrapper(path: Path, python: Path, module: str, settings: list[str]) -> None:
    """Write a program that calls a module's `main` with settings and its own arguments."""
    # No PYTHONPATH: child processes of the program would inherit it.
    code = f"import sys; sys.path.insert(0, {str(place.CHECKOUT)!r}); from {module} import main; main()"
    command = shlex.join([str(python), "-P", "-c", code, *settings])
    private.write(path, f"#!/bin/sh\n# Written by 'fed sandbox up'.\nexec {command} \"$@\"\n".encode())
    path.chmod(0o700)


def twin(path: Path, original: Path) -> Path:
    """Link a program under a second name, or copy it where the file system or its owner forbids a link."""
    path.unlink(missing_ok=True)
    try:
        path.hardlink_to(original.resolve())
    except OSError:
        shutil.copy2(original, path)
    return path


def link(path: Path, target: Path) -> None:
    """Make a link, replacing an existing one."""
    target = target.resolve()  # it may have been found through this very link
    path.unlink(missing_ok=True)
    path.symlink_to(target)
