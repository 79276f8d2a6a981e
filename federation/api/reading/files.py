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

    Links are followed, those to folders too. What is reached by several ways is called by its own name, if one of them
    goes by it.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        whole = Path(os.path.realpath(base / path))  # not resolve(), which has no answer to a link to itself
        inside: list[Fault] = []  # of a folder that is not meant, none of them matters
        try:
            below = _below(whole, base, inside) if whole.is_dir() else {whole: whole}
        except _TooLargeError as error:
            add_fault(faults, display_name(whole, base), f"this folder is too large: {error}", _NARROW)
            continue
        faults += inside
        if not whole.exists():
            add_fault(faults, display_name(whole, base), "there is no such file or folder", "check the path")
        elif not below:
            add_fault(
                faults, display_name(whole, base), "no document stands in this folder", f"put files named {NAMES} there"
            )
        elif not whole.is_dir() and not whole.is_file():
            add_fault(
                faults,
                display_name(whole, base),
                "is neither a file nor a folder",
                "name a file or a folder of documents",
            )
        elif whole.is_file() and whole.suffix not in SUFFIXES:
            add_fault(faults, display_name(whole, base), "is no document by its name", f"allowed: {NAMES}")
        else:
            for real, name in below.items():
                files[real] = real if real == name else files.get(real, name)
    return list(files.values())


def _below(top: Path, base: Path, faults: list[Fault]) -> dict[Path, Path]:
    """The files below a folder, sorted: where each really stands, and how it is named."""
    files: dict[Path, Path] = {}

    def unread(error: OSError) -> None:
        # Passed over, all that it holds would count as removed.
        remedy = "let it be read, or move it elsewhere"
        add_fault(
            faults, display_name(Path(error.filename), base), f"this folder cannot be read: {error.strerror}", remedy
        )

    hidden: list[str] = []
    entries = 0
    for real, named, names, hidden_folders in _folders(top, unread):
        entries += len(names) + 1
        hidden += (display_name(named / name, base) for name in hidden_folders)
        for name in names:
            if name.endswith(SUFFIXES):
                files[real / name] = named / name
            elif name.lower().endswith(SUFFIXES):
                add_fault(faults, display_name(named / name, base), "is no document by its name", f"allowed: {NAMES}")
            elif (real / name).is_symlink() and _leads_nowhere(real / name):
                # To a folder of documents, perhaps, and then they would all be gone.
                add_fault(
                    faults, display_name(named / name, base), "this link leads nowhere", "correct it, or remove it"
                )
        _check_size(top, named, entries, len(files))
    if hidden:
        faults.append(_of_hidden(display_name(top, base), sorted(hidden)))
    return dict(sorted(files.items(), key=lambda each: each[1]))


class _TooLargeError(Exception):
    """A folder has more than can be meant as a folder of documents."""


def _check_size(top: Path, folder: Path, entries: int, documents: int) -> None:
    if entries > MOST_ENTRIES:
        raise _TooLargeError(f"it holds more than {MOST_ENTRIES} files and folders")
    if documents > MOST_DOCUMENTS:
        raise _TooLargeError(f"it holds more than {MOST_DOCUMENTS} files named {NAMES}")
    if len(folder.parts) - len(top.parts) > DEEPEST:
        raise _TooLargeError(f"it is more than {DEEPEST} levels deep, at {folder.relative_to(top)}")


def _of_hidden(folder: str, hidden: Sequence[str]) -> Fault:
    """A warning of what is not read because of its name."""
    more = f" and {len(hidden) - _HIDDEN_SHOWN} more" if len(hidden) > _HIDDEN_SHOWN else ""
    what = "1 hidden file or folder" if len(hidden) == 1 else f"{len(hidden)} hidden files and folders"
    message = f"{what} of documents {'is' if len(hidden) == 1 else 'are'} not read: "
    message += ", ".join(hidden[:_HIDDEN_SHOWN]) + more
    remedy = "names that begin with a dot are left out; rename what is meant"
    return Fault(place=Place(file=folder), where="", message=message, remedy=remedy, severity=Severity.WARNING)


def _folders(top: Path, unread: Callable[[OSError], None]) -> Iterator[tuple[Path, Path, list[str], list[str]]]:
    """Every folder from ``top`` down: where it really stands, how it is named, its files' names, and its hidden ones.

    Hidden are files of documents, and folders with such files right in them; nobody looks any deeper there. Those of
    mounted ConfigMaps (``..data``) are no news: links beside them lead there. Links come after what they stand beside,
    and each folder once: a link back, or to where another led, adds nothing. ``unread`` is told of each folder that
    cannot be read.
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


def _leads_nowhere(link: Path) -> bool:
    try:
        return not link.exists()
    except OSError:  # to where nobody may look
        return True


def _holds_documents(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.name.endswith(SUFFIXES) for entry in entries)
    except OSError:
        return False


def _is_special(path: Path) -> bool:
    """Whether reading it could take for ever: a pipe, a device, a socket."""
    return path.exists() and not path.is_file()


def display_name(path: Path, base: Path) -> str:
    """How faults call a file: relative to ``base`` where it stands below it."""
    return str(path.relative_to(base)) if path.is_relative_to(base) else str(path)


def add_fault(faults: list[Fault], file: str, message: str, remedy: str, line: int = 0, column: int = 0) -> None:
    """Add a fault of a whole file, or of a place in it that belongs to no document."""
    faults.append(Fault(place=Place(file=file, line=line, column=column), where="", message=message, remedy=remedy))


def read_text(path: Path, name: str, faults: list[Fault]) -> str | None:
    """The text of a file, lines ended by a line feed; ``None`` when it cannot be read, as ``faults`` then say."""
    if _is_special(path):
        add_fault(faults, name, "is no regular file", "documents are read from files")
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
