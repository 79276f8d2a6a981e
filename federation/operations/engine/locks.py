"""Find the holder of a stack's lock, and whether that run is still alive.

A killed engine leaves its lock in the backend, and every later update is refused. In a file backend a lock has process,
host and time. Its holder is gone only where this host sees every process that may have written it, and no process of
that number is left (`processes`). `pulumi cancel` is not used: it deletes every lock, also one that another run has
taken since.
"""

import datetime as dt
import json
import socket
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from federation.operations.engine import processes

__all__ = ["Holder", "Lock", "find_locks", "folder_of", "holder", "is_engine", "remove_lock"]

FILE_SCHEME = "file://"
ATTRIBUTES = ".attrs"  # the backend keeps a file of these beside each of its files
# Start times of processes and dates of locks come from two clocks, which differ by up to a second.
SLACK = dt.timedelta(seconds=2)


class Holder(StrEnum):
    """The state of the process that took a lock."""

    GONE = "gone"
    RUNS = "runs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """One lock file. ``pid`` is 0 and ``since`` is ``None`` where it could not be read."""

    path: Path
    pid: int = 0
    user: str = ""
    host: str = ""
    since: dt.datetime | None = None

    def __str__(self) -> str:
        if self.since is None:
            return f"an unreadable lock ({self.path})"
        return f"{self.user}@{self.host} (process {self.pid}) since {self.since.isoformat(timespec='seconds')}"


def folder_of(url: str, root: Path) -> Path | None:
    """The folder of a file backend by its URL, ``None`` for any other backend. Relative ones start at ``root``."""
    if not url.startswith(FILE_SCHEME):
        return None
    return root / Path(url.removeprefix(FILE_SCHEME).partition("?")[0]).expanduser()


def find_locks(backend: Path, project: str, stack: str) -> tuple[Lock, ...]:
    """The locks of a stack in a file backend; both of Pulumi's layouts are searched."""
    locks = backend / ".pulumi" / "locks"
    folders = (locks / "organization" / project / stack, locks / stack)
    found = [_read(path) for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.json*"))]
    return tuple(lock for lock in found if lock is not None)


def holder(lock: Lock) -> Holder:
    """Whether the process that took ``lock`` still runs; ``UNKNOWN`` for another host or container."""
    if lock.since is None or lock.host != socket.gethostname() or lock.pid <= 0:
        return Holder.UNKNOWN
    if any(_may_hold(process, lock.since) for process in processes.numbered(lock.pid)):
        return Holder.RUNS
    return Holder.GONE if processes.are_all_visible(lock.path) else Holder.UNKNOWN


def is_engine(lock: Lock) -> bool:
    """Whether the local process of this number is Pulumi, so that a signal reaches no other program."""
    try:
        return psutil.Process(lock.pid).name().startswith("pulumi")
    except (psutil.Error, ValueError):
        return False


def remove_lock(lock: Lock) -> None:
    """Remove a lock and its attributes file."""
    lock.path.unlink(missing_ok=True)
    lock.path.with_name(lock.path.name + ATTRIBUTES).unlink(missing_ok=True)


def _read(path: Path) -> Lock | None:
    if path.suffix == ATTRIBUTES or not path.is_file():
        return None
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
        since = dt.datetime.fromisoformat(tree["timestamp"])
        return Lock(path=path, pid=int(tree["pid"]), user=tree["username"], host=tree["hostname"], since=since)
    except FileNotFoundError:  # released just now
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Lock(path=path)


def _may_hold(process: psutil.Process, since: dt.datetime) -> bool:
    """Whether a process may be the one that took a lock: it lives, and is not younger than the lock.

    A process called ``pulumi`` always counts as the holder: after a change of the clock it may look younger.
    """
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        started = dt.datetime.fromtimestamp(process.create_time(), dt.UTC)
        return started <= since + SLACK or process.name().startswith("pulumi")
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True  # it is another user's
