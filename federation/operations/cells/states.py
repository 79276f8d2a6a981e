"""Read the state of an environment's cells: their outputs, and whether the last update of each succeeded."""

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any, Final

from federation.api.model.cells import Cell
from federation.api.model.members import FederationSettings
from federation.operations.engine import command_line, exported, outputs
from federation.plan.cells.cell_outputs import BALANCERS, DIGEST, PUBLISHED
from federation.plan.changes import memory
from federation.plan.model.object_index import from_output
from federation.plan.model.observed import Observed
from federation.plan.model.trees import mapping

__all__ = ["CellStates", "read_states"]

PRECISION: Final = 1.0
"""Seconds; Pulumi's history rounds the end of an update."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStates:
    """The outputs of existing cells (``trees``), and the cells whose last run was an update that succeeded
    (``finished``, with the time of its end)."""

    trees: Mapping[Cell, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    finished: Mapping[Cell, str] = field(default_factory=dict)

    def observed(self, root: Path, federation: FederationSettings) -> Observed:
        """What planning needs of all cells."""
        return outputs.observed_in(exported.joined(self.trees.values()), root, federation)

    def is_unchanged(self, cell: Cell, digest: str) -> bool:
        """Whether the last update of ``cell`` succeeded, and registered what has this ``digest``."""
        tree = self.trees.get(cell, {})
        if not digest or cell not in self.finished or tree.get(DIGEST) != digest or tree.get(exported.OPEN):
            return False
        if _seconds_after(str(tree.get(exported.WRITTEN, "")), self.finished[cell]) > PRECISION:
            return False  # a later run was killed
        index = from_output(tree.get("index"))
        return all(entry.is_proven for entries in index.values() for entry in entries) and self._has_balancers(cell)

    def _has_balancers(self, cell: Cell) -> bool:
        """Whether the load balancers that a root has published are those of the members now."""
        if cell.part != "root":
            return True
        published = mapping(self.trees[cell].get(PUBLISHED))
        current = {
            f"{name}/{key}": hostname
            for tree in self.trees.values()
            for name, member in mapping(tree.get("members")).items()
            for key, hostname in mapping(mapping(member).get(BALANCERS)).items()
        }
        return all(current.get(key) == hostname for key, hostname in published.items())

    def has_resources(self, cell: Cell) -> bool:
        """Whether ``cell`` has more than its stack and its federation, which every program registers."""
        urns = self.trees.get(cell, {}).get(exported.URNS, ())
        return any(urn.split("::", 3)[2] not in (exported.STACK, memory.COMPONENT) for urn in urns)

    def updated(self, newer: "CellStates") -> "CellStates":
        """These states with those of ``newer`` in place of older ones."""
        finished = {cell: each for cell, each in self.finished.items() if cell not in newer.trees}
        return CellStates(trees={**self.trees, **newer.trees}, finished={**finished, **newer.finished})


def read_states(root: Path, existing: Iterable[Cell], *, secrets: bool = False) -> CellStates:
    """The states of ``existing`` cells, in parallel. Raises ``OutputsUnavailableError`` when one cannot be read."""
    found = tuple(existing)
    options = ("--show-secrets",) if secrets else ()
    with ThreadPoolExecutor(max_workers=outputs.EXPORTS) as pool:
        trees = pool.map(lambda cell: outputs.export_stack(root, cell.stack, *options), found)
        ends = pool.map(lambda cell: _finished_at(root, cell.stack), found)
        return CellStates(
            trees=dict(zip(found, trees, strict=True)),
            finished={cell: end for cell, end in zip(found, ends, strict=True) if end},
        )


def _seconds_after(written: str, end: str) -> float:
    """How long after ``end`` a state was ``written``; infinite where one of them cannot be read."""
    try:
        return (datetime.fromisoformat(written) - datetime.fromisoformat(end)).total_seconds()
    except (ValueError, TypeError):
        return inf


def _finished_at(root: Path, stack: str) -> str:
    """When the last run of ``stack`` ended, "" unless it was an update that succeeded."""
    text = command_line.query(root, "stack", "history", "--stack", stack, "--json", "--page-size", "1", "--page", "1")
    last: Mapping[str, Any] = next(iter(json.loads(text) or ()), {})
    return str(last.get("endTime", "")) if (last.get("kind"), last.get("result")) == ("update", "succeeded") else ""
