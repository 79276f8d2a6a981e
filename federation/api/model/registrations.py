"""A cluster as KubeFed had it registered (``KubeFedCluster``).

It is read for people who migrate, and never used to connect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from federation.errors.source import IN_PYTHON, Source

__all__ = ["RegisteredCluster"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredCluster:
    """A ``KubeFedCluster``: a cluster that had joined. ``secret_name`` is the Secret with its token."""

    name: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    api_endpoint: str
    secret_name: str
    ca_bundle: str = field(default="", repr=False)
    disabled_tls_validations: tuple[str, ...] = ()
    proxy_url: str = field(default="", repr=False)
    source: Source = IN_PYTHON
