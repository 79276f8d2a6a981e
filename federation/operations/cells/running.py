"""Run the engine on several cells at a time, and report what each of them waits for."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

from federation.api.model.cells import Cell
from federation.operations.cells.cell_stacks import config_file
from federation.operations.engine import command_line, engine_events, progress
from federation.operations.engine.automation import Engine, Ran
from federation.operations.engine.engine_events import Changes

__all__ = ["AT_A_TIME", "CellRun", "RunMode", "run_cells"]

AT_A_TIME: Final = 8
"""Cells that run at a time. A run needs some 0.4 GiB; a cell that waits for a rollout needs no processor."""
SLOTS: Final = "PULUMI_PARALLEL"
SPARE: Final = 32
MOST: Final = 512
DEFAULTS: Final[Mapping[str, str]] = {"GOGC": "400"}
ALWAYS: Final[Mapping[str, str]] = {"PULUMI_CONTINUE_ON_ERROR": "true"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMode:
    """How cells are run: ``preview`` changes nothing, ``refresh`` compares the state with what exists first."""

    preview: bool = False
    refresh: bool = False


UPDATE: Final = RunMode()


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRun:
    """What a run did to one cell, or why it was left out (``skipped``).

    ``code`` is Pulumi's exit code, 0 for a skipped cell. ``changes`` are by member, ``seconds`` is how long it took.
    """

    cell: Cell
    code: int = 0
    skipped: str = ""
    seconds: float = 0
    changes: tuple[Changes, ...] = ()
    output: str = field(default="", repr=False)

    @property
    def messages(self) -> tuple[str, ...]:
        """The errors of the run; where the engine reports none, what `pulumi` wrote."""
        found = tuple(message for each in self.changes for message in each.messages)
        return found or ((command_line.shortened(self.output),) if self.code else ())

    @property
    def summary(self) -> str:
        """``12 created (14 s)``, or why the cell was not run."""
        if self.skipped:
            return self.skipped
        done: dict[str, int] = {}
        for each in self.changes:
            for word, count in each.done.items():
                done[word] = done.get(word, 0) + count
        counts = ", ".join(f"{count} {word}" for word, count in sorted(done.items()))
        return f"{counts or ('failed' if self.code else 'unchanged')} ({self.seconds:.0f} s)"


def run_cells(
    root: Path, cells: Mapping[Cell, int], engine: Engine, say: Callable[[str], None], mode: RunMode = UPDATE
) -> tuple[CellRun, ...]:
    """Run all ``cells``, each with its number of objects. One that fails stops no other."""
    runs = [_Running(root, cell, count, engine, mode) for cell, count in cells.items()]
    done: dict[Cell, CellRun] = {}
    with ThreadPoolExecutor(max_workers=AT_A_TIME) as pool, _reporting(runs, say):
        for future in as_completed([pool.submit(run.run) for run in runs]):
            result = future.result()
            say(f"{result.cell.stack}: {result.summary}")
            done[result.cell] = result
    return tuple(done[cell] for cell in cells)


class _Running:
    """One run of the engine, and the events that it has sent so far."""

    def __init__(self, root: Path, cell: Cell, objects: int, engine: Engine, mode: RunMode) -> None:
        self.cell = cell
        self._root = root
        self._slots = str(min(MOST, SPARE + objects))
        self._engine = engine
        self._mode = mode
        self._events: list[Mapping[str, Any]] = []

    def run(self) -> CellRun:
        """Run to the end."""
        began = time.monotonic()
        defaults = {key: value for key, value in {SLOTS: self._slots, **DEFAULTS}.items() if key not in os.environ}
        ran: Ran = self._engine.update(
            self._root,
            self.cell.stack,
            config_file=config_file(self.cell.environment),
            environment={**defaults, **ALWAYS},
            on_event=self._events.append,
            preview=self._mode.preview,
            refresh=self._mode.refresh,
        )
        seconds = time.monotonic() - began
        return CellRun(cell=self.cell, code=ran.code, seconds=seconds, changes=self.changes(), output=ran.output)

    def changes(self) -> tuple[Changes, ...]:
        """What has been done so far, by member."""
        return engine_events.by_member(list(self._events), [self.cell.member] if self.cell.member else [])


class _reporting:  # noqa: N801 -- used as a context manager, like `progress.reporting`
    """Say every fifteen seconds what each run waits for."""

    def __init__(self, runs: Sequence[_Running], say: Callable[[str], None]) -> None:
        self._runs = runs
        self._say = say
        self._is_over = Event()
        self._thread = Thread(target=self._follow, name="progress")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._is_over.wait(progress.SECONDS):
            for run in self._runs:
                for line in progress.lines(run.changes(), time.time()):
                    self._say(f"{run.cell.stack}: {line}")
