"""Find the files that hold documents, and read their text."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from federation.errors.fault import Fault, Place, Severity

__all__ = ["add_fault", "display_name", "document_files", "read_text"]

SUFFIXES: Final = (".yaml", ".yml", ".json")
NAMES: Final = "*.yaml, *.yml or *.json"
MOST_ENTRIES: Final = 100_000
MOST_DOCUMENTS: Final = 20_000
DEEPEST: Final = 32
"""How many files and folders, files of documents, and levels a folder of documents may have."""
_NARROW: Final = "name the folders that hold the documents, under eks-federation:workloads"
_HIDDEN_SHOWN: Final = 3


def document_files(paths: Sequence[Path], base: Path, faults: list[Fault]) -> list[Path]:
    """Every file of ``paths`` once, in the order in which it is first named; those of a folder are sorted.

    Links are followed, also those to folders. A file that is reached by several paths keeps its own path as its name,
    if that is one of them.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        whole = Path(os.path.realpath(base / path))  # not resolve(), which fails for a link to itself
        label = display_name(whole, base)
        inside: list[Fault] = []  # dropped if the folder is too large
        try:
            below = _below(whole, base, inside) if whole.is_dir() else {whole: whole}
        except _TooLargeError as error:
            add_fault(faults, label, f"this folder is too large: {error}", _NARROW)
            continue
        faults += inside
        if not whole.exists():
            add_fault(faults, label, "there is no such file or folder", "check the path")
        elif not below:
            add_fault(faults, label, "this folder has no documents", f"put files named {NAMES} there")
        elif not whole.is_dir() and not whole.is_file():
            add_fault(faults, label, "is neither a file nor a folder", "name a file or a folder of documents")
        elif whole.is_file() and whole.suffix not in SUFFIXES:
            add_fault(faults, label, "is not named like a document", f"allowed: {NAMES}")
        else:
            for real, name in below.items():
                files[real] = real if real == name else files.get(real, name)
    return list(files.values())


def _below(top: Path, base: Path, faults: list[Fault]) -> dict[Path, Path]:
    """The files below a folder, sorted: the real path of each, and the path that names it."""
    files: dict[Path, Path] = {}

    def unread(error: OSError) -> None:
        # If it were skipped, all its documents would count as removed.
        remedy = "let it be read, or move it elsewhere"
        add_fault(
            faults, display_name(Path(error.filename), base), f"this folder cannot be read: {error.strerror}", remedy
        )

    hidden: list[str] = []
    entries = 0
    for real, named, names, hidden_names in _folders(top, unread):
        entries += len(names) + 1
        hidden += (display_name(named / name, base) for name in hidden_names)
        for name in names:
            if name.endswith(SUFFIXES):
                files[real / name] = named / name
            elif name.lower().endswith(SUFFIXES):
                add_fault(faults, display_name(named / name, base), "is not named like a document", f"allowed: {NAMES}")
            elif (real / name).is_symlink() and _has_no_target(real / name):
                # It may be meant for a folder of documents, which would all count as removed.
                add_fault(
                    faults, display_name(named / name, base), "this link has no target", "correct it, or remove it"
                )
        _check_size(top, named, entries, len(files))
    if hidden:
        faults.append(_of_hidden(display_name(top, base), sorted(hidden)))
    return dict(sorted(files.items(), key=lambda each: each[1]))


class _TooLargeError(Exception):
    """A folder is larger than any folder of documents."""


def _check_size(top: Path, folder: Path, entries: int, documents: int) -> None:
    if entries > MOST_ENTRIES:
        raise _TooLargeError(f"it contains more than {MOST_ENTRIES} files and folders")
    if documents > MOST_DOCUMENTS:
        raise _TooLargeError(f"it contains more than {MOST_DOCUMENTS} files named {NAMES}")
    if len(folder.parts) - len(top.parts) > DEEPEST:
        raise _TooLargeError(f"it is more than {DEEPEST} levels deep, at {folder.relative_to(top)}")


def _of_hidden(folder: str, hidden: Sequence[str]) -> Fault:
    """A warning about files and folders that are not read because of their names."""
    more = f" and {len(hidden) - _HIDDEN_SHOWN} more" if len(hidden) > _HIDDEN_SHOWN else ""
    what = "1 hidden file or folder" if len(hidden) == 1 else f"{len(hidden)} hidden files and folders"
    message = f"{what} of documents {'is' if len(hidden) == 1 else 'are'} not read: "
    message += ", ".join(hidden[:_HIDDEN_SHOWN]) + more
    remedy = "names that begin with a dot are left out; rename a file to have it read"
    return Fault(place=Place(file=folder), where="", message=message, remedy=remedy, severity=Severity.WARNING)


def _folders(top: Path, unread: Callable[[OSError], None]) -> Iterator[tuple[Path, Path, list[str], list[str]]]:
    """Every folder from ``top`` down: its real path, its name, the names of its files, and its hidden entries.

    Hidden entries are files of documents, and folders that contain such files directly; deeper levels are not searched.
    Those of mounted ConfigMaps (``..data``) are not counted: links beside them lead there. Links are followed after the
    other folders of their level, and each folder is read once. ``unread`` is called for each folder that cannot be
    read.
    """
    read: set[Path] = set()
    waiting = [top]
    while waiting:
        links: list[Path] = []
        for parent, folders, names in chain.from_iterable(os.walk(each, onerror=unread) for each in waiting):
            named, real = Path(parent), Path(parent).resolve()
            hidden = [name for name in names if name.startswith(".") and name.endswith(SUFFIXES)]
            hidden_folders = [name for name in folders if name.startswith(".") and not name.startswith("..")]
            hidden += [name for name in hidden_folders if _holds_documents(named / name)]
            folders[:] = [] if real in read else [name for name in folders if not name.startswith(".")]
            if real not in read:
                read.add(real)
                links += [named / name for name in folders if (named / name).is_symlink()]
                yield real, named, [name for name in names if not name.startswith(".")], hidden
        waiting = sorted(links)


def _has_no_target(link: Path) -> bool:
    try:
        return not link.exists()
    except OSError:  # its target may not be read
        return True


def _holds_documents(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.name.endswith(SUFFIXES) for entry in entries)
    except OSError:
        return False


def _is_special(path: Path) -> bool:
    """Whether reading it may never end: a pipe, a device, a socket."""
    return path.exists() and not path.is_file()


def display_name(path: Path, base: Path) -> str:
    """The name of a file in faults: relative to ``base`` if it is below it."""
    return str(path.relative_to(base)) if path.is_relative_to(base) else str(path)


def add_fault(faults: list[Fault], file: str, message: str, remedy: str, line: int = 0, column: int = 0) -> None:
    """Add a fault for a whole file, or for a place in it outside of any document."""
    faults.append(Fault(place=Place(file=file, line=line, column=column), where="", message=message, remedy=remedy))


def read_text(path: Path, name: str, faults: list[Fault]) -> str | None:
    """The text of a file, with line feeds as line ends; ``None``, and a fault, when it cannot be read."""
    if _is_special(path):
        add_fault(faults, name, "is not a regular file", "documents are read from files")
        return None
    try:
        data = path.read_bytes()
    except OSError as error:
        add_fault(faults, name, f"cannot be read: {error.strerror}", "")
        return None
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        add_fault(faults, name, "this byte is not UTF-8", "save the file as UTF-8", line, column)
        return None
    return decoded.replace("\r\n", "\n").replace("\r", "\n")
