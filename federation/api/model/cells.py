"""Name the stacks of an environment whose layout is ``cells``.

``prod.us-east`` has the cluster of a member, ``prod.us-east.apps`` the objects in it, and ``prod``, the root, the DNS
names. A cell keeps its member's first name, since a renamed stack would lose its history.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from federation.api.model.members import FederationSettings, Member

__all__ = ["APPS", "CELLS_OF_MEMBER", "Cell", "Part", "find_cell", "list_cells"]

Part: TypeAlias = Literal["root", "cluster", "apps"]
APPS: Final = "apps"
CELLS_OF_MEMBER: Final[tuple[Part, ...]] = ("cluster", "apps")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Cell:
    """One stack of an ``environment``. ``member`` is the first name of its member, "" for the root."""

    environment: str
    member: str = ""
    part: Part = "root"

    @property
    def stack(self) -> str:
        """The name of the cell's stack."""
        parts = [self.environment, *([self.member] if self.member else []), *([APPS] if self.part == APPS else [])]
        return ".".join(parts)

    @property
    def cluster(self) -> "Cell":
        """The cell with the cluster of this cell's member."""
        return Cell(environment=self.environment, member=self.member, part="cluster")

    def is_of(self, member: Member) -> bool:
        """Whether this is a cell of ``member``."""
        return self.member == member.original_name


def list_cells(federation: FederationSettings) -> tuple[Cell, ...]:
    """All cells of ``federation``: by member the cluster and the objects, and the root at the end.

    A member that exists already (``provider: kubeconfig``) has no cluster to make, and no cell for it.
    """
    found: list[Cell] = []
    for member in sorted(federation.members, key=lambda each: each.original_name):
        made = Cell(environment=federation.stack, member=member.original_name, part="cluster")
        found += [made] if member.provider == "eks" else []
        found.append(Cell(environment=federation.stack, member=member.original_name, part=APPS))
    return (*found, Cell(environment=federation.stack))


def find_cell(stack: str, environments: Collection[str]) -> Cell | None:
    """The cell that ``stack`` names, ``None`` where it is a stack of none of ``environments``."""
    if stack in environments:
        return Cell(environment=stack)
    environment = max((each for each in environments if stack.startswith(f"{each}.")), key=len, default="")
    member, dot, part = stack.removeprefix(f"{environment}.").partition(".")
    if not environment or not member or part not in ("", APPS) or (dot and not part):
        return None
    return Cell(environment=environment, member=member, part=APPS if part else "cluster")
