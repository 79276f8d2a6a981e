"""Begin and end a sandbox, also after a crash.

`up` and `down` hold the sandbox's lock, so that two of them never run at once. Processes that a killed supervisor has
left are ended first, by identity. Its cloud is gone with it, and so are the stacks that described that cloud.
"""

import datetime as dt
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sandbox import clients, control, furnishing, place, processes, state
from sandbox.aws.contract import Credentials
from sandbox.errors import NotRunningError, SandboxError
from sandbox.place import Place
from sandbox.toolchain import build

READY_SECONDS = 90.0
GRACE_SECONDS = 20.0
LOG_LINES = 15

Report = Callable[[str], None]


def up(where: Place, report: Report) -> None:
    """Start a sandbox, or report that it runs.

    Raises `ToolchainError` when its programs are not available, and `SandboxError` when it does not start.
    """
    with place.locked(where):
        if running := is_running(where):
            _check_format(running)
            report(f"sandbox: already running since {running.since}, AWS at {running.front}")
            return
        started = time.monotonic()
        _clear_leftovers(where, report)
        toolchain = build.ensure(report)
        place.make(where)
        furnishing.furnish(where, toolchain)
        key = Credentials(
            access_key_id=f"AKIA{secrets.token_hex(8).upper()}", secret_access_key=secrets.token_urlsafe(30)
        )
        clients.save_credentials(where.credentials, key)
        fresh = state.State(mark=secrets.token_hex(16), since=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
        state.save(where.state, fresh)
        report("sandbox: starting AWS and etcd")
        try:
            _start(where, fresh.mark)
        except SandboxError:
            processes.end(processes.marked(fresh.mark))
            raise
        report(f"sandbox: up after {time.monotonic() - started:.1f} s, AWS at {status_of(where).front}")


def down(where: Place, report: Report) -> None:
    """End a sandbox and remove its data; it is no error when nothing runs and nothing is left."""
    if not where.folder.is_dir():
        report("sandbox: not running")
        return
    with place.locked(where):
        started = time.monotonic()
        written = state.load(where.state)
        if written is not None and written.supervisor is not None:
            processes.end([written.supervisor], grace=GRACE_SECONDS)
        if written is not None:
            processes.end(leftovers(written))
        processes.end(_plugins(where))
        place.clear(where)
        where.folder.rmdir()
        report(f"sandbox: down after {time.monotonic() - started:.1f} s")


def is_running(where: Place) -> state.State | None:
    """Return the state of a sandbox that runs and answers; None when it does not."""
    written = state.load(where.state)
    if written is None or written.supervisor is None or not processes.is_alive(written.supervisor):
        return None
    try:
        control.ask(where.folder, "status")
    except NotRunningError:
        return None
    return written


def status_of(where: Place) -> state.State:
    """Return the state of the sandbox that runs.

    Raises `NotRunningError` when there is none, and `SandboxError` when its stacks have another format.
    """
    running = is_running(where)
    if running is None:
        raise NotRunningError
    _check_format(running)
    return running


def _check_format(running: state.State) -> None:
    if running.format != state.FORMAT:
        raise SandboxError(
            f"this sandbox was started by another version of the project: its stacks have format {running.format}, and "
            f"this version writes format {state.FORMAT}; an update would replace every object in them; run 'make down' "
            "(fed sandbox down), which removes it with its stacks, then 'make up'"
        )


def _plugins(where: Place) -> list[processes.Identity]:
    """Return the plugins that outlive a killed engine: the official Kubernetes provider does so for good."""
    return processes.started_from(where.pulumi_home / "plugins")


def leftovers(written: state.State) -> list[processes.Identity]:
    """Return the processes of a sandbox that still run: those in its state, and those that carry its mark."""
    recorded = [child.identity for child in written.children if processes.is_alive(child.identity)]
    if written.supervisor is not None and processes.is_alive(written.supervisor):
        recorded.append(written.supervisor)
    return sorted({*recorded, *processes.marked(written.mark)}, key=lambda identity: identity.pid)


def _clear_leftovers(where: Place, report: Report) -> None:
    written = state.load(where.state)
    if written is None:
        return
    left = [*leftovers(written), *_plugins(where)]
    processes.end(left)
    had_stacks = any((where.backend / ".pulumi" / "stacks").rglob("*.json"))
    place.clear(where, keep=(where.logs,))
    report(f"sandbox: the last one ended without 'down'; ended {len(left)} processes that it had left")
    if had_stacks:
        report("sandbox: its cloud was lost with it, so the stacks that described that cloud were removed as well")


def _start(where: Place, mark: str) -> None:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(Path.home()),
        "PYTHONPATH": str(place.CHECKOUT),
        processes.MARK: mark,
        **{name: os.environ[name] for name in ("EKS_FEDERATION_CACHE", "XDG_CACHE_HOME") if name in os.environ},
    }
    command = [sys.executable, "-m", "sandbox.supervisor", str(where.folder), str(where.project)]
    log = where.logs / "supervisor.log"
    process = processes.spawn(command, log=log, environment=environment)
    deadline = time.monotonic() + READY_SECONDS
    while is_running(where) is None:
        if process.poll() is not None:
            raise SandboxError(f"the supervisor ended with code {process.returncode}:\n{_tail(log)}")
        if time.monotonic() > deadline:
            raise SandboxError(f"the supervisor is not ready after {READY_SECONDS:.0f} s:\n{_tail(log)}")
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    return "\n".join([f"(the end of {log})", *lines])
