"""Write a folder as a whole: beside its place first, then moved there in one step.

An existing folder is replaced only when it was made in the same way (a marker in it says so) or is empty: a mistyped
``--out`` must not delete files.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from federation.errors.fault import FederationError
from federation.operations.project.sides import MARKER, RECORDS

__all__ = ["MARKER", "Folder", "FolderRefusedError", "replaced_folder"]

_SAYS: Final = "`fed render` made this folder, and replaces it as a whole.\n"


class FolderRefusedError(FederationError):
    """The folder cannot be replaced; the message says why, and what to do."""

    exit_code = 2


@dataclass(slots=True, kw_only=True)
class Folder:
    """The new folder while it is written; ``old`` is the one that it will replace, if there is one."""

    at: Path
    old: Path | None
    _made: set[str] = field(default_factory=set)

    def write(self, path: str, text: str, *, private: bool = False) -> None:
        """Write one file; only its owner can read a ``private`` one."""
        parent = path.rpartition("/")[0]
        if parent not in self._made:
            (self.at / parent).mkdir(parents=True, exist_ok=True)
            self._made.add(parent)
        descriptor = os.open(f"{self.at}/{path}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
        with open(descriptor, "wb") as file:  # noqa: PTH123 -- a descriptor, for its mode
            file.write(text.encode())

    def keep(self, name: str) -> bool:
        """Keep a file or folder of the old folder; false when it has none of that name."""
        if self.old is None or not (self.old / name).exists():
            return False
        if (self.old / name).is_dir():
            # Links cost no copying, and the old one's files are never written to again.
            shutil.copytree(self.old / name, self.at / name, copy_function=os.link)
        else:
            os.link(self.old / name, self.at / name)
        return True


@contextmanager
def replaced_folder(out: Path) -> Iterator[Folder]:
    """Yield the new folder ``out`` to write into; when the block ends in an error, ``out`` stays as it was.

    ``FolderRefusedError`` when ``out`` is not ours to replace.
    """
    out = out.resolve()
    old = _replaceable(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise FolderRefusedError(f"{out} cannot be made: {error.strerror}") from None
    try:
        fresh = Folder(at=beside / "new", old=old)
        fresh.at.mkdir()
        fresh.write(MARKER, _SAYS)
        yield fresh
        _put(fresh.at, out, beside / "old")
    except OSError as error:
        raise FolderRefusedError(f"{out} cannot be written: {error}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _replaceable(out: Path) -> Path | None:
    """``out`` if it exists and may be replaced, ``None`` if it does not exist."""
    if not out.exists():
        return None
    if not out.is_dir():
        raise FolderRefusedError(f"{out} is a file; name a folder, which may be new")
    if (out / MARKER).is_file():
        if strange := sorted(each.name for each in out.iterdir() if _is_foreign(each)):
            lost = ", ".join(strange)
            msg = f"{out} contains files that `fed render` did not make, and would lose them: {lost}; move it elsewhere"
            raise FolderRefusedError(msg)
        return out
    if any(out.iterdir()):
        msg = f"{out} contains files, and `fed render` did not make it; name another folder, or empty this one"
        raise FolderRefusedError(msg)
    return out


def _is_foreign(path: Path) -> bool:
    """Whether `fed render` did not write this entry at the top of a rendered folder: `.git`, a README."""
    if path.name in (MARKER, RECORDS):
        return False
    return not path.is_dir() or path.name.startswith(".")


def _put(fresh: Path, out: Path, aside: Path) -> None:
    """Move ``fresh`` to ``out``; the old folder goes to ``aside``, and comes back if the move fails."""
    stood = out.exists()
    if stood:
        out.rename(aside)
    try:
        fresh.rename(out)
    except OSError:
        if stood:
            aside.rename(out)
        raise
