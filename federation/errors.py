"""What can be wrong, said for the person who gets it.

A fault names its place (file and line), where in the document it is, what is wrong and what to do. Faults are
collected, never raised one by one: whoever fixes a manifest wants to see all of them in one run.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Fault", "FaultsFoundError", "FederationError", "Place", "Severity", "raise_if_errors"]


class Severity(StrEnum):
    """How bad a fault is: an error stops everything, a warning is shown and the work goes on."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A line in a file: ``file`` as the user named it, ``line`` from 1 (0 where only the file is known).

    ``column``, from 1, is set where a text could not be read at all (0 otherwise).
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """One thing that is wrong: its place, where in the document (``spec.overrides[1].path``), what, and the way on."""

    place: Place
    where: str
    message: str
    remedy: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        subject = f"{self.place}: {self.where}: " if self.where else f"{self.place}: "
        kind = "warning: " if self.severity is Severity.WARNING else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{kind}{subject}{self.message}{remedy}"


class FederationError(Exception):
    """Root of the errors that end a command with a message and an exit code, without a traceback."""

    exit_code = 1


class FaultsFoundError(FederationError):
    """Documents or settings hold errors; ``faults`` has all of them, sorted by place, warnings included."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def raise_if_errors(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Return the warnings among ``faults``, sorted; raise ``FaultsFoundError`` when there is an error among them."""
    if any(fault.severity is Severity.ERROR for fault in faults):
        raise FaultsFoundError(faults)
    return tuple(sorted(faults))
