"""Plugins that a killed engine has left are found by project and ended; those of a live engine never are."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from federation.operations.engine import processes
from federation.operations.recovery import leftover_plugins
from tests.sandbox.waiting import wait_for

PLUGIN = "pulumi-resource-kubernetes"
SHELL = shutil.which("sh")

Start = Callable[..., psutil.Process]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a process that goes by a plugin's name, with an engine's address; ended with the test."""
    assert SHELL
    shutil.copy(SHELL, tmp_path / PLUGIN)
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    started: list[subprocess.Popen[bytes]] = []

    def run(address: str, **environment: str) -> psutil.Process:
        # It waits for an input that never comes.
        command = (str(tmp_path / PLUGIN), "-c", "read forever", address)
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, env={**os.environ, "PULUMI_PROJECT": "shop", **environment}
        )
        started.append(process)
        found = psutil.Process(process.pid)
        wait_for(lambda: found.name() == PLUGIN)
        return found

    yield run
    for each in started:
        each.kill()
        each.communicate()


@pytest.fixture
def engine() -> Iterator[socket.socket]:
    """An engine that listens; closed, it is gone."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def address_of(engine: socket.socket) -> str:
    return f"127.0.0.1:{engine.getsockname()[1]}"


def test_a_plugin_is_left_alone_as_long_as_its_engine_lives(start: Start, engine: socket.socket) -> None:
    plugin = start(address_of(engine))
    assert leftover_plugins.find_plugins("shop") == ()
    engine.close()
    (found,) = leftover_plugins.find_plugins("shop")
    assert (found.process, found.is_ours, str(found)) == (plugin, True, f"{PLUGIN} (process {plugin.pid})")
    leftover_plugins.end_plugins([found])
    assert leftover_plugins.find_plugins("shop") == ()


def test_a_plugin_in_a_container_is_left_alone_since_its_engine_is_not_visible(
    start: Start, engine: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = address_of(engine)
    engine.close()
    start(address)
    monkeypatch.setattr(processes, "shares_network", lambda _: False)
    assert leftover_plugins.find_plugins("shop") == ()


def test_a_plugin_of_another_project_is_not_found(start: Start, engine: socket.socket) -> None:
    address = address_of(engine)
    engine.close()
    start(address, PULUMI_PROJECT="another")
    assert leftover_plugins.find_plugins("shop") == ()


def test_a_plugin_of_another_backend_is_found_but_not_ours(start: Start, engine: socket.socket) -> None:
    address = address_of(engine)
    engine.close()
    start(address, PULUMI_BACKEND_URL="file:///elsewhere")
    assert [each.is_ours for each in leftover_plugins.find_plugins("shop")] == [False]


@pytest.mark.parametrize("address", ["", "600", "host:", "host:port"])
def test_a_plugin_whose_engine_cannot_be_checked_is_left_alone(start: Start, address: str) -> None:
    start(address)
    assert leftover_plugins.find_plugins("shop") == ()
