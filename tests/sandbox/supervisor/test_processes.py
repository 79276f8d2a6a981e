import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox import processes

Child = subprocess.Popen[bytes]


@pytest.fixture
def child() -> Iterator[Child]:
    environment = {**os.environ, processes.MARK: f"test-{os.getpid()}"}
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=environment) as started:
        yield started
        started.kill()


def test_a_process_is_known_by_its_start_as_well_as_its_pid(child: Child) -> None:
    identity = processes.identify(child.pid)
    assert processes.is_alive(identity)
    assert not processes.is_alive(replace(identity, started=identity.started - 1))


def test_a_reused_pid_is_never_ended(child: Child) -> None:
    identity = processes.identify(child.pid)
    processes.end([replace(identity, started=identity.started - 1)])
    assert child.poll() is None


def test_ending_waits_until_it_is_over(child: Child) -> None:
    processes.end([processes.identify(child.pid)])
    assert processes.started_at(child.pid) is None


def test_a_marked_process_is_found_without_its_pid(child: Child) -> None:
    assert [identity.pid for identity in processes.marked(f"test-{os.getpid()}")] == [child.pid]
    assert processes.marked("nobody") == []
