"""Digest the program that registers a cell: its files and the versions of the packages that it uses."""

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import federation

__all__ = ["digest_program"]

_PACKAGES: Final = ("eks-federation", "pulumi", "pulumi-aws", "pulumi-eks", "pulumi-kubernetes")
_FILES: Final = ("__main__.py", "stacks/program.py", "Pulumi.yaml")


def digest_program(root: Path) -> str:
    """The digest of the program of the project at ``root``. A file that does not exist counts as empty."""
    digest = hashlib.sha256()
    for name in _PACKAGES:
        digest.update(f"{name} {_version(name)}\n".encode())
    library = Path(federation.__file__).parent
    for path in (*(root / name for name in _FILES), *sorted(library.rglob("*.py"))):
        digest.update(path.read_bytes() if path.is_file() else b"")
        digest.update(b"\0")
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
