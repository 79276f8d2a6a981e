"""Describe each fault with its place, message and remedy.

A fault names its place (file and line), where in the document it is, what is wrong and what to do. Faults are
collected and raised together, so that one run shows all of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

__all__ = ["Fault", "FaultsFoundError", "FederationError", "Place", "Severity", "blocking", "raise_if_errors"]

SKIPPED: Final = "Later checks are skipped: they could report follow-on errors. Correct these faults and run again."


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
        # A name may hold characters that move the cursor or end the line.
        file = self.file if self.file.isprintable() else ascii(self.file)[1:-1]
        if not self.line:
            return file
        return f"{file}:{self.line}:{self.column}" if self.column else f"{file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """One thing that is wrong: its place, the path in the document (``spec.overrides[1].path``), message and remedy.

    ``blocks_checks``: later checks are skipped, because they could report follow-on errors.
    """

    place: Place
    where: str
    message: str
    remedy: str = ""
    severity: Severity = Severity.ERROR
    blocks_checks: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        subject = f"{self.place}: {self.where}: " if self.where else f"{self.place}: "
        kind = "warning: " if self.severity is Severity.WARNING else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{kind}{subject}{self.message}{remedy}"


class FederationError(Exception):
    """Root of the errors that end a command with a message and an exit code, without a traceback."""

    exit_code = 1


class FaultsFoundError(FederationError):
    """Documents or settings hold errors; ``faults`` has all of them, sorted by place, warnings included.

    ``skipped_checks`` is a line that says that later checks were skipped, "" when none was.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(faults))
        self.skipped_checks = SKIPPED if any(fault.blocks_checks for fault in self.faults) else ""
        super().__init__("\n".join([*(str(fault) for fault in self.faults), *filter(None, [self.skipped_checks])]))


def blocking(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """``faults``, with each error marked as one that blocks later checks."""
    return tuple(replace(fault, blocks_checks=fault.severity is Severity.ERROR) for fault in faults)


def raise_if_errors(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Return the warnings among ``faults``, sorted; raise ``FaultsFoundError`` when there is an error among them."""
    if any(fault.severity is Severity.ERROR for fault in faults):
        raise FaultsFoundError(faults)
    return tuple(sorted(faults))
