"""Keep the Python stack of each registration out of Pulumi's state.

The SDK takes the stack with every resource, and the engine writes it into the state. It is two fifths of the state of a
ConfigMap, holds paths of the machine, and is written again at every step. Here it leads to the same line for every
object; an object's real origin, its document, is in the plan.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

__all__ = ["untraced"]


class _Limit:
    """Python's limit of tracebacks. There is one for all threads, and the Automation API runs a program in each. The
    first thread to enter sets it, and the last to leave restores the old value."""

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
    """Register resources inside without their stack. Python's own limit of tracebacks does it, so tracebacks printed
    inside are short; those of errors that leave the block are whole."""
    _LIMIT.enter()
    try:
        yield
    finally:
        _LIMIT.leave()
