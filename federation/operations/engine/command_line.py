"""Run Pulumi's command line: queries that return plain data, and updates in the user's terminal.

The `pulumi` on PATH is what users and CI have. An update needs the terminal, and a Ctrl-C must reach the engine exactly
once. After the first one the engine finishes what it has begun and writes its state; after the second it stops at once.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from federation.errors.fault import FederationError

__all__ = ["NO_PULUMI", "EngineError", "query", "query_json", "run", "shortened", "stop_signals_handled"]

NO_PULUMI = "there is no `pulumi` on PATH: install Pulumi, and put it on PATH"
ERROR = "error:"
LONGEST = 400


class EngineError(FederationError):
    """`pulumi` cannot be started, or ended with an error; the text is what it wrote."""


def query(root: Path, *arguments: str) -> str:
    """Run `pulumi` in the project at `root` without prompts, and return its standard output.

    Raises `EngineError` when it is not on PATH or ends with an error.
    """
    command = ["pulumi", *arguments, "--non-interactive", "--color=never"]
    try:
        response = subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise EngineError(NO_PULUMI) from None
    if response.returncode != 0:
        raise EngineError((response.stderr + response.stdout).strip())
    return response.stdout


def query_json(root: Path, *arguments: str) -> Any:
    """The same for a command that writes JSON."""
    return json.loads(query(root, *arguments))


def shortened(text: str) -> str:
    """Pulumi's output as one line: its errors without other log lines, 400 characters at most."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = next((i for i, line in enumerate(lines) if line.startswith(ERROR)), 0)
    line = " ".join(lines[first:]).removeprefix(ERROR).strip()
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def run(command: Sequence[str], root: Path, environment: Mapping[str, str]) -> int:
    """Run a command to its end with this process's terminal, and return its exit code (negative: minus the signal).

    With a terminal, Ctrl-C reaches the command from there, and this process only waits. Without one (CI, a service) the
    command is in its own process group, and this process passes every SIGINT on. A SIGTERM is always passed on.
    """
    interactive = sys.stdin.isatty()
    started: list[subprocess.Popen[bytes]] = []
    with _passed_on(started, interactive=interactive):
        try:
            process = subprocess.Popen(
                list(command), cwd=root, env=dict(environment), process_group=None if interactive else 0
            )
        except FileNotFoundError:
            raise EngineError(NO_PULUMI) from None
        started.append(process)
        return process.wait()


@contextmanager
def _passed_on(started: Sequence["subprocess.Popen[bytes]"], *, interactive: bool) -> Iterator[None]:
    def pass_on(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and interactive:
            return
        for process in started:
            process.send_signal(number)

    with stop_signals_handled(pass_on):
        yield


@contextmanager
def stop_signals_handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Give SIGINT and SIGTERM to ``handler`` while the block runs. It works in the main thread only."""
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
