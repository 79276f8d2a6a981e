"""Keep built tools, so that two builds at once do not spoil each other.

They lie outside the checkout, so that a fresh clone finds what another has built. A tool's folder appears by one
rename when it is complete. A file lock makes a second builder wait for the first and then find the work done.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sandbox.errors import ToolchainError

POLL_SECONDS = 0.2

Report = Callable[[str], None]
"""Told one line of progress at a time."""


def root() -> Path:
    """Return the cache's folder: `EKS_FEDERATION_CACHE`, else `eks-federation` in the user's cache folder."""
    if own := os.environ.get("EKS_FEDERATION_CACHE"):
        return Path(own)
    users = os.environ.get("XDG_CACHE_HOME")
    return (Path(users) if users else Path.home() / ".cache") / "eks-federation"


def is_complete(key: str) -> bool:
    """Return whether an entry is there; entries appear whole or not at all."""
    return (root() / key).is_dir()


def obtain(
    key: str, make: Callable[[Path], None], report: Report, is_stopped: Callable[[], bool] = lambda: False
) -> Path:
    """Return an entry's folder, made by `make(empty folder)` when it is not there yet.

    What `make` raises goes through, and nothing of the attempt is left. Raises `ToolchainError` when it is stopped
    while another process makes the entry.
    """
    target = root() / key
    if target.is_dir():
        return target
    root().mkdir(parents=True, exist_ok=True)
    with _locked(root() / f".{key}.lock", key, report, is_stopped):
        if target.is_dir():
            return target
        unfinished = Path(tempfile.mkdtemp(prefix=f".{key}-", dir=root()))
        try:
            make(unfinished)
            unfinished.chmod(0o755)
            unfinished.rename(target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return target


@contextmanager
def _locked(path: Path, key: str, report: Report, is_stopped: Callable[[], bool]) -> Iterator[None]:
    with path.open("w") as file:
        if not _is_locked(file):
            report(f"toolchain: another process is making {key}; waiting for it")
            while not _is_locked(file):
                if is_stopped():
                    raise ToolchainError(f"{key}: stopped while another process makes it")
                time.sleep(POLL_SECONDS)
        yield


def _is_locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
