"""A cluster as KubeFed had it registered (``KubeFedCluster``).

It is read for people who migrate, and never used to connect.
"""

from dataclasses import dataclass

from federation.errors.source import IN_PYTHON, Source

__all__ = ["RegisteredCluster"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredCluster:
    """A ``KubeFedCluster``: a cluster that had joined."""

    name: str
    namespace: str = ""
    source: Source = IN_PYTHON
