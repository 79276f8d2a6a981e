"""Find and make the stacks of an environment's cells.

All cells use the config file of their environment, secrets included. Pulumi writes a file for each new stack, with the
key of its secrets alone; it is removed again, since every run is given the environment's file.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

from federation.api.model.cells import APPS, Cell
from federation.api.reading import loading
from federation.errors.fault import FederationError
from federation.operations.engine import backends, command_line
from federation.operations.project import cells

__all__ = ["NoCellError", "config_file", "create_missing", "list_to_destroy"]


class NoCellError(FederationError):
    """A cell does not exist in the backend, and is not to be made."""


def config_file(environment: str) -> Path:
    """The config file of all cells of ``environment``, relative to the project."""
    return Path(f"Pulumi.{environment}.yaml")


def list_to_destroy(root: Path, stack: str) -> tuple[str, ...]:
    """The stacks that go with ``stack``, in the order in which they go: names first, clusters last."""
    if not cells.is_in_cells(root, stack):
        return (stack,)
    parts = {"root": 0, APPS: 1, "cluster": 2}
    existing = cells.existing_cells(stack, backends.existing(root))
    return tuple(cell.stack for cell in sorted(existing, key=lambda cell: (parts[cell.part], cell)))


def create_missing(root: Path, needed: Iterable[Cell], existing: Collection[str], *, create: bool) -> tuple[Cell, ...]:
    """Make the ``needed`` cells that are not among the ``existing`` stacks, and return them.

    Raises ``NoCellError`` without ``create``. The root comes first: its file gets the key of all secrets.
    """
    missing = sorted(cell for cell in needed if cell.stack not in existing)
    if missing and not create:
        stack = missing[0].environment
        raise NoCellError(
            f"these cells of {stack} do not exist in {backends.shown(backends.url(root))}: "
            f"{', '.join(cell.stack for cell in missing)}. Nothing was changed. If they stand in another backend: "
            f"pulumi login URL, or PULUMI_BACKEND_URL. If they are new: fed up --create --stack {stack}"
        )
    for cell in missing:
        _create(root, cell)
    return tuple(missing)


def _create(root: Path, cell: Cell) -> None:
    written = root / f"Pulumi.{cell.stack}.yaml"
    is_new = not written.exists()
    provider = _secrets_provider(root / config_file(cell.environment), root)
    options = ("--secrets-provider", provider) if provider else ()
    command_line.query(root, "stack", "init", cell.stack, "--no-select", *options)
    if is_new and cell.member:
        written.unlink(missing_ok=True)


def _secrets_provider(path: Path, root: Path) -> str:
    """What encrypts the secrets of an environment, "" for the backend's own way."""
    tree, _ = loading.read_mapping(path, root=root)
    return str(tree.get("secretsprovider", ""))
