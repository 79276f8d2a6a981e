"""Write a file that only its owner may read; its mode is set before anything is in it."""

import os
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, at every moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
