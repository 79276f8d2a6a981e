"""Keep the Python stack of each registration out of Pulumi's state.

The SDK takes the stack with every resource, and the engine writes it into the state. It is two thirds of the entry of a
ConfigMap, holds paths of the machine, and is written again at every step. Here it leads to the same line for every
object; an object's real origin, its document, is in the plan.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import SETTINGS

__all__ = ["no_stack_traces"]


class _Monitor:
    """The resource monitor of this run. Requests to register a resource go on without their stack."""

    def __init__(self, monitor: Any) -> None:
        self._monitor = monitor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monitor, name)

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:  # noqa: N802 -- gRPC's name
        request.ClearField("stackTrace")
        request.ClearField("sourcePosition")
        return self._monitor.RegisterResource(request)


@contextmanager
def no_stack_traces() -> Iterator[None]:
    """Register resources inside without their stack. Programs that run at the same time have settings of their own."""
    monitor = SETTINGS.monitor
    SETTINGS.monitor = _Monitor(monitor)
    try:
        yield
    finally:
        SETTINGS.monitor = monitor
