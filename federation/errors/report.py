"""Collect the faults of one document, and decide which of its values a message may show.

A Secret's values must not be shown, so every place and every quoted value goes through here. In a Secret's document
no value is quoted, and paths end at the key whose value is secret.
"""

import json
from dataclasses import dataclass, field
from typing import Final, Literal

from federation.errors.fault import Fault, Place, Severity
from federation.errors.source import PathKey, Source, dotted

__all__ = ["Report", "Strictness", "described", "secret_depth"]

Strictness = Literal["error", "warn"]

DATA: Final = ("data", "stringData")
MAX_QUOTED: Final = 80


def secret_depth(path: PathKey) -> int:
    """How many parts of a path in a Secret's document may be shown: up to the key whose value is secret."""
    for start in ((), ("spec", "template")):
        at = len(start)
        if path[:at] == start and len(path) > at and path[at] in DATA:
            return at + 2
    if path[:2] == ("spec", "overrides"):
        return 6
    return len(path)


def described(value: object) -> str:
    """The type of a value in the words of YAML."""
    match value:
        case None:
            return "empty"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case dict():
            return "a mapping"
    return f"a Python {type(value).__name__}"


@dataclass(slots=True, kw_only=True)
class Report:
    """The faults of one document. ``hidden``: it is a Secret's, so values are not quoted.

    ``prefix`` is put before every path (an item of a list of documents, a part of the stack's config). With
    ``strictness`` "warn", errors that KubeFed ignores silently are warnings.
    """

    source: Source
    strictness: Strictness = "error"
    hidden: bool = False
    prefix: PathKey = ()
    faults: list[Fault] = field(default_factory=list)

    def error(self, path: PathKey, message: str, remedy: str = "", *, tolerated: bool = False, line: int = 0) -> None:
        """Add an error, or a warning if it is ``tolerated`` (KubeFed ignores it) and ``strictness`` is "warn"."""
        lenient = tolerated and self.strictness == "warn"
        self._add(path, message, remedy, Severity.WARNING if lenient else Severity.ERROR, line)

    def warning(self, path: PathKey, message: str, remedy: str = "") -> None:
        """Add a warning."""
        self._add(path, message, remedy, Severity.WARNING, 0)

    def _add(self, path: PathKey, message: str, remedy: str, severity: Severity, line: int) -> None:
        place = Place(file=self.source.file, line=line) if line else self.source.place(*self.prefix, *path)
        where = dotted(path[: secret_depth(path)] if self.hidden else path)
        self.faults.append(Fault(place=place, where=where, message=message, remedy=remedy, severity=severity))

    def blames(self, path: PathKey) -> bool:
        """Whether there is a fault at exactly this ``path``: its value is then a placeholder, not the user's."""
        return dotted(path) in {fault.where for fault in self.faults}

    @property
    def failed(self) -> bool:
        """Whether there is an error among the faults."""
        return any(fault.severity is Severity.ERROR for fault in self.faults)

    def quoted(self, value: object, path: PathKey | None = None) -> str:
        """A value as JSON, cut short; ``this value`` in a Secret's document.

        With ``path``, a number with a fraction is quoted as it was written there.
        """
        if self.hidden:
            return "this value"
        if not isinstance(value, str | int | float | bool):
            return described(value)
        text = "".join(map(_visible, json.dumps(value, ensure_ascii=False)))
        if isinstance(value, float) and path is not None:
            text = self.source.number(*self.prefix, *path) or text
        return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}..."


def _visible(character: str) -> str:
    """Printable characters unchanged; invisible ones, and those that move other text, escaped."""
    return character if character.isprintable() else json.dumps(character)[1:-1]
