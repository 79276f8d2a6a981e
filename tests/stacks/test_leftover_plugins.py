"""Plugins that a killed engine has left are found by project and backend, and ended; those of a live engine are not."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from stacks import leftover_plugins
from tests.sandbox.waiting import wait_for

PLUGIN = "pulumi-resource-kubernetes"
SLEEP, SHELL = shutil.which("sleep"), shutil.which("sh")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a plugin and an engine: any program goes by the name of its file."""
    assert SLEEP
    assert SHELL
    shutil.copy(SLEEP, tmp_path / PLUGIN)
    shutil.copy(SHELL, tmp_path / "pulumi")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    return tmp_path


@pytest.fixture
def started(programs: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """What a test has started; ended with it."""
    found: list[subprocess.Popen[bytes]] = []
    yield found
    for each in found:
        for child in psutil.Process(each.pid).children() if each.poll() is None else []:
            child.kill()
        each.kill()
        each.wait()


def start(started: list["subprocess.Popen[bytes]"], *command: str, **environment: str) -> psutil.Process:
    process = subprocess.Popen(command, env={**os.environ, "PULUMI_PROJECT": "shop", **environment})
    started.append(process)
    return psutil.Process(process.pid)


def test_a_plugin_without_its_engine_is_found_and_ended(
    programs: Path, started: list["subprocess.Popen[bytes]"]
) -> None:
    plugin = start(started, str(programs / PLUGIN), "600")
    wait_for(lambda: plugin.name() == PLUGIN)
    assert leftover_plugins.find("shop") == (plugin,)
    leftover_plugins.end([plugin])
    assert leftover_plugins.find("shop") == ()


@pytest.mark.parametrize(
    "environment", [{"PULUMI_PROJECT": "another"}, {"PULUMI_BACKEND_URL": "file:///elsewhere"}, {"PULUMI_HOME": "/x"}]
)
def test_a_plugin_of_another_project_or_backend_is_left_alone(
    programs: Path, started: list["subprocess.Popen[bytes]"], environment: dict[str, str]
) -> None:
    plugin = start(started, str(programs / PLUGIN), "600", **environment)
    wait_for(lambda: plugin.name() == PLUGIN)
    assert leftover_plugins.find("shop") == ()


def test_a_plugin_is_left_alone_as_long_as_its_engine_lives(
    programs: Path, started: list["subprocess.Popen[bytes]"]
) -> None:
    engine = start(started, str(programs / "pulumi"), "-c", f"{programs / PLUGIN} 600; true")
    wait_for(lambda: [each.name() for each in engine.children()] == [PLUGIN])
    (plugin,) = engine.children()
    assert leftover_plugins.find("shop") == ()
    engine.kill()
    wait_for(lambda: leftover_plugins.find("shop") == (plugin,))
    leftover_plugins.end([plugin])
    assert not plugin.is_running()
