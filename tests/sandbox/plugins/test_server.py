"""A stand-in starts and ends with the engine."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sandbox.plugins import server

PROGRAM = """
from pulumi.runtime.proto import provider_pb2_grpc
from sandbox.plugins import server

class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    def close(self):
        print("closed", flush=True)

server.serve(lambda engine: Plugin())
"""


@pytest.fixture
def plugin() -> Iterator[subprocess.Popen[str]]:
    """A running plugin that has printed its port."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        yield process
        process.kill()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ("", 0)),
        (["127.0.0.1:5"], ("127.0.0.1:5", 0)),
        (["--logtostderr", "-v=9", "--tracing", "http://x", "127.0.0.1:5"], ("127.0.0.1:5", 0)),
        (["--port", "7"], ("", 7)),
    ],
)
def test_the_engines_arguments_are_understood(arguments: list[str], expected: tuple[str, int]) -> None:
    assert server.parse_arguments(arguments) == expected


def test_it_ends_when_the_engine_is_gone_however_it_went(plugin: subprocess.Popen[str]) -> None:
    assert plugin.communicate(timeout=10) == ("closed\n", "")
    assert plugin.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_on_a_signal_without_a_word(plugin: subprocess.Popen[str], number: signal.Signals) -> None:
    plugin.send_signal(number)
    assert plugin.wait(timeout=10) == 0
    assert plugin.communicate() == ("closed\n", "")
