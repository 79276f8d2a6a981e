"""Write documents and files. The keys of a document stand in the order in which people write them."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from federation.plan.views import yaml_writer

__all__ = ["text", "write_file", "write_out"]

FIRST: Final = ("apiVersion", "kind", "metadata", "domain", "spec")
OWNER_ONLY: Final = 0o600
EVERYONES: Final = 0o666  # less the umask


def text(documents: Iterable[Any]) -> str:
    """The documents as YAML, with a divider before each but the first."""
    return "---\n".join(yaml_writer.text_of(_ordered(each)) for each in documents)


def _ordered(document: Any) -> Any:
    if not isinstance(document, dict) or "kind" not in document:
        return document
    first = [key for key in FIRST if key in document]
    return {key: document[key] for key in [*first, *(key for key in document if key not in first)]}


def write_out(written: str) -> None:
    """Print it."""
    sys.stdout.write(written)


def write_file(path: Path, written: str | bytes, *, private: bool = False, new: bool = False) -> None:
    """Write a file and its parent folders; with ``private``, only its owner can read it, from the first byte on.

    With ``new``, an existing path, even a link to another file, is a ``FileExistsError``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | (os.O_EXCL if new else os.O_TRUNC)
    descriptor = os.open(path, flags, OWNER_ONLY if private else EVERYONES)
    with os.fdopen(descriptor, "wb") as file:
        if private:
            os.fchmod(descriptor, OWNER_ONLY)
        file.write(written.encode() if isinstance(written, str) else written)
