"""Tell which processes of a host this one can see, and so what the absence of one proves.

A process in a container has a process namespace of its own: it sees neither those of other containers nor those of the
host. A backend on a shared volume has locks of all of them, with the same host name where that is set. Only the host's
own namespace sees every process, those in containers under two numbers.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

__all__ = ["PRIVATE", "are_all_seen", "numbered", "shares_network"]

PRIVATE: Final = "EKS_FEDERATION_PRIVATE_BACKEND"
"""Set to ``true``, it says that no other host and no other container uses the backend."""
HOST_NAMESPACE: Final = 0xEFFFFFFC
"""The number that Linux gives to the process namespace of the host itself."""
REMOTE: Final = ("9p", "afpfs", "ceph", "cifs", "fuse", "gfs2", "gluster", "lustre", "nfs", "smb", "virtiofs", "webdav")
"""How the names of file systems begin that other hosts may write to."""


def are_all_seen(path: Path, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether every process that may have written ``path`` can be seen from here, as long as it lives."""
    if environment.get(PRIVATE, "").strip().lower() in {"1", "true"}:
        return True
    return _is_host() and not _is_remote(path)


def numbered(pid: int) -> Iterator[psutil.Process]:
    """The processes that have the number ``pid`` here, or in a container below."""
    inner = (int(each.parent.name) for each in Path("/proc").glob("[0-9]*/status") if pid in _inner(each))
    for number in (pid, *inner):
        with suppress(psutil.NoSuchProcess):
            yield psutil.Process(number)


def shares_network(pid: int) -> bool:
    """Whether ``pid`` is in this process's network, so that its addresses on the loopback mean the same here."""
    try:
        return not _is_linux() or Path(f"/proc/{pid}/ns/net").samefile("/proc/self/ns/net")
    except OSError:
        return False


def _inner(status: Path) -> tuple[int, ...]:
    """The numbers of a process in the namespaces below this one."""
    try:
        lines = status.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # it has ended
        return ()
    line = next((each for each in lines if each.startswith("NSpid:")), "")
    return tuple(int(number) for number in line.split()[2:])


def _is_linux() -> bool:
    return sys.platform.startswith("linux")


def _is_host() -> bool:
    """Whether no process of this kernel is hidden from here. Other systems than Linux have no such namespaces."""
    if not _is_linux():
        return True
    try:
        return Path("/proc/self/ns/pid").stat().st_ino == HOST_NAMESPACE and Path("/proc/1").exists()
    except OSError:
        return False


def _is_remote(path: Path) -> bool:
    found = {each.mountpoint: each.fstype for each in psutil.disk_partitions(all=True)}
    at = path.absolute()
    kind = next((found[str(each)] for each in (at, *at.parents) if str(each) in found), "")
    return kind.startswith(REMOTE)
