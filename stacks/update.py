"""How is a stack brought up, in the user's own terminal, so that afterwards one can say what became of each member?

It is the very `pulumi up` that the user could have typed: with its preview, its progress and its exit code. Two things
are added: it goes on with the other members when one fails, and it writes its events to a file that only this user
can read and that is gone afterwards.
"""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stacks import changes, engine
from stacks.changes import Changes

__all__ = ["Updated", "update"]

# Without the first, one member's failure keeps the others from what they were to get; the second has `--event-log`.
SETTINGS = {"PULUMI_CONTINUE_ON_ERROR": "true", "PULUMI_DEBUG_COMMANDS": "true"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """How `pulumi` ended (``code``: its exit code, or minus the signal that ended it) and what it did by member.

    ``has_begun`` is false when it ended before the update itself, as in a preview.
    """

    code: int
    changes: tuple[Changes, ...]
    has_begun: bool


def update(root: Path, stack: str, members: Sequence[str], options: Sequence[str]) -> Updated:
    """Run `pulumi up` of ``stack`` with ``options`` to its end. ``engine.EngineError`` when it is not there."""
    with tempfile.TemporaryDirectory(prefix="fed-up-") as folder:
        log = Path(folder) / "events.json"
        command = ["pulumi", "up", "--stack", stack, "--event-log", str(log), *options]
        code = engine.run(command, root, {**os.environ, **SETTINGS})
        found = list(changes.events(log))
    return Updated(code=code, changes=changes.by_member(found, members), has_begun=changes.has_begun(found))
