"""Update an environment cell by cell, so that a member that gives replicas away waits for those that take them over.

Clusters come first, then the objects in them, then DNS. A cell that has to give replicas away leaves them as they are
in its first update, and gives them in a second one, once other cells have them ready. Where a member has just been
lost, DNS comes first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from federation.api.model.cells import APPS, Cell, list_cells
from federation.errors.fault import FederationError
from federation.operations.cells import cell_stacks, states
from federation.operations.cells.program_digest import digest_program
from federation.operations.cells.running import CellRun, RunMode, run_cells
from federation.operations.engine import backends
from federation.operations.engine.automation import Engine
from federation.operations.project import cells
from federation.operations.project.settings import Stack
from federation.operations.recovery import recovery
from federation.plan.cells.digests import digest_cell, has_secrets
from federation.plan.cells.slices import CellBlockedError, deferred, slice_of
from federation.plan.changes.quarantine import kept, pending
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan

__all__ = ["CellsUpdated", "Options", "update_cells"]

Make = Callable[[Observed], Plan]
"""Plan with what was observed, and check the plan; raises ``FaultsFoundError``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """``create`` makes missing cells. With ``refresh`` unchanged cells run too, and drift is repaired. ``preview``
    changes nothing. ``members`` are the only ones to update, empty for all."""

    create: bool = False
    refresh: bool = False
    preview: bool = False
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CellsUpdated:
    """All runs in their order, a cell with two passes twice; and the last ``plan``."""

    runs: tuple[CellRun, ...]
    plan: Plan

    @property
    def code(self) -> int:
        """The exit code: that of the first cell that failed."""
        return next((each.code for each in self.runs if each.code), 0)


def update_cells(
    stack: Stack, make: Make, engine: Engine, options: Options, say: Callable[[str], None]
) -> CellsUpdated:
    """Update all cells of ``stack`` whose plan has changed. A cell that fails stops no other member's cells."""
    update = _Update(stack, make, engine, options, say)
    update.prepare_cells()
    update.run_phase("cluster")
    if update.is_failing_over:
        update.run_phase("root")
    update.run_phase("apps")
    update.run_phase("root")
    if not options.preview:
        update.run_phase("apps")
    update.remove_left()
    return CellsUpdated(runs=tuple(update.runs), plan=update.plan)


class _Update:
    """One update of an environment, phase by phase."""

    def __init__(self, stack: Stack, make: Make, engine: Engine, options: Options, say: Callable[[str], None]) -> None:
        self._stack = stack
        self._federation = stack.federation
        self._make = make
        self._engine = engine
        self._options = options
        self._say = say
        self._program = digest_program(stack.root)
        self._mode = RunMode(preview=options.preview, refresh=options.refresh)
        self._is_stale = False
        self.runs: list[CellRun] = []

    def prepare_cells(self) -> None:
        """Read all states and plan, then make missing cells."""
        existing = backends.existing(self._stack.root)
        self._existing = cells.existing_cells(self._stack.name, existing)
        self._states = states.read_states(self._stack.root, self._existing)
        self._replan()
        new = self._observed.quarantined_before
        self.is_failing_over = any(not each.available and each.name not in new for each in self._federation.members)
        needed = list_cells(self._federation)
        creates = self._options.create and not self._options.preview
        made = cell_stacks.create_missing(self._stack.root, needed, existing, create=creates)
        self._existing = (*self._existing, *made)
        if made:
            self._say(f"made {', '.join(cell.stack for cell in made)}")

    def run_phase(self, part: str) -> None:
        """Run all cells of this ``part`` that are not as planned."""
        if self._is_stale:
            self._replan()
        chosen = [cell for cell in list_cells(self._federation) if cell.part == part and self._is_wanted(cell)]
        self._run([cell for cell in chosen if not self._is_left_out(cell)])

    def remove_left(self) -> None:
        """Empty the cells of members that have left the config: first the objects, then the cluster."""
        present = set(list_cells(self._federation))
        left = [cell for cell in self._existing if cell not in present and not self._options.members]
        for part in ("apps", "cluster"):
            if self._is_stale:
                self._replan()
            self._run([cell for cell in left if cell.part == part and self._is_to_be_emptied(cell)])
        for cell in left:
            if not self._options.preview and not self._has_resources(cell):
                self._say(f"{cell.stack} is empty: its member has left; `pulumi stack rm {cell.stack}` forgets it")

    def _is_to_be_emptied(self, cell: Cell) -> bool:
        """Whether ``cell`` of a member that has left is run; a reason against it is noted."""
        if not self._has_resources(cell):
            return False
        why = self._why_kept(cell)
        if why:
            self.runs.append(CellRun(cell=cell, skipped=why))
        return not why

    def _why_kept(self, cell: Cell) -> str:
        try:
            slice_of(self.plan, cell, self._federation, self._observed)
        except CellBlockedError as error:
            return str(error)
        objects = replace(cell, part=APPS)
        if cell != objects and not self._options.preview and self._has_resources(objects):
            return f"not run: {objects.stack} is not empty"
        return ""

    def _run(self, some: Iterable[Cell]) -> None:
        chosen = [cell for cell in some if self._is_recovered(cell)]
        if not chosen:
            return
        counts = {cell: self._objects(cell) for cell in chosen}
        self._say(f"{'previewing' if self._options.preview else 'updating'} {', '.join(each.stack for each in chosen)}")
        self.runs += run_cells(self._stack.root, counts, self._engine, self._say, self._mode)
        if not self._options.preview:
            self._states = self._states.updated(states.read_states(self._stack.root, chosen))
            self._is_stale = True

    def _is_recovered(self, cell: Cell) -> bool:
        """Whether ``cell`` is ready for a run; one that is not counts as failed, and stops no other."""
        own = replace(self._stack, name=cell.stack)
        try:
            recovery.recover_stack(own, self.plan, self._say, change=not self._options.preview)
        except FederationError as error:
            self.runs.append(CellRun(cell=cell, code=1, output=str(error)))
            return False
        return True

    def _replan(self) -> None:
        self._observed = self._states.observed(self._stack.root, self._federation)
        self.plan = self._make(self._observed)
        self._is_stale = False

    def _is_wanted(self, cell: Cell) -> bool:
        chosen = self._options.members
        return not chosen or any(cell.is_of(each) and each.name in chosen for each in self._federation.members)

    def _is_left_out(self, cell: Cell) -> bool:
        """Whether ``cell`` is not run, for a reason that is noted once."""
        why = self._why_left_out(cell)
        if why and cell not in {each.cell for each in self.runs}:
            self.runs.append(CellRun(cell=cell, skipped=why))
        return bool(why)

    def _why_left_out(self, cell: Cell) -> str:
        if any(cell.is_of(each) and not each.available for each in self._federation.members):
            return "quarantined: not run"
        failed = {each.cell for each in self.runs if each.code}
        back = [
            each
            for each in self._federation.members
            if each.available and each.name in self._observed.quarantined_before
        ]
        if late := [each.name for each in back if any(it.is_of(each) for it in failed) and cell.part == "root"]:
            # Its next update must still know that the replicas there are not proven.
            return f"not run: back from quarantine and failed: {', '.join(late)}"
        if cell in failed or (cell.part == "apps" and cell.cluster in failed):
            return "not run: its cluster failed" if cell not in failed else "failed before"
        needed = [each for each in list_cells(self._federation) if each == cell.cluster and cell.part == "apps"]
        if self._options.preview and not all(self._states.has_resources(each) for each in needed):
            return "not previewed: its cluster does not exist yet"
        has_run = cell in {each.cell for each in self.runs if not each.skipped}
        part = slice_of(self.plan, cell, self._federation, self._observed)
        is_back = cell.part == APPS and any(cell.is_of(each) for each in back)
        if not has_run and (self._options.refresh or has_secrets(part) or is_back):
            return ""
        if self._only_waits(part):
            return "waits for other members"
        if not self._states.is_unchanged(cell, self._digest(cell)):
            return ""
        return f"unchanged since {self._states.finished[cell]}; drift is not checked"

    def _only_waits(self, part: Plan) -> bool:
        """Whether a cell has changes only in what it gives away, and others are not ready to take that over."""
        standing = self._observed.registered or {}
        members = [each for each in part.members if deferred(self.plan, each.name)]
        return bool(members) and all(
            not pending(standing.get(each.name, ()), each.index or ())
            and not kept(standing.get(each.name, ()), each.index or ())
            for each in members
        )

    def _digest(self, cell: Cell) -> str:
        part = slice_of(self.plan, cell, self._federation, self._observed)
        return digest_cell(cell, part, self._federation, self._program)

    def _objects(self, cell: Cell) -> int:
        part = slice_of(self.plan, cell, self._federation, self._observed)
        return len(part.records) + sum(len(each.index or ()) for each in part.members)

    def _has_resources(self, cell: Cell) -> bool:
        return self._states.has_resources(cell)
