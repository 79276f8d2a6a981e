"""Find the stacks of an environment: one stack, or the cells of the layout ``cells``."""

from collections.abc import Collection
from pathlib import Path

from federation.api.model import cells
from federation.api.model.cells import Cell
from federation.operations.project import settings

__all__ = ["existing_cells", "find_cell_of_stack", "is_in_cells"]


def is_in_cells(root: Path, stack: str) -> bool:
    """Whether ``stack`` is an environment whose layout is ``cells``, by its config alone."""
    return settings.layout(root, stack) == "cells"


def find_cell_of_stack(root: Path, stack: str) -> Cell | None:
    """The cell that is called ``stack``; ``None`` where ``stack`` is a stack of its own.

    Only the config of the environment is read, and only its layout: its faults are reported elsewhere.
    """
    found = cells.find_cell(stack, settings.stack_names(root))
    return found if found is not None and is_in_cells(root, found.environment) else None


def existing_cells(environment: str, stacks: Collection[str]) -> tuple[Cell, ...]:
    """The cells of ``environment`` among the ``stacks`` of a backend, sorted; the root comes first.

    Cells of members that have left the config are among them.
    """
    found = [cells.find_cell(stack, [environment]) for stack in stacks]
    return tuple(sorted(cell for cell in found if cell is not None))
