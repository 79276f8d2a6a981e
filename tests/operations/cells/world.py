"""An environment in cells without an engine: what each cell's program would leave in its state, by the same plan."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from federation.api.model.cells import Cell, find_cell
from federation.api.model.documents import Documents
from federation.api.model.members import FederationSettings
from federation.operations.cells import states, updating
from federation.operations.cells.states import CellStates
from federation.operations.cells.updating import CellsUpdated, Options, update_cells
from federation.operations.engine import backends, command_line, exported
from federation.operations.engine.automation import Engine, Ran
from federation.operations.project.settings import Stack
from federation.operations.recovery import recovery
from federation.plan import planner
from federation.plan.cells.cell_outputs import CLUSTER, DIGEST
from federation.plan.cells.digests import digest_cell
from federation.plan.cells.slices import slice_of
from federation.plan.changes import memory
from federation.plan.changes.memory import Memory
from federation.plan.model import object_index
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from tests.plan import building

__all__ = ["MADE", "PROGRAM", "World", "cell", "tree"]

PROGRAM = "program"
MADE = "2026-11-28T10:00:00.000Z"
FEDERATION = "eks-federation:index:Federation"
WORKLOAD = f"{FEDERATION}$eks-federation:index:FederatedWorkload"


def cell(stack: str) -> Cell:
    """The cell of the environment prod that is called ``stack``."""
    found = find_cell(stack, ["prod"])
    assert found is not None
    return found


def tree(which: Cell, plan: Plan, federation: FederationSettings, observed: Observed) -> Mapping[str, Any]:
    """The exported state of ``which`` after its update. Raises ``CellBlockedError`` as its program does."""
    part = slice_of(plan, which, federation, observed)
    index = {each.name: object_index.to_text(each.index or ()) for each in part.members}
    entries = [entry for each in part.members for entry in each.index or ()]
    is_made = which.part == "cluster" and any(which.is_of(each) for each in federation.members)
    urns = [("pulumi:pulumi:Stack", f"p-{which.stack}"), (FEDERATION, "atlas")]
    urns += [(f"{WORKLOAD}${each.token}", each.logical_name) for each in entries]
    urns += [(f"{FEDERATION}$eks-federation:index:EksCluster", which.member)] if is_made else []
    urns += [(f"{FEDERATION}$aws:route53/record:Record", each.logical_name) for each in part.records]
    held = [each.name for each in plan.members if not each.available] if which.part == "root" else []
    return {
        **memory.join_outputs({"urn": memory.outputs(index, Memory(quarantined=tuple(held)))}),
        **({CLUSTER: {"endpoint": "https://x"}} if is_made else {}),
        "members": {each.name: {} for each in part.members},
        DIGEST: digest_cell(which, part, federation, PROGRAM),
        exported.OPEN: 0,
        exported.WRITTEN: MADE,
        exported.URNS: sorted(f"urn:pulumi:{which.stack}::p::{types}::{name}" for types, name in urns),
    }


class World(Engine):
    """The cells of prod, and the engine that updates them.

    ``calls`` are the stacks that have run, in order. A stack in ``failing`` fails, one in ``locked`` cannot run.
    """

    def __init__(self, root: Path, federation: FederationSettings, text: str) -> None:
        # Not Engine's own: there is no `pulumi` to look for.
        self.interrupted = False
        self.root = root
        self.federation = federation
        self.text = text
        self.trees: dict[Cell, Mapping[str, Any]] = {}
        self.finished: dict[Cell, str] = {}
        self.calls: list[str] = []
        self.previews: list[str] = []
        self.failing: set[str] = set()
        self.locked: set[str] = set()
        self.lines: list[str] = []
        self._writing = Lock()
        self._observed = Observed()

    @property
    def documents(self) -> Documents:
        return building.documents(self.text)

    def up(self, **options: Any) -> CellsUpdated:
        """Update all cells, with `fed`'s own order; the calls of earlier updates are forgotten."""
        self.calls.clear()
        self.lines.clear()
        stack = Stack(name="prod", root=self.root, federation=self.federation, documents=self.documents)
        return update_cells(stack, self.plan, self, Options(**options), self.lines.append)

    def plan(self, observed: Observed) -> Plan:
        return planner.plan(self.federation, self.documents, observed)

    def update(self, root: Path, stack: str, **options: Any) -> Ran:
        """Run the program of one cell, by the states as they were when its phase began."""
        assert root == self.root
        with self._writing:
            (self.previews if options["preview"] else self.calls).append(stack)
            if stack in self.failing:
                self.finished.pop(cell(stack), None)
                return Ran(code=7, output=f"error: {stack} failed")
            if not options["preview"]:
                self.trees[cell(stack)] = tree(cell(stack), self.plan(self._observed), self.federation, self._observed)
                self.finished[cell(stack)] = MADE
        return Ran(code=0, output="")

    def read_states(self, root: Path, existing: Iterable[Cell]) -> CellStates:
        """What `states.read_states` would read."""
        chosen = tuple(existing)
        everything = CellStates(trees=dict(self.trees), finished=dict(self.finished))
        self._observed = everything.observed(root, self.federation)
        return CellStates(
            trees={each: self.trees[each] for each in chosen},
            finished={each: self.finished[each] for each in chosen if each in self.finished},
        )

    def recover(self, stack: Stack, *_: object, **_options: object) -> None:
        """Refuse a stack that another run holds."""
        if stack.name in self.locked:
            raise recovery.LockedError(f"another run holds stack {stack.name}")

    def query(self, root: Path, *command: str) -> str:
        """`pulumi stack init`, which writes a file with the key of the stack's secrets."""
        assert command[:2] == ("stack", "init")
        self.trees[cell(command[2])] = {exported.URNS: []}
        (root / f"Pulumi.{command[2]}.yaml").write_text("encryptionsalt: v1:x\n")
        return ""

    def replicas(self, name: str = "web") -> dict[str, int]:
        """The replicas of one workload by member, as the states have them."""
        entries = [
            entry
            for each in self.trees.values()
            for some in object_index.from_output(each.get("index")).values()
            for entry in some
        ]
        found = {each.member: each.replicas for each in entries if each.document == f"demo/Deployment/{name}"}
        return dict(sorted(found.items()))

    def phases(self) -> list[list[str]]:
        """The calls by phase: cells of one kind run at the same time, so their order is sorted here."""
        found: list[list[str]] = []
        for stack in self.calls:
            if not found or cell(found[-1][0]).part != cell(stack).part:
                found.append([])
            found[-1].append(stack)
        return [sorted(each) for each in found]

    def take_the_place(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Answer in place of the backend and of `pulumi`."""
        monkeypatch.setattr(backends, "existing", lambda _: sorted(each.stack for each in self.trees))
        monkeypatch.setattr(states, "read_states", self.read_states)
        monkeypatch.setattr(recovery, "recover_stack", self.recover)
        monkeypatch.setattr(updating, "digest_program", lambda _: PROGRAM)
        monkeypatch.setattr(command_line, "query", self.query)
        monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///states")

    def without(self, *members: str) -> None:
        """Take ``members`` out of the config, as `plan.unjoin` allows."""
        left = tuple(each for each in self.federation.members if each.name not in members)
        unjoin = self.federation.plan.model_copy(update={"unjoin": members})
        self.federation = self.federation.model_copy(update={"members": left, "plan": unjoin})

    def set_available(self, member: str, available: bool) -> None:
        members = tuple(
            each.model_copy(update={"available": available}) if each.name == member else each
            for each in self.federation.members
        )
        self.federation = self.federation.model_copy(update={"members": members})

    def change_tree(self, stack: str, **values: Any) -> None:
        """Change outputs in the state of ``stack``."""
        self.trees[cell(stack)] = {**self.trees[cell(stack)], **values}
