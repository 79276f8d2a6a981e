"""Which files hold documents, and what is their text?"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from federation.errors import Fault, Place

__all__ = ["fault", "found", "shown", "text"]

SUFFIXES: Final = (".yaml", ".yml", ".json")
NAMES: Final = "*.yaml, *.yml or *.json"


def found(paths: Sequence[Path], base: Path, faults: list[Fault]) -> list[Path]:
    """Every file of ``paths`` once, in the order in which it is first named; those of a folder are sorted."""
    files: dict[Path, None] = {}
    for path in paths:
        whole = (base / path).resolve()
        below = sorted(_below(whole)) if whole.is_dir() else [whole]
        if not whole.exists():
            fault(faults, shown(whole, base), "there is no such file or folder", "check the path")
        elif not below:
            fault(faults, shown(whole, base), "no document stands in this folder", f"put files named {NAMES} there")
        elif not whole.is_dir() and not whole.is_file():
            fault(faults, shown(whole, base), "is neither a file nor a folder", "name a file or a folder of documents")
        elif whole.is_file() and whole.suffix not in SUFFIXES:
            fault(faults, shown(whole, base), "is no document by its name", f"allowed: {NAMES}")
        else:
            files.update(dict.fromkeys(below))
    return list(files)


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent) / name for name in names if name.endswith(SUFFIXES) and not name.startswith("."))


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
