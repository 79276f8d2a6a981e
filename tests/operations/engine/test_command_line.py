"""A command gets the terminal and the signals, and its exit code is told."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from federation.operations.engine import command_line
from federation.operations.engine.command_line import EngineError

CHILD = """
import signal, sys
def end(number, frame):
    print("child got", signal.Signals(number).name, flush=True)
    sys.exit(3)
signal.signal(signal.SIGINT, end)
signal.signal(signal.SIGTERM, end)
print("child runs", flush=True)
signal.pause()
"""
PARENT = """
import os, sys
from pathlib import Path
from federation.operations.engine import command_line
sys.exit(command_line.run([sys.executable, "-c", sys.argv[1]], Path(), os.environ))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_the_command_once_and_its_end_is_waited_for(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "child runs\n"
        os.killpg(parent.pid, number)  # as a terminal's Ctrl-C would, or CI's stop
        written, _ = parent.communicate(timeout=20)
    assert written == f"child got {number.name}\n"
    assert parent.returncode == 3


def test_a_command_ended_by_a_signal_returns_minus_its_number(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    assert command_line.run(command, tmp_path, os.environ) == -signal.SIGKILL


def test_handlers_are_as_before_afterwards(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    command_line.run([sys.executable, "-c", ""], tmp_path, os.environ)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_missing_pulumi_is_reported_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="no `pulumi` on PATH"):
        command_line.query(tmp_path, "version")
    with pytest.raises(EngineError, match="no `pulumi` on PATH"):
        command_line.run(["pulumi", "up"], tmp_path, os.environ)
