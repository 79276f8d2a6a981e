"""What did people write? Reads files, folders and values into ``Documents``, and reports all faults of all of them."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from federation.api import syntax, trees, values
from federation.api.dispatch import Unread, documents_from, is_hidden
from federation.api.documents import Documents
from federation.api.report import Report, Strictness, described
from federation.api.source import NO_LINES, PathKey, Source
from federation.api.trees import Lines, Problem
from federation.errors import Fault, Place, raise_if_errors

__all__ = ["from_values", "gather", "load", "parse", "read_mapping"]

SUFFIXES: Final = (".yaml", ".yml", ".json")
NAMES: Final = "*.yaml, *.yml or *.json"
SECRETS: Final = ("Secret", "FederatedSecret")


def load(paths: Sequence[Path], *, root: Path | None = None, strictness: Strictness = "error") -> Documents:
    """The documents of files and folders (``*.yaml``, ``*.yml``, ``*.json``, folders with all below them).

    Files are named relative to ``root`` (default: where the program runs) in faults. With ``strictness`` "warn", what
    KubeFed passes over in silence is a warning. Raises ``FaultsFoundError`` with every fault of every file.
    """
    base = (root or Path.cwd()).resolve()
    unread: list[Unread] = []
    faults: list[Fault] = []
    _read_files(paths, base, unread, faults)
    return documents_from(unread, faults, strictness)


def parse(text: str, file: str, *, strictness: Strictness = "error") -> Documents:
    """The documents of ``text``, which is called ``file`` in faults (JSON, when that ends in ``.json``)."""
    unread: list[Unread] = []
    faults: list[Fault] = []
    _read_text(text, file, unread, faults)
    return documents_from(unread, faults, strictness)


def from_values(documents: Iterable[Mapping[str, Any]], *, strictness: Strictness = "error") -> Documents:
    """Documents made in Python, as mappings of plain values; a fault calls the first of them ``<python>[0]``."""
    unread: list[Unread] = []
    faults: list[Fault] = []
    for index, document in enumerate(documents):
        _read_value(document, Source(file=f"<python>[{index}]"), unread, faults)
    return documents_from(unread, faults, strictness)


def gather(
    sources: Iterable[str | os.PathLike[str] | Mapping[str, Any]],
    *,
    root: Path | None = None,
    strictness: Strictness = "error",
) -> Documents:
    """The documents of files and folders and of those made in Python, in one; see ``load`` and ``from_values``."""
    given = list(sources)
    base = (root or Path.cwd()).resolve()
    unread: list[Unread] = []
    faults: list[Fault] = []
    _read_files([Path(each) for each in given if not isinstance(each, Mapping)], base, unread, faults)
    for index, each in enumerate(given):
        if isinstance(each, Mapping):
            _read_value(each, Source(file=f"<python>[{index}]"), unread, faults)
    return documents_from(unread, faults, strictness)


def read_mapping(path: Path, *, root: Path | None = None) -> tuple[Mapping[str, Any], Source]:
    """A file that holds one mapping, such as a stack's config, and the source for faults in it.

    An empty file is an empty mapping. Raises ``FaultsFoundError`` when it cannot be read, or holds anything else.
    """
    name = _shown(path.resolve(), (root or Path.cwd()).resolve())
    faults: list[Fault] = []
    unread: list[Unread] = []
    text = _text(path, name, faults)
    if text is not None:
        _read_text(text, name, unread, faults)
    for document in unread:
        report = Report(source=document.source, hidden=True)
        for problem in document.problems:
            report.error(problem.path, problem.message, problem.remedy, line=problem.line)
        if not isinstance(document.tree, dict):
            report.error((), f"must be a mapping, and is {described(document.tree)}", "write keys and values")
        faults += report.faults
    if len(unread) > 1:
        _file_fault(faults, name, "a second document starts here", "keep one document", unread[1].source.line)
    raise_if_errors(faults)
    return (unread[0].tree, unread[0].source) if unread else ({}, Source(file=name))


def _read_files(paths: Sequence[Path], base: Path, unread: list[Unread], faults: list[Fault]) -> None:
    for path in _files(paths, base, faults):
        name = _shown(path, base)
        text = _text(path, name, faults)
        if text is not None:
            _read_text(text, name, unread, faults)


def _files(paths: Sequence[Path], base: Path, faults: list[Fault]) -> list[Path]:
    """Every file once, in the order in which it is first named; those of a folder are sorted."""
    found: dict[Path, None] = {}
    for path in paths:
        whole = (base / path).resolve()
        below = sorted(_below(whole)) if whole.is_dir() else [whole]
        if not whole.exists():
            _file_fault(faults, _shown(whole, base), "there is no such file or folder", "check the path")
        elif not below:
            _file_fault(
                faults, _shown(whole, base), "no document stands in this folder", f"put files named {NAMES} there"
            )
        elif whole.is_file() and whole.suffix not in SUFFIXES:
            _file_fault(faults, _shown(whole, base), "is no document by its name", f"allowed: {NAMES}")
        else:
            found.update(dict.fromkeys(below))
    return list(found)


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent) / name for name in names if name.endswith(SUFFIXES) and not name.startswith("."))


def _shown(path: Path, base: Path) -> str:
    return str(path.relative_to(base)) if path.is_relative_to(base) else str(path)


def _file_fault(faults: list[Fault], file: str, message: str, remedy: str, line: int = 0, column: int = 0) -> None:
    faults.append(Fault(place=Place(file=file, line=line, column=column), where="", message=message, remedy=remedy))


def _text(path: Path, name: str, faults: list[Fault]) -> str | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        _file_fault(faults, name, f"cannot be read: {error.strerror}", "")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        _file_fault(faults, name, "this byte is not UTF-8", "save the file as UTF-8", line, column)
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_text(text: str, file: str, unread: list[Unread], faults: list[Fault]) -> None:
    if file.endswith(".json"):
        _read_json(text, file, unread, faults)
        return
    for part, first in trees.documents_of(text):
        try:
            readings = trees.build(part, first)
        except yaml.YAMLError as error:
            found = syntax.explain(error, part, first)
            _file_fault(faults, file, found.message, found.remedy, found.line, found.column)
        except trees.TooLargeError as error:
            _file_fault(faults, file, f"this document {error}", "write it out without aliases", first)
        except UnicodeEncodeError:
            _file_fault(faults, file, "half of a surrogate pair is no text", "save the file as UTF-8", first)
        else:
            for reading in readings:
                source = Source(file=file, line=reading.line, lines=reading.lines)
                document = Unread(tree=reading.tree, source=source, problems=reading.problems)
                unread += _expanded(document, faults)


def _read_json(text: str, file: str, unread: list[Unread], faults: list[Fault]) -> None:
    try:
        value = json.loads(text, object_pairs_hook=_once)
    except _TwiceError:
        faults += _twice(text, file)
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg.partition(':')[0].lower()}"
        _file_fault(faults, file, message, "", error.lineno, error.colno)
    except (RecursionError, ValueError):
        _file_fault(faults, file, "numbers of this length, or nesting of this depth, mean nothing here", "")
    else:
        _read_value(value, Source(file=file, line=1, lines=_json_lines(text)), unread, faults)


class _TwiceError(Exception):
    """A key stands twice in an object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _TwiceError
    return made


def _twice(text: str, file: str) -> list[Fault]:
    """Where a key stands twice: YAML's reading of the same text knows, where it has one."""
    try:
        problems = [problem for reading in trees.build(text, 1) for problem in reading.problems]
    except (yaml.YAMLError, trees.TooLargeError, UnicodeEncodeError):
        problems = []
    lines = [problem.line for problem in problems if "stands twice" in problem.message]
    message = "a key stands twice in one object"
    return [
        Fault(place=Place(file=file, line=line), where="", message=message, remedy="keep one of the two")
        for line in lines or [0]
    ]


def _json_lines(text: str) -> Mapping[PathKey, int]:
    """Lines by way of YAML, which JSON nearly is; where it is not, faults name the file alone."""
    try:
        trees.build(text, 1)
    except (yaml.YAMLError, trees.TooLargeError, UnicodeEncodeError):
        return NO_LINES
    return Lines(text, 1, 0)


def _read_value(value: Any, source: Source, unread: list[Unread], faults: list[Fault]) -> None:
    report = Report(source=source, hidden=is_hidden(value))
    kind = value.get("kind") if isinstance(value, Mapping) else None
    tree = values.plain(value, report, secrets=kind in SECRETS)
    faults += report.faults
    if not report.failed:
        unread += _expanded(Unread(tree=tree, source=source), faults)


def _expanded(document: Unread, faults: list[Fault]) -> Iterator[Unread]:
    """The items of a ``List``, as kubectl writes them; any other document as it is."""
    tree = document.tree
    if not _is_list(tree):
        yield document
        return
    items = tree["items"]
    outside = [problem for problem in document.problems if problem.path[:1] != ("items",) or len(problem.path) == 1]
    for problem in outside:
        _file_fault(faults, document.source.file, problem.message, problem.remedy, problem.line)
    for index, item in enumerate(items):
        at: PathKey = ("items", index)
        lines = _LinesBelow(document.source.lines, at)
        source = Source(file=document.source.file, line=document.source.place(*at).line, lines=lines)
        problems = tuple(
            Problem(line=problem.line, path=problem.path[2:], message=problem.message, remedy=problem.remedy)
            for problem in document.problems
            if problem.path[:2] == at
        )
        yield from _expanded(Unread(tree=item, source=source, problems=problems), faults)


def _is_list(tree: Any) -> bool:
    """``List``, or the list of one kind if its items say what they are (a custom kind's name may end so, too)."""
    items = tree.get("items") if isinstance(tree, dict) else None
    if not isinstance(items, list) or not str(tree.get("kind")).endswith("List"):
        return False
    return tree["kind"] == "List" or all(isinstance(item, dict) and "kind" in item for item in items)


class _LinesBelow(Mapping[PathKey, int]):
    """The lines of one item of a list of documents."""

    __slots__ = ("_at", "_lines")

    def __init__(self, lines: Mapping[PathKey, int], at: PathKey) -> None:
        self._lines, self._at = lines, at

    def __getitem__(self, path: PathKey) -> int:
        return self._lines[(*self._at, *path)]

    def __iter__(self) -> Iterator[PathKey]:
        depth = len(self._at)
        return (path[depth:] for path in self._lines if path[:depth] == self._at and len(path) > depth)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return "Lines(...)"

    def __reduce__(self) -> tuple[Any, ...]:
        return (dict, (dict(self),))
