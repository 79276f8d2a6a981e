"""Registrations lose their Python stack on the way to the engine, and the run's settings stay as they were."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import SETTINGS

from federation.components.kubernetes.stack_traces import no_stack_traces


class Monitor:
    def __init__(self) -> None:
        self.requests: list[Any] = []

    def RegisterResource(self, request: Any) -> str:  # noqa: N802 -- gRPC's name
        self.requests.append(request)
        return "registered"

    def SupportsFeature(self) -> str:  # noqa: N802 -- gRPC's name
        return "supported"


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    before = SETTINGS.monitor
    made = SETTINGS.monitor = Monitor()
    yield made
    SETTINGS.monitor = before


def test_a_request_inside_goes_on_without_its_stack(monitor: Monitor) -> None:
    position = resource_pb2.RegisterResourceRequest().sourcePosition
    position.uri, position.line = "file:///home/someone/program.py", 7
    request = resource_pb2.RegisterResourceRequest(name="web", sourcePosition=position)
    request.stackTrace.frames.add(pc=position)
    with no_stack_traces():
        assert SETTINGS.monitor.RegisterResource(request) == "registered"
        assert SETTINGS.monitor.SupportsFeature() == "supported"
    assert monitor.requests == [resource_pb2.RegisterResourceRequest(name="web")]


def test_the_monitor_comes_back_after_an_error(monitor: Monitor) -> None:
    with pytest.raises(KeyError), no_stack_traces():
        raise KeyError
    assert SETTINGS.monitor is monitor


def test_a_program_in_another_thread_keeps_its_own_monitor(monitor: Monitor) -> None:
    seen: list[Any] = []

    def program() -> None:
        SETTINGS.monitor = other
        seen.append(SETTINGS.monitor)

    other = Monitor()
    with no_stack_traces():
        thread = Thread(target=program)
        thread.start()
        thread.join()
        assert SETTINGS.monitor not in (monitor, other)
    assert seen == [other]
    assert SETTINGS.monitor is monitor
