"""Find and end the plugins that a killed engine has left running.

A provider plugin outlives its engine: the official Kubernetes provider for five minutes, and before version 4.32 for
ever. It may still be in a call, so it must be gone before another engine starts. Ending it loses nothing: the engine
that waits for its result is dead, and the next update finds by name what the call has made.
"""

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from federation.errors.fault import FederationError
from federation.operations.engine import processes

__all__ = ["LeftoverPlugin", "LeftoverPluginsError", "end_plugins", "find_plugins"]

PREFIX = "pulumi-resource"
"""The prefix of a plugin's name, also where a system keeps only 15 characters of names."""
PROJECT = "PULUMI_PROJECT"
BACKEND = "PULUMI_BACKEND_URL"
GRACE_SECONDS = 5.0
CONNECT_SECONDS = 1.0


class LeftoverPluginsError(FederationError):
    """A plugin of a killed run does not end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftoverPlugin:
    """A plugin without its engine; ``is_ours`` is true when its engine used the backend of this process."""

    process: psutil.Process
    name: str
    is_ours: bool

    def __str__(self) -> str:
        return f"{self.name} (process {self.process.pid})"


def find_plugins(project: str) -> tuple[LeftoverPlugin, ...]:
    """Return the plugins of a project whose engine is gone from this host, by process id."""
    found = (_leftover(each, project) for each in psutil.process_iter())
    return tuple(sorted((each for each in found if each is not None), key=lambda each: each.process.pid))


def end_plugins(plugins: Sequence[LeftoverPlugin]) -> None:
    """End plugins: SIGTERM, and SIGKILL for those that are still there five seconds later.

    Raises `LeftoverPluginsError` when one outlives even that.
    """
    processes = [each.process for each in plugins]
    for each in processes:
        _signal(each.terminate)
    _, left = psutil.wait_procs(processes, timeout=GRACE_SECONDS)
    for each in left:
        _signal(each.kill)
    _, left = psutil.wait_procs(left, timeout=GRACE_SECONDS)
    if left:
        pids = ", ".join(str(each.pid) for each in left)
        raise LeftoverPluginsError(
            f"nothing was updated: plugins of a killed run do not end, not even by SIGKILL ({pids}), and could write "
            "beside a new engine; end them, or restart this host, then run `fed up` again"
        )


def _signal(send: Callable[[], None]) -> None:
    try:
        send()
    except psutil.NoSuchProcess:  # it ended by itself just now
        return


def _leftover(process: psutil.Process, project: str) -> LeftoverPlugin | None:
    try:
        if not process.name().startswith(PREFIX) or process.status() == psutil.STATUS_ZOMBIE:
            return None
        command, environment = process.cmdline(), process.environ()
    except (psutil.Error, OSError):  # it has ended, or is another user's
        return None
    if environment.get(PROJECT) != project or not command:
        return None
    # The engine of a plugin in a container listens in that container's own network.
    if not processes.shares_network(process.pid) or _is_engine_alive(command[-1]):
        return None
    is_ours = environment.get(BACKEND) == os.environ.get(BACKEND)
    return LeftoverPlugin(process=process, name=Path(command[0]).name, is_ours=is_ours)


def _is_engine_alive(address: str) -> bool:
    """Whether an engine listens at the address that a plugin was started with; true for an invalid address."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return True
    try:
        with socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS):
            return True
    except ConnectionRefusedError:
        return False
    except (OSError, OverflowError):
        return True
