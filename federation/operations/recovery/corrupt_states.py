"""Remove files that a killed engine has left half-written in a file backend.

The engine writes a state by renaming, so the state file is always whole. Beside it is a small attributes file, which is
written in place. An engine killed at that moment leaves it empty, and no later engine can read the stack (it reports
``failed to load checkpoint: EOF``). Without the attributes file it can. Temporary files that were not renamed stay too,
a whole state each time.
"""

import json
from pathlib import Path

__all__ = ["remove_corrupt_files"]

ATTRIBUTES = ".attrs"
TEMPORARY = ".tmp"


def remove_corrupt_files(backend: Path, project: str, stack: str, *, is_alone: bool) -> tuple[str, ...]:
    """Remove the files that stop the next engine, and return their names.

    ``is_alone`` is true when no engine can be writing now; only then are unfinished states removed (and not named).
    """
    removed = []
    for path in _beside(backend, project, stack):
        if path.suffix == ATTRIBUTES and not _is_whole(path):
            path.unlink(missing_ok=True)
            removed.append(path.name)
        elif path.suffix == TEMPORARY and is_alone:
            path.unlink(missing_ok=True)
    return tuple(removed)


def _beside(backend: Path, project: str, stack: str) -> list[Path]:
    """The files of a stack's state, in both of Pulumi's layouts."""
    stacks = backend / ".pulumi" / "stacks"
    folders = [folder for folder in (stacks / project, stacks) if folder.is_dir()]
    return [path for folder in folders for path in sorted(folder.glob(f"{stack}.json*")) if path.is_file()]


def _is_whole(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except FileNotFoundError:
        return True
    except ValueError:
        return False
    return True
