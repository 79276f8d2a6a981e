"""Record where a document came from: the file and, for every path inside the document, its line.

Kept beside the parsed values rather than in them, so that the values stay plain, comparable and serialisable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, TypeAlias, runtime_checkable

from federation.errors.fault import Fault, Place, Severity

__all__ = ["IN_PYTHON", "Numbers", "PathKey", "Source", "dotted"]

PathKey: TypeAlias = tuple[str | int, ...]

NO_LINES: Mapping[PathKey, int] = MappingProxyType({})


def dotted(path: PathKey) -> str:
    """Write a path as people read it: ``spec.overrides[1].clusterName``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


@runtime_checkable
class Numbers(Protocol):
    """Lines that also record how numbers were written: as a version, 1.30 differs from 1.3."""

    def number(self, path: PathKey) -> str:
        """The number with a fraction at ``path`` as the text has it; "" where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The origin of one document. Values made in Python have a ``file`` such as ``<python>`` and no lines."""

    file: str
    line: int = 0
    lines: Mapping[PathKey, int] = field(default_factory=lambda: NO_LINES, repr=False, compare=False)

    def place(self, *path: str | int) -> Place:
        """The line of ``path``, or of the nearest parent that has one."""
        for end in range(len(path), 0, -1):
            line = self.lines.get(path[:end])
            if line is not None:
                return Place(file=self.file, line=line)
        return Place(file=self.file, line=self.line)

    def number(self, *path: str | int) -> str:
        """The number with a fraction at ``path`` as it was written; "" where that is not known."""
        return self.lines.number(path) if isinstance(self.lines, Numbers) else ""

    def fault(self, path: PathKey, message: str, remedy: str = "", *, severity: Severity = Severity.ERROR) -> Fault:
        """A fault at ``path`` of this document."""
        return Fault(place=self.place(*path), where=dotted(path), message=message, remedy=remedy, severity=severity)


IN_PYTHON = Source(file="<python>")
"""The source of values that were made in Python rather than read from a file."""
