"""Read files, folders and Python values into ``Documents``, and report all faults of all of them."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from federation.api.model.documents import Documents
from federation.api.reading import files, python_values, yaml_errors, yaml_trees
from federation.api.reading.dispatch import Unread, documents_from, is_hidden
from federation.api.reading.yaml_trees import YamlProblem
from federation.errors.fault import Fault, FaultsFoundError, Place, raise_if_errors
from federation.errors.report import Report, Strictness, described
from federation.errors.source import IN_PYTHON, NO_LINES, Numbers, PathKey, Source

__all__ = ["collect_documents", "from_values", "load", "parse", "read_mapping", "trees_in", "trees_of"]

SECRETS: Final = ("Secret", "FederatedSecret")


def load(
    paths: Sequence[Path], *, root: Path | None = None, strictness: Strictness = "error", defers_errors: bool = False
) -> Documents:
    """The documents of files and folders (``*.yaml``, ``*.yml``, ``*.json``, folders with all below them).

    Faults name files relative to ``root`` (default: the current directory). With ``strictness`` "warn", errors that
    KubeFed ignores silently are warnings. Raises ``FaultsFoundError`` with every fault of every file; with
    ``defers_errors`` the errors are in the result, and planning raises them together with its own.
    """
    base = (root or Path.cwd()).resolve()
    unread: list[Unread] = []
    faults: list[Fault] = []
    _read_files(paths, base, unread, faults)
    return documents_from(unread, faults, strictness, defers_errors=defers_errors)


def parse(text: str, file: str, *, strictness: Strictness = "error") -> Documents:
    """The documents of ``text``; faults name it ``file`` (JSON, if that ends in ``.json``)."""
    unread: list[Unread] = []
    faults: list[Fault] = []
    _read_text(text, file, unread, faults)
    return documents_from(unread, faults, strictness)


def from_values(documents: Iterable[Mapping[str, Any]], *, strictness: Strictness = "error") -> Documents:
    """Documents made in Python, as mappings of plain values; faults name the first one ``<python>[0]``."""
    unread: list[Unread] = []
    faults: list[Fault] = []
    for index, document in enumerate(documents):
        _read_value(document, Source(file=f"<python>[{index}]"), unread, faults)
    return documents_from(unread, faults, strictness)


def collect_documents(
    sources: Iterable[str | os.PathLike[str] | Mapping[str, Any]],
    *,
    root: Path | None = None,
    strictness: Strictness = "error",
) -> Documents:
    """The documents of files and folders together with those made in Python; see ``load`` and ``from_values``."""
    if isinstance(sources, str | Mapping) or not isinstance(sources, Iterable):
        message = f"must be a list of paths and mappings, and is {described(sources)}"
        raise FaultsFoundError([IN_PYTHON.fault(("documents",), message, "write a list, also of one: [...]")])
    inputs = list(sources)
    base = (root or Path.cwd()).resolve()
    unread: list[Unread] = []
    faults: list[Fault] = []
    _read_files([Path(each) for each in inputs if isinstance(each, str | os.PathLike)], base, unread, faults)
    for index, each in enumerate(inputs):
        if not isinstance(each, str | os.PathLike):
            _read_value(each, Source(file=f"<python>[{index}]"), unread, faults)
    return documents_from(unread, faults, strictness)


def trees_of(paths: Sequence[Path], *, root: Path | None = None) -> tuple[Unread, ...]:
    """Every document of files and folders as a plain tree, of any kind; raises errors as ``load`` does."""
    documents: list[Unread] = []
    faults: list[Fault] = []
    _read_files(paths, (root or Path.cwd()).resolve(), documents, faults)
    return _without_surrogates(documents, faults)


def trees_in(text: str, file: str) -> tuple[Unread, ...]:
    """Every document of ``text`` as a plain tree; faults name it ``file``."""
    documents: list[Unread] = []
    faults: list[Fault] = []
    _read_text(text, file, documents, faults)
    return _without_surrogates(documents, faults)


def _without_surrogates(documents: list[Unread], faults: list[Fault]) -> tuple[Unread, ...]:
    for document in documents:
        report = Report(source=document.source, hidden=is_hidden(document.tree))
        for problem in document.problems:
            report.error(problem.path, problem.message, problem.remedy, line=problem.line)
        faults += report.faults
    raise_if_errors(faults)
    return tuple(documents)


def read_mapping(path: Path, *, root: Path | None = None) -> tuple[Mapping[str, Any], Source]:
    """A file that holds one mapping, such as a stack's config, and the source for faults in it.

    An empty file is an empty mapping. Raises ``FaultsFoundError`` when it cannot be read, or holds anything else.
    """
    name = files.display_name(path.resolve(), (root or Path.cwd()).resolve())
    faults: list[Fault] = []
    unread: list[Unread] = []
    text = files.read_text(path, name, faults)
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
        files.add_fault(faults, name, "a second document starts here", "keep one document", unread[1].source.line)
    raise_if_errors(faults)
    return (unread[0].tree, unread[0].source) if unread else ({}, Source(file=name))


def _read_files(paths: Sequence[Path], base: Path, unread: list[Unread], faults: list[Fault]) -> None:
    for path in files.document_files(paths, base, faults):
        name = files.display_name(path, base)
        text = files.read_text(path, name, faults)
        if text is not None:
            _read_text(text, name, unread, faults)


def _read_text(text: str, file: str, unread: list[Unread], faults: list[Fault]) -> None:
    if file.endswith(".json"):
        _read_json(text, file, unread, faults)
        return
    for part, first in yaml_trees.documents_of(text):
        try:
            readings = yaml_trees.build(part, first)
        except yaml.YAMLError as error:
            explained = yaml_errors.explain(error, part, first)
            files.add_fault(faults, file, explained.message, explained.remedy, explained.line, explained.column)
        except yaml_trees.TooLargeError as error:
            files.add_fault(faults, file, f"this document {error}", "write it out without aliases", first)
        except UnicodeEncodeError:
            files.add_fault(faults, file, "half of a surrogate pair is not text", "save the file as UTF-8", first)
        else:
            for reading in readings:
                source = Source(file=file, line=reading.line, lines=reading.lines)
                document = Unread(tree=reading.tree, source=source, problems=reading.problems)
                unread += _expanded(document, faults)


def _read_json(text: str, file: str, unread: list[Unread], faults: list[Fault]) -> None:
    try:
        value = json.loads(text, object_pairs_hook=_unique_pairs)
    except _DuplicateKeyError:
        faults += _first_duplicate(text, file)
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg.partition(':')[0].lower()}"
        files.add_fault(faults, file, message, "", error.lineno, error.colno)
    except (RecursionError, ValueError):
        files.add_fault(faults, file, "a number is too long, or the nesting is too deep, for a document", "")
    else:
        _read_value(value, Source(file=file, line=1, lines=_json_lines(text)), unread, faults)


class _DuplicateKeyError(Exception):
    """An object has a key twice."""


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise _DuplicateKeyError
    return result


def _first_duplicate(text: str, file: str) -> list[Fault]:
    """Faults for keys that an object has twice; their lines come from reading the text as YAML, if that succeeds."""
    try:
        problems = [problem for reading in yaml_trees.build(text, 1) for problem in reading.problems]
    except (yaml.YAMLError, yaml_trees.TooLargeError, UnicodeEncodeError):
        problems = []
    lines = [problem.line for problem in problems if "occurs twice" in problem.message]
    message = "a key occurs twice in one object"
    return [
        Fault(place=Place(file=file, line=line), where="", message=message, remedy="keep one of the two")
        for line in lines or [0]
    ]


def _json_lines(text: str) -> Mapping[PathKey, int]:
    """Lines found by reading the JSON text as YAML; where that fails, faults name only the file."""
    try:
        readings = yaml_trees.build(text, 1)
    except (yaml.YAMLError, yaml_trees.TooLargeError, UnicodeEncodeError):
        return NO_LINES
    return readings[0].lines if readings else NO_LINES


def _read_value(value: Any, source: Source, unread: list[Unread], faults: list[Fault]) -> None:
    report = Report(source=source, hidden=is_hidden(value))
    kind = value.get("kind") if isinstance(value, Mapping) else None
    tree = python_values.plain(value, report, secrets=kind in SECRETS)
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
        files.add_fault(faults, document.source.file, problem.message, problem.remedy, problem.line)
    for index, item in enumerate(items):
        at: PathKey = ("items", index)
        lines = _LinesBelow(document.source.lines, at)
        source = Source(file=document.source.file, line=document.source.place(*at).line, lines=lines)
        problems = tuple(
            YamlProblem(line=problem.line, path=problem.path[2:], message=problem.message, remedy=problem.remedy)
            for problem in document.problems
            if problem.path[:2] == at
        )
        yield from _expanded(Unread(tree=item, source=source, problems=problems), faults)


def _is_list(tree: Any) -> bool:
    """Whether a tree is a ``List``, or a list of one kind whose items all have a kind.

    The name of a custom kind may end in ``List``, too.
    """
    items = tree.get("items") if isinstance(tree, dict) else None
    if not isinstance(items, list) or not str(tree.get("kind")).endswith("List"):
        return False
    return tree["kind"] == "List" or all(isinstance(item, dict) and "kind" in item for item in items)


class _LinesBelow(Mapping[PathKey, int]):
    """The lines of one item of a list of documents."""

    __slots__ = ("_at", "_lines")

    def __init__(self, lines: Mapping[PathKey, int], at: PathKey) -> None:
        self._lines, self._at = lines, at

    def number(self, path: PathKey) -> str:
        return self._lines.number((*self._at, *path)) if isinstance(self._lines, Numbers) else ""

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
