"""Query the backend that keeps a project's stacks: its address, its stacks, and whether a run holds one of them.

A file backend has its locks in a folder. Any other backend (S3, Azure, Google, Pulumi Cloud) is queried by taking the
lock: Pulumi gives it to one run at a time, so the run that gets it knows that no other run has it.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from federation.api.reading import loading
from federation.operations.engine import command_line, locks

__all__ = ["LockUnavailableError", "existing", "folder", "project", "shown", "take_lock", "url"]


class LockUnavailableError(command_line.EngineError):
    """Pulumi does not give the lock of a stack; the text is why."""


def url(root: Path) -> str:
    """The URL of the backend; the environment variable takes precedence, as in Pulumi."""
    return os.environ.get("PULUMI_BACKEND_URL") or str(command_line.query_json(root, "whoami", "--json")["url"])


def shown(address: str) -> str:
    """The URL of a backend for messages, without user name and password."""
    parts = urlsplit(address)
    if "@" not in parts.netloc:
        return address
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def folder(root: Path) -> Path | None:
    """The folder of a file backend, ``None`` for any other backend."""
    return locks.folder_of(url(root), root)


def project(root: Path) -> str:
    """The name of the Pulumi project at ``root``."""
    tree, _ = loading.read_mapping(root / "Pulumi.yaml", root=root)
    return str(tree.get("name", ""))


def existing(root: Path) -> tuple[str, ...]:
    """The project's stacks in the backend, by name. ``EngineError`` when Pulumi cannot list them."""
    try:
        return tuple(sorted(str(each["name"]) for each in command_line.query_json(root, "stack", "ls", "--json")))
    except (ValueError, KeyError, TypeError):
        raise command_line.EngineError(
            "the output of pulumi is not a list of stacks; see `pulumi stack ls --json`"
        ) from None


def take_lock(root: Path, stack: str, urn: str) -> None:
    """Take the lock of ``stack`` once and give it back. ``StackHeldError`` when Pulumi does not give it.

    The means is a refresh of the stack's own resource (``urn``), which touches nothing.
    """
    target = ("--target", urn) if urn else ()
    try:
        command_line.query(root, "refresh", "--skip-preview", "--yes", "--stack", stack, *target)
    except command_line.EngineError as error:
        raise LockUnavailableError(command_line.shortened(str(error))) from None
