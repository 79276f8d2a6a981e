"""Find the processes of a sandbox, and end them without ever touching another's.

A pid alone identifies nothing: another process may have it by now. So a process is identified by its pid *and* the
moment it started, and every child carries the sandbox's random mark in its environment, so that one which was started
just before a crash, too late to be written down, is found as well.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError

MARK = "EKS_FEDERATION_SANDBOX_MARK"
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A process that cannot be mistaken for another: `started` is in clock ticks since boot."""

    pid: int
    started: int


def started_at(pid: int) -> int | None:
    """Return a process's start time, in clock ticks since boot; None when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *rest = stat[stat.rindex(")") + 2 :].split()
    # An ended main thread is a zombie, too, while other threads still run and hold the process's ports.
    threads = int(rest[16])
    return None if state in "ZX" and threads <= 1 else int(rest[18])


def identify(pid: int) -> Identity:
    """Return the identity of a live process.

    Raises `SandboxError` when there is no such process.
    """
    started = started_at(pid)
    if started is None:
        raise SandboxError(f"process {pid} ended as soon as it was started")
    return Identity(pid=pid, started=started)


def is_alive(identity: Identity) -> bool:
    """Return whether exactly this process still runs."""
    return started_at(identity.pid) == identity.started


def marked(mark: str) -> list[Identity]:
    """Return every process of this user that carries a sandbox's mark, this one excepted."""
    wanted = f"{MARK}={mark}".encode()
    return _others("environ", lambda content: wanted in content.split(b"\0"))


def started_from(folder: Path) -> list[Identity]:
    """Return every process of this user whose program was started by a path below a folder, this one excepted."""
    beginning = f"{folder}/".encode()
    return _others("cmdline", lambda content: content.startswith(beginning))


def _others(file: str, is_wanted: Callable[[bytes], bool]) -> list[Identity]:
    """Return this user's other processes whose file in `/proc` contains the wanted bytes, by process id."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            content = (entry / file).read_bytes()
        except OSError:  # it has ended, or is another user's
            continue
        started = started_at(int(entry.name)) if is_wanted(content) else None
        if started is not None:
            found.append(Identity(pid=int(entry.name), started=started))
    return sorted(found, key=lambda identity: identity.pid)


def spawn(command: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start a command in a session of its own, so that a Ctrl-C in a terminal does not reach it; append to its log."""
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:  # noqa: PTH123 - a descriptor
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
        )


def end(identities: Iterable[Identity], *, grace: float = 0.0) -> None:
    """End processes: SIGTERM, and SIGKILL for those that are still there after `grace` seconds (at once for 0).

    Raises `SandboxError` when one outlives SIGKILL by ten seconds.
    """
    left = [identity for identity in identities if is_alive(identity)]
    if grace > 0:
        _signal(left, signal.SIGTERM)
        left = _wait(left, grace)
    _signal(left, signal.SIGKILL)
    if stuck := _wait(left, 10.0):
        pids = ", ".join(str(identity.pid) for identity in stuck)
        raise SandboxError(f"these processes do not end, not even by SIGKILL: {pids}; see 'ps -o pid,stat,cmd'")


def _signal(identities: Iterable[Identity], number: signal.Signals) -> None:
    for identity in identities:
        if is_alive(identity):
            try:
                os.kill(identity.pid, number)
            except ProcessLookupError:  # it has ended by itself just now
                continue


def _wait(identities: list[Identity], seconds: float) -> list[Identity]:
    deadline = time.monotonic() + seconds
    left = [identity for identity in identities if is_alive(identity)]
    while left and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        left = [identity for identity in left if is_alive(identity)]
    return left
