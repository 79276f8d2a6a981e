"""Where do built tools lie, and how do two builds at once not spoil each other?

Outside the checkout, so that a fresh clone finds what another has built. A tool's folder appears by one rename when it
is complete; a file lock makes a second builder wait for the first and then find the work done.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Report = Callable[[str], None]
"""Told one line of progress at a time."""


def root() -> Path:
    """Return the cache's folder: `EKS_FEDERATION_CACHE`, else `eks-federation` in the user's cache folder."""
    if own := os.environ.get("EKS_FEDERATION_CACHE"):
        return Path(own)
    users = os.environ.get("XDG_CACHE_HOME")
    return (Path(users) if users else Path.home() / ".cache") / "eks-federation"


def is_complete(key: str) -> bool:
    """Say whether an entry is there; entries appear whole or not at all."""
    return (root() / key).is_dir()


def obtain(key: str, make: Callable[[Path], None], report: Report) -> Path:
    """Return an entry's folder, made by `make(empty folder)` when it is not there yet.

    What `make` raises goes through, and nothing of the attempt is left.
    """
    target = root() / key
    if target.is_dir():
        return target
    root().mkdir(parents=True, exist_ok=True)
    with _locked(root() / f".{key}.lock", key, report):
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
def _locked(path: Path, key: str, report: Report) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(f"toolchain: another process is making {key}; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
