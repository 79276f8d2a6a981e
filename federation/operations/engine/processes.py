"""List the processes of a host that this process can see, to judge whether a missing process has ended.

A process in a container has its own process namespace: it sees neither processes of other containers nor those of the
host. A backend on a shared volume has locks of all of them, with the same host name where that is set. Only the host's
own namespace sees every process, and a process in a container has two numbers there.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

__all__ = ["PRIVATE", "are_all_visible", "numbered", "shares_network"]

PRIVATE: Final = "EKS_FEDERATION_PRIVATE_BACKEND"
"""Set to ``true`` when no other host and no other container uses the backend."""
HOST_NAMESPACE: Final = 0xEFFFFFFC
"""The number that Linux gives to the process namespace of the host itself."""
REMOTE: Final = ("9p", "afpfs", "ceph", "cifs", "fuse", "gfs2", "gluster", "lustre", "nfs", "smb", "virtiofs", "webdav")
"""Prefixes of the names of file systems that other hosts may write to."""


def are_all_visible(path: Path, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether every living process that may have written ``path`` is visible here."""
    if environment.get(PRIVATE, "").strip().lower() in {"1", "true"}:
        return True
    return _is_host() and not _is_remote(path)


def numbered(pid: int) -> Iterator[psutil.Process]:
    """The processes with the number ``pid``, here or in a container on this host."""
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
    """Whether all processes of this kernel are visible here. Systems other than Linux have no such namespaces."""
    if not _is_linux():
        return True
    try:
        return Path("/proc/self/ns/pid").stat().st_ino == HOST_NAMESPACE and Path("/proc/1").exists()
    except OSError:
        return False


def _is_remote(path: Path) -> bool:
    types_by_mount = {each.mountpoint: each.fstype for each in psutil.disk_partitions(all=True)}
    at = path.absolute()
    kind = next((types_by_mount[str(each)] for each in (at, *at.parents) if str(each) in types_by_mount), "")
    return kind.startswith(REMOTE)
