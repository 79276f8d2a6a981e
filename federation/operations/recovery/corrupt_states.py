"""What did a killed engine leave half-written in a file backend?

The engine puts a state in place by renaming, so that file is always whole. Beside it lies a small file of attributes,
and that one is written in place: an engine killed in just that moment leaves it empty, and no later one can read the
stack any more (it says ``failed to load checkpoint: EOF``). Without the file it can. What had not been renamed yet
stays as well, a whole state each time.
"""

import json
from pathlib import Path

__all__ = ["mend"]

ATTRIBUTES = ".attrs"
TEMPORARY = ".tmp"


def mend(backend: Path, project: str, stack: str, *, is_alone: bool) -> tuple[str, ...]:
    """Remove what hinders the next engine, and return the names of those files.

    ``is_alone`` says that no engine can be writing now; only then are unfinished states removed (and not named).
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
