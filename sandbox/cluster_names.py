"""Check the name of a cluster that is not EKS. It becomes a folder, log files and a context."""

import re
from collections.abc import Mapping

from sandbox.errors import SandboxError

__all__ = ["check", "check_free"]

LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")


def check(**words: str) -> None:
    """Raise `SandboxError` for a name, region or zone that is not a DNS label."""
    for what, word in words.items():
        if not isinstance(word, str) or not LABEL.match(word):
            raise SandboxError(
                f"{word!r} is no {what} for a cluster (allowed: lower-case letters, digits and '-', a letter or digit "
                "first and last, at most 63 characters)"
            )


def check_free(name: str, taken: Mapping[str, str]) -> None:
    """Raise `SandboxError` when `name` is a context already; `taken` maps each context to its cluster."""
    if name in taken:
        raise SandboxError(f"{name} is the context of cluster {taken[name]} already; choose another name")
