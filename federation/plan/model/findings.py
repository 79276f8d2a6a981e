"""Collect the faults that planning finds, and give each its severity.

All faults of a plan are raised together at its end. There are three kinds. What can never be carried out is an error.
What KubeFed ignored silently is an error, or a warning with ``plan.strictness: warn``. All others are warnings.
The same fault in many members is one fault that names them.

Loading can go on after errors. A document with an error then gets no further faults, except for names that no member
has: otherwise the placeholder of the wrong part would be reported. When some documents could not be read at all,
nothing is reported as absent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from federation.api.model.documents import Documents
from federation.errors.fault import Fault, Severity
from federation.errors.source import PathKey, Source, dotted

__all__ = ["Findings"]

_NAMES_SHOWN = 5


@dataclass(slots=True, kw_only=True)
class Findings:
    """The faults found so far. ``member`` is where the next ones are found ("": in no particular member)."""

    strictness: Literal["error", "warn"] = "error"
    suspect: frozenset[Source] = frozenset()
    incomplete: bool = False
    blamed: frozenset[tuple[str, str]] = frozenset()
    member: str = ""
    _found: dict[Fault, list[str]] = field(default_factory=dict)

    @classmethod
    def from_documents(cls, documents: Documents, strictness: Literal["error", "warn"]) -> "Findings":
        """An empty collection for a plan of ``documents``."""
        blamed = frozenset((fault.place.file, fault.where) for fault in documents.errors)
        return cls(strictness=strictness, suspect=documents.suspect, incomplete=documents.incomplete, blamed=blamed)

    def in_member(self, name: str) -> "Findings":
        """The same collection, for faults that are found in the member ``name``."""
        return replace(self, member=name)

    def error(self, source: Source, path: PathKey, message: str, remedy: str = "") -> None:
        """Report what cannot be carried out, whatever the strictness."""
        self._add(source, source.fault(path, message, remedy))

    def silence(self, source: Source, path: PathKey, message: str, remedy: str = "") -> None:
        """Report what KubeFed ignores silently: an error, or a warning for people who migrate."""
        self._add(source, source.fault(path, message, remedy, severity=self._of_silence()))

    def absence(self, source: Source, path: PathKey, message: str, remedy: str = "") -> None:
        """Report that a document that this one needs does not exist, which KubeFed ignores silently."""
        if not self.incomplete:
            self._add(source, self._before_others(source, path, message, remedy))

    def unknown(self, source: Source, path: PathKey, message: str, remedy: str = "") -> None:
        """Report a name at ``path`` that no member has, which KubeFed ignores silently.

        A document with another error is reported too, unless that error is at ``path`` or around it.
        """
        at = dotted(path)
        if source in self.suspect and any(file == source.file and at.startswith(it) for file, it in self.blamed):
            return
        self._found.setdefault(self._before_others(source, path, message, remedy), [])

    def _before_others(self, source: Source, path: PathKey, message: str, remedy: str) -> Fault:
        """A fault that KubeFed ignores silently. As an error it hides later ones: something selects no member."""
        severity = self._of_silence()
        fault = source.fault(path, message, remedy, severity=severity)
        return replace(fault, blocks_checks=severity is Severity.ERROR)

    def _of_silence(self) -> Severity:
        return Severity.WARNING if self.strictness == "warn" else Severity.ERROR

    def warning(self, source: Source, path: PathKey, message: str, remedy: str = "") -> None:
        """Report what the reader should know; planning goes on."""
        self._add(source, source.fault(path, message, remedy, severity=Severity.WARNING))

    def faults(self) -> tuple[Fault, ...]:
        """All faults, sorted by place, each with the members that it was found in."""
        return tuple(sorted(_with_members(fault, members) for fault, members in self._found.items()))

    def _add(self, source: Source, fault: Fault) -> None:
        if source in self.suspect:
            return
        members = self._found.setdefault(fault, [])
        if self.member:
            members.append(self.member)


def _with_members(fault: Fault, members: Sequence[str]) -> Fault:
    if not members:
        return fault
    names = sorted(set(members))
    shown = ", ".join(names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return replace(fault, message=f"{fault.message} (in {shown}{more})")
