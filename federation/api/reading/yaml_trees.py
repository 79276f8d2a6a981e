"""Read a YAML text as plain values, with the line of each.

Values are built at once, together with the lines that plans cite as reasons: all but those of the templates. The other
lines are found when a fault first needs one, by composing the text again.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import yaml

from federation.api.reading import yaml_scalars
from federation.errors.source import NO_LINES, PathKey

__all__ = ["Lines", "Reading", "TooLargeError", "YamlProblem", "build", "documents_of"]

BOUNDARY = re.compile(r"^---(?=[ \t\n]|\Z)", re.MULTILINE)
MAX_VALUES: Final = 1_000_000
TEMPLATE: Final = ["spec", "template"]
DEEPEST: Final = 6  # as spec.overrides[0].clusterOverrides[0].path
KEY_TYPES: Final = {
    yaml_scalars.BOOL: "true or false, as YAML has it",
    yaml_scalars.FLOAT: "a number",
    yaml_scalars.INT: "a number",
    yaml_scalars.NULL: "empty",
}


class TooLargeError(ValueError):
    """A document expands, by its aliases, to more values than any document needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlProblem:
    """A problem inside a document that is valid YAML; ``line`` is that of the file."""

    line: int
    path: PathKey
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One document: its plain value, its first line, a line for every path, and its problems."""

    tree: Any
    line: int
    lines: Mapping[PathKey, int]
    problems: tuple[YamlProblem, ...] = ()


class Lines(Mapping[PathKey, int]):
    """The line of every path of one document.

    The lines in ``near`` are known from the start. The others, and the spelling of numbers with a fraction, are found
    when first needed. The document's text is kept until then, and may hold secrets: it is never shown, and never
    pickled, since a pickle is a plain mapping.
    """

    __slots__ = ("_at", "_first", "_found", "_near", "_numbers", "_text")

    def __init__(self, text: str, first: int, at: int, near: Mapping[PathKey, int]) -> None:
        self._text, self._first, self._at, self._near = text, first, at, near
        self._found: Mapping[PathKey, int] | None = None
        self._numbers: Mapping[PathKey, str] = {}

    def _all(self) -> Mapping[PathKey, int]:
        if self._found is None:
            roots = list(yaml_scalars.compose(self._text))
            walked = list(_walk(roots[self._at], ()))
            self._found = {path: self._first + line for path, line, _ in walked}
            self._numbers = {path: node.value for path, _, node in walked if node.tag == yaml_scalars.FLOAT}
            self._text = ""
        return self._found

    def number(self, path: PathKey) -> str:
        """The number with a fraction at ``path`` as it is written, or ""."""
        self._all()
        return self._numbers.get(path, "")

    def __getitem__(self, path: PathKey) -> int:
        line = self._near.get(path)
        return self._all()[path] if line is None else line

    def __iter__(self) -> Iterator[PathKey]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return "Lines(...)"

    def __reduce__(self) -> tuple[Any, ...]:
        return (dict, (dict(self._all()),))


def _walk(node: yaml.Node, path: PathKey) -> Iterator[tuple[PathKey, int, yaml.Node]]:
    """Path, line from 0 and node of every value below ``node``.

    Explicit keys come after merged ones, so that they take precedence.
    """
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*path, index), item.start_mark.line, item
            yield from _walk(item, (*path, index))
    elif isinstance(node, yaml.MappingNode):
        merged = [value for key, value in node.value if key.tag == yaml_scalars.MERGE]
        for source in merged:
            parts = reversed(source.value) if isinstance(source, yaml.SequenceNode) else [source]
            for part in parts:
                yield from _walk(part, path)
        for key, value in node.value:
            if key.tag != yaml_scalars.MERGE and isinstance(key, yaml.ScalarNode):
                yield (*path, key.value), key.start_mark.line, value
                yield from _walk(value, (*path, key.value))


def documents_of(text: str) -> Iterator[tuple[str, int]]:
    """The parts of a file between ``---`` marks, each with its first line, so that one fault hides no other part."""
    starts = [0, *(match.start() for match in BOUNDARY.finditer(text)), len(text)]
    line, pending = 1, 0
    for start, end in pairwise(starts):
        part = text[pending:end]
        if _only_directives(text[start:end]) and end < len(text):
            continue  # %YAML and %TAG belong to the document that follows
        yield part, line
        line += part.count("\n")
        pending = end


def _only_directives(part: str) -> bool:
    lines = [line for line in part.splitlines() if line.strip() and not line.startswith("#")]
    return bool(lines) and all(line.startswith("%") for line in lines)


def build(text: str, first: int) -> list[Reading]:
    """The documents of ``text``, which starts on line ``first``; empty ones are left out.

    Raises ``yaml.YAMLError`` for what is not YAML and ``TooLargeError`` for a bomb of aliases.
    """
    readings = []
    for at, root in enumerate(yaml_scalars.compose(text)):
        construction = _Construction(first)
        tree = construction.value(root)
        if tree is None:
            continue
        line = first + root.start_mark.line
        lines = NO_LINES if construction.recursive else Lines(text, first, at, construction.near())
        readings.append(Reading(tree=tree, line=line, lines=lines, problems=tuple(construction.problems)))
    return readings


class _Construction:
    """Turns the nodes of one document into values, and collects problems."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.problems: list[YamlProblem] = []
        self.recursive = False
        self._near: dict[PathKey, int] = {}
        self._merges = False
        self._path: list[str | int] = []
        self._done: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()
        self._count = 0

    def near(self) -> Mapping[PathKey, int]:
        """The recorded lines; none if there is a ``<<``, by which two keys can have one path."""
        return NO_LINES if self._merges else self._near

    def _record_line(self, node: yaml.Node) -> None:
        path = self._path
        if len(path) <= DEEPEST and path[:2] != TEMPLATE:
            self._near[tuple(path)] = self.first + node.start_mark.line

    def value(self, node: yaml.Node) -> Any:
        self._count += 1
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        finished = self._done.get(id(node))
        if finished is not None:
            self._count += finished[1]
            if self._count > MAX_VALUES:
                raise TooLargeError(f"expands to more than {MAX_VALUES:,} values")
            return finished[0]
        if id(node) in self._open:
            self.recursive = True
            self._problem(node, "contains itself, by an alias", "write the value out, without the alias")
            return None
        self._open.add(id(node))
        before = self._count
        result = self._mapping(node) if isinstance(node, yaml.MappingNode) else self._sequence(node)
        self._open.discard(id(node))
        self._done[id(node)] = (result, self._count - before)
        return result

    def _problem(self, node: yaml.Node, message: str, remedy: str) -> None:
        line = self.first + node.start_mark.line
        self.problems.append(YamlProblem(line=line, path=tuple(self._path), message=message, remedy=remedy))

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if node.tag == yaml_scalars.STR:
            return node.value
        try:
            return yaml_scalars.scalar(node.tag, node.value)
        except ValueError as error:
            self._problem(node, str(error), "put the value in quotes, if text is meant")
            return None

    def _sequence(self, node: yaml.Node) -> list[Any]:
        if node.tag != yaml_scalars.SEQ:
            self._problem(node, "this YAML tag is not known here", "remove the tag")
        items = []
        for index, item in enumerate(node.value):
            self._path.append(index)
            self._record_line(item)
            items.append(self.value(item))
            self._path.pop()
        return items

    def _mapping(self, node: yaml.Node) -> dict[str, Any]:
        if node.tag != yaml_scalars.MAP:
            self._problem(node, "this YAML tag is not known here", "remove the tag")
        result: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merged: list[dict[str, Any]] = []
        for key_node, value_node in node.value:
            if key_node.tag == yaml_scalars.MERGE:
                self._merges = True
                merged += self._merged(value_node)
                continue
            key = self._key(key_node)
            self._path.append(key)
            self._record_line(key_node)
            if key in lines:
                where = self.first + lines[key]
                self._problem(key_node, f"occurs twice in this mapping (first on line {where})", "keep one of the two")
            lines[key] = key_node.start_mark.line
            result[key] = self.value(value_node)
            self._path.pop()
        for mapping in merged:
            for key, value in mapping.items():
                result.setdefault(key, value)
        return result

    def _merged(self, node: yaml.Node) -> list[dict[str, Any]]:
        value = self.value(node)
        parts = value if isinstance(value, list) else [value]
        if all(isinstance(part, dict) for part in parts):
            return parts
        self._problem(node, "only a mapping, or a list of mappings, can be merged by <<", "name an anchor of a mapping")
        return []

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            message = "a key must be text, not a mapping or a list"
            self._problem(node, message, "if this is a template ({{ ... }}), put it in quotes, or render it first")
            return ""
        if node.tag != yaml_scalars.STR:
            meant = KEY_TYPES.get(node.tag, "of another type")
            self._problem(node, f"a key must be text, and this one is {meant}", "write the key in quotes")
        return str(node.value)
