"""Wait for a condition of the real world by polling until a deadline, never by sleeping."""

import time
from collections.abc import Callable

POLL_SECONDS = 0.1


def wait_for(condition: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Return as soon as a condition holds; fail when it does not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"the condition did not hold within {seconds:.0f} s"
        time.sleep(POLL_SECONDS)
