"""Find the files that hold documents, and read their text."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from federation.errors import Fault, Place

__all__ = ["fault", "found", "shown", "text"]

SUFFIXES: Final = (".yaml", ".yml", ".json")
NAMES: Final = "*.yaml, *.yml or *.json"


def found(paths: Sequence[Path], base: Path, faults: list[Fault]) -> list[Path]:
    """Every file of ``paths`` once, in the order in which it is first named; those of a folder are sorted.

    Links are followed, those to folders too. What is reached by several ways is called by its own name, if one of them
    goes by it.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        whole = Path(os.path.realpath(base / path))  # not resolve(), which has no answer to a link to itself
        below = _below(whole, base, faults) if whole.is_dir() else {whole: whole}
        if not whole.exists():
            fault(faults, shown(whole, base), "there is no such file or folder", "check the path")
        elif not below:
            fault(faults, shown(whole, base), "no document stands in this folder", f"put files named {NAMES} there")
        elif not whole.is_dir() and not whole.is_file():
            fault(faults, shown(whole, base), "is neither a file nor a folder", "name a file or a folder of documents")
        elif whole.is_file() and whole.suffix not in SUFFIXES:
            fault(faults, shown(whole, base), "is no document by its name", f"allowed: {NAMES}")
        else:
            for own, name in below.items():
                files[own] = own if own == name else files.get(own, name)
    return list(files.values())


def _below(top: Path, base: Path, faults: list[Fault]) -> dict[Path, Path]:
    """The files below a folder, sorted: where each really stands, and how it is named."""
    files: dict[Path, Path] = {}

    def unread(error: OSError) -> None:
        # Passed over, all that it holds would count as removed.
        remedy = "let it be read, or move it elsewhere"
        fault(faults, shown(Path(error.filename), base), f"this folder cannot be read: {error.strerror}", remedy)

    for real, named, names in _folders(top, unread):
        for name in names:
            if name.endswith(SUFFIXES):
                files[real / name] = named / name
            elif name.lower().endswith(SUFFIXES):
                fault(faults, shown(named / name, base), "is no document by its name", f"allowed: {NAMES}")
            elif (real / name).is_symlink() and not (real / name).exists():
                # To a folder of documents, perhaps, and then they would all be gone.
                fault(faults, shown(named / name, base), "this link leads nowhere", "correct it, or remove it")
    return dict(sorted(files.items(), key=lambda each: each[1]))


def _folders(top: Path, unread: Callable[[OSError], None]) -> Iterator[tuple[Path, Path, list[str]]]:
    """Every folder from ``top`` down, hidden ones left out: where it really stands, how it is named, its files' names.

    Links come after what they stand beside, and each folder once: a link back, or to where another led, adds nothing.
    ``unread`` is told of each folder that cannot be read.
    """
    read: set[Path] = set()
    waiting = [top]
    while waiting:
        links: list[Path] = []
        for parent, folders, names in chain.from_iterable(os.walk(each, onerror=unread) for each in waiting):
            named, real = Path(parent), Path(parent).resolve()
            folders[:] = [] if real in read else [name for name in folders if not name.startswith(".")]
            if real not in read:
                read.add(real)
                links += [named / name for name in folders if (named / name).is_symlink()]
                yield real, named, [name for name in names if not name.startswith(".")]
        waiting = sorted(links)


def _is_special(path: Path) -> bool:
    """Whether reading it could take for ever: a pipe, a device, a socket."""
    return path.exists() and not path.is_file()


def shown(path: Path, base: Path) -> str:
    """How faults call a file: relative to ``base`` where it stands below it."""
    return str(path.relative_to(base)) if path.is_relative_to(base) else str(path)


def fault(faults: list[Fault], file: str, message: str, remedy: str, line: int = 0, column: int = 0) -> None:
    """Add a fault of a whole file, or of a place in it that belongs to no document."""
    faults.append(Fault(place=Place(file=file, line=line, column=column), where="", message=message, remedy=remedy))


def text(path: Path, name: str, faults: list[Fault]) -> str | None:
    """The text of a file, lines ended by a line feed; ``None`` when it cannot be read, as ``faults`` then say."""
    if _is_special(path):
        fault(faults, name, "is no regular file", "documents are read from files")
        return None
    try:
        data = path.read_bytes()
    except OSError as error:
        fault(faults, name, f"cannot be read: {error.strerror}", "")
        return None
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        fault(faults, name, "this byte is not UTF-8", "save the file as UTF-8", line, column)
        return None
    return decoded.replace("\r\n", "\n").replace("\r", "\n")
