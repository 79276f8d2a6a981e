"""What does Pulumi's state not need to hold? The Python stack by which an object came to be registered.

The SDK takes it with every resource, and the engine writes it into the state: two fifths of what it keeps of a
ConfigMap, paths of the machine among it, and all of it written again at every step. It leads to the same line here for
every object; where an object really comes from, its document, is in the plan.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

__all__ = ["untraced"]


class _Limit:
    """Python's limit of tracebacks. There is one for all threads, and the Automation API runs a program in each: the
    first that comes in sets it, and the last that leaves puts back what there was."""

    def __init__(self) -> None:
        self._one_at_a_time = Lock()
        self._inside = 0
        self._before: int | None = None

    def enter(self) -> None:
        with self._one_at_a_time:
            if not self._inside:
                self._before = getattr(sys, "tracebacklimit", None)
                sys.tracebacklimit = 1  # 0 would be less than the SDK expects
            self._inside += 1

    def leave(self) -> None:
        with self._one_at_a_time:
            self._inside -= 1
            if self._inside:
                return
            if self._before is None:
                del sys.tracebacklimit
            else:
                sys.tracebacklimit = self._before


_LIMIT: Final = _Limit()


@contextmanager
def untraced() -> Iterator[None]:
    """Resources that are registered inside keep no stack. Python's own limit of tracebacks does it, so errors that are
    printed meanwhile are short; those that leave are whole."""
    _LIMIT.enter()
    try:
        yield
    finally:
        _LIMIT.leave()
