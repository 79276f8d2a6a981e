"""What does Pulumi's state not need to hold? The Python stack by which an object came to be registered.

The SDK takes it with every resource, and the engine writes it into the state: two fifths of what it keeps of a
ConfigMap, paths of the machine among it, and all of it written again at every step. It leads to the same line here for
every object; where an object really comes from, its document, is in the plan.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["untraced"]


@contextmanager
def untraced() -> Iterator[None]:
    """Resources that are registered inside keep no stack. Python's own limit of tracebacks does it, so errors that are
    printed meanwhile are short; those that leave are whole."""
    before: int | None = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = 1  # 0 would be less than the SDK expects
    try:
        yield
    finally:
        if before is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = before
