"""Find and end the plugins that a killed engine has left running.

A provider plugin outlives its engine: the official Kubernetes provider for five minutes, and for good before version
4.32. It may still be in the midst of a call, so it must be gone before another engine starts. Nothing is lost by ending
it: the engine that would hear its answer is dead, and the next update finds by name what the call has made.
"""

import os
from collections.abc import Callable, Sequence

import psutil

from federation.errors import FederationError

__all__ = ["LeftoverPluginsError", "end", "find"]

PREFIX = "pulumi-resource-"
ENGINE = "pulumi"
SAME = ("PULUMI_BACKEND_URL", "PULUMI_HOME")
"""Variables that a plugin of this very backend has from its engine, as this process has them."""
PROJECT = "PULUMI_PROJECT"
GRACE_SECONDS = 5.0


class LeftoverPluginsError(FederationError):
    """A plugin of a killed run does not end."""


def find(project: str) -> tuple[psutil.Process, ...]:
    """Return the plugins of a project whose engine is gone from this host, by process id."""
    found = [each for each in psutil.process_iter() if _is_leftover(each, project)]
    return tuple(sorted(found, key=lambda each: each.pid))


def end(processes: Sequence[psutil.Process]) -> None:
    """End processes: SIGTERM, and SIGKILL for those that are still there five seconds later.

    Raises `LeftoverPluginsError` when one outlives even that.
    """
    for each in processes:
        _signal(each.terminate)
    _, left = psutil.wait_procs(processes, timeout=GRACE_SECONDS)
    for each in left:
        _signal(each.kill)
    _, left = psutil.wait_procs(left, timeout=GRACE_SECONDS)
    if left:
        pids = ", ".join(str(each.pid) for each in left)
        raise LeftoverPluginsError(
            f"plugins of the killed run do not end, not even by SIGKILL: {pids}; see `ps -o pid,stat,cmd`"
        )


def _signal(send: Callable[[], None]) -> None:
    try:
        send()
    except psutil.NoSuchProcess:  # it ended by itself in this very moment
        return


def _is_leftover(process: psutil.Process, project: str) -> bool:
    try:
        if not process.name().startswith(PREFIX) or process.status() == psutil.STATUS_ZOMBIE:
            return False
        parent = process.parent()
        if parent is not None and parent.name().startswith(ENGINE) and parent.status() != psutil.STATUS_ZOMBIE:
            return False
        environment = process.environ()
    except (psutil.Error, OSError):  # it has ended, or is another user's
        return False
    return environment.get(PROJECT) == project and all(environment.get(name) == os.environ.get(name) for name in SAME)
