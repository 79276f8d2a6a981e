"""Run `pulumi up` in the user's own terminal, and report afterwards what changed in each member.

It is the same `pulumi up` that a user could type, with its preview, its progress and its exit code. Four things are
added. It continues with the other members when one fails. It has an operation slot for every object, up to 512, so that
rollouts that wait in a slow member do not delay other members. It writes its events to a temporary file that only this
user can read. The engine collects garbage less often, since it writes the whole state at each step.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from federation.operations.engine import command_line, engine_events, progress
from federation.operations.engine.engine_events import Changes
from federation.plan.changes.renames import Renames
from federation.plan.model.plan import Plan

__all__ = ["UpdateResult", "update"]

# Without the first, a failure in one member stops the updates of the others; the second enables `--event-log`.
SETTINGS = {"PULUMI_CONTINUE_ON_ERROR": "true", "PULUMI_DEBUG_COMMANDS": "true"}


SLOTS = "PULUMI_PARALLEL"
SPARE = 64
"""Slots beside those for objects: for clusters, networks and record sets."""
MOST = 512
"""The program has four threads for each slot, and Route53 takes five calls a second."""
GARBAGE = "GOGC"
GARBAGE_PERCENT = "400"
"""The engine writes the whole state twice for each object, and every write leaves garbage. At five times the live heap
a first update of 300 objects ended after 48 s, at the default of twice after 57 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateResult:
    """How `pulumi` ended (``code``: its exit code, or minus the signal that ended it) and what it did by member.

    ``has_begun`` is false when it ended before the update itself, as in a preview.
    """

    code: int
    changes: tuple[Changes, ...]
    has_begun: bool


def update(root: Path, stack: str, plan: Plan, options: Sequence[str], say: Callable[[str], None]) -> UpdateResult:
    """Run `pulumi up` of ``stack`` with ``options`` to its end. Raises ``EngineError`` when `pulumi` is missing.

    The engine has four slots a processor by default, and each waits for a rollout. A user's own ``PULUMI_PARALLEL``,
    ``--parallel`` or ``GOGC`` overrides the number that is chosen here. ``say`` gets the waiting objects of each
    member, unless Pulumi draws them in a terminal.
    """
    members = [member.name for member in plan.members]
    slots = min(MOST, SPARE + sum(len(member.objects) for member in plan.members))
    with tempfile.TemporaryDirectory(prefix="fed-up-") as folder:
        log = Path(folder) / "events.json"
        command = ["pulumi", "up", "--stack", stack, "--event-log", str(log), *options]
        # In a terminal Pulumi redraws its own display, and shows there what each object waits for.
        display = nullcontext() if sys.stdout.isatty() else progress.reporting(log, members, say)
        with display:
            code = command_line.run(
                command, root, {SLOTS: str(slots), GARBAGE: GARBAGE_PERCENT, **os.environ, **SETTINGS}
            )
        events = list(engine_events.events(log))
    done = engine_events.by_member(events, members, dict(Renames.from_config(plan).pairs))
    return UpdateResult(code=code, changes=done, has_begun=engine_events.has_begun(events))
