"""Report, while an update runs, which objects each member still waits for.

Pulumi writes a line for each object. A CI log with hundreds of them does not show which member is slow. Here each
member that delays the update has one line, every fifteen seconds.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from federation.operations.engine import engine_events
from federation.operations.engine.engine_events import Changes

__all__ = ["lines", "listed", "reporting"]

SECONDS = 15.0
"""Between two lines of a member; a shorter wait is not reported."""
SHOWN = 3


@contextmanager
def reporting(
    log: Path, members: Sequence[str], say: Callable[[str], None], seconds: float = SECONDS
) -> Iterator[None]:
    """Read the event ``log`` every ``seconds`` while the block runs, and ``say`` what each member waits for."""
    is_over = Event()
    thread = Thread(target=_follow, args=(log, members, say, seconds, is_over), name="progress")
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def lines(changes: Sequence[Changes], now: float, seconds: float = SECONDS) -> Iterator[str]:
    """One line for each member with something that began ``seconds`` before ``now`` or earlier (Unix time)."""
    for each in changes:
        old = [name for name, since in each.waiting.items() if now - since >= seconds]
        if not old:
            continue
        longest = now - min(each.waiting[name] for name in old)
        failed = f"; {len(each.failed)} failed" if each.failed else ""
        yield f"{each.member}: waits for {listed(each.member, old)} ({longest:.0f} s so far){failed}"


def listed(member: str, names: Sequence[str]) -> str:
    """The first of a member's ``names``, without the member's own, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(name.removeprefix(f"{member}/") for name in names[:SHOWN]) + more


def _follow(log: Path, members: Sequence[str], say: Callable[[str], None], seconds: float, is_over: Event) -> None:
    while not is_over.wait(seconds):
        for line in lines(engine_events.by_member(engine_events.events(log), members), time.time(), seconds):
            say(line)
