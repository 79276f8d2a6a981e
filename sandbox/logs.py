"""Read the logs of the sandbox's parts: one file each, found by its name or the beginning of it."""

import time
from collections.abc import Iterator
from pathlib import Path

from sandbox.errors import NotRunningError, SandboxError
from sandbox.place import Place

POLL_SECONDS = 0.3


def read(place: Place, name: str) -> Iterator[str]:
    """Yield the lines of the logs whose names begin with `name`; for an empty name, the names of all logs.

    Raises `NotRunningError` when there are no logs, and `SandboxError` when none has that name.
    """
    if not name:
        yield from (path.stem for path in _all(place))
        return
    paths = _matching(place, name)
    for path in paths:
        prefix = f"{path.stem}: " if len(paths) > 1 else ""
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            yield prefix + line


def follow(place: Place, name: str) -> Iterator[str]:
    """Yield the lines of the logs whose names begin with `name` (all, for an empty one), and new lines, for ever.

    Raises what `read` raises.
    """
    read_so_far: dict[Path, int] = {}
    while True:
        for path in _matching(place, name):
            with path.open(encoding="utf-8", errors="replace") as file:
                file.seek(read_so_far.get(path, 0))
                for line in file:
                    yield f"{path.stem}: {line.rstrip()}"
                read_so_far[path] = file.tell()
        time.sleep(POLL_SECONDS)


def _all(place: Place) -> list[Path]:
    if not place.logs.is_dir():
        raise NotRunningError
    return sorted(place.logs.glob("*.log"))


def _matching(place: Place, name: str) -> list[Path]:
    paths = [path for path in _all(place) if path.stem.startswith(name)]
    if not paths:
        names = ", ".join(path.stem for path in _all(place)) or "there is none"
        raise SandboxError(f"no log {name} (logs: {names})")
    return paths
