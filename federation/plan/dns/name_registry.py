"""Who has which DNS name, and may a name be as long as that?"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from federation.api.model.dns import IngressDNSRecord, ServiceDNSRecord
from federation.errors.source import PathKey
from federation.plan.model.findings import Findings

__all__ = ["NameRegistry"]

_LONGEST_NAME: Final = 253


@dataclass(slots=True, kw_only=True)
class NameRegistry:
    """The names that have been taken so far; faults go to ``findings``."""

    findings: Findings
    _taken: dict[str, ServiceDNSRecord | IngressDNSRecord] = field(default_factory=dict)

    def take(
        self, record: ServiceDNSRecord | IngressDNSRecord, names: Iterable[str], *, at: PathKey, remedy: str
    ) -> None:
        """Take ``names`` for ``record``; one that another record has taken is a fault."""
        for name in names:
            other = self._taken.setdefault(name, record)
            if other is not record:
                message = f"{name} is the name of {other.namespace}/{other.name} already ({other.source.place()})"
                self.findings.error(record.source, at, message, remedy)

    def measure(
        self, record: ServiceDNSRecord | IngressDNSRecord, names: Iterable[str], *, at: PathKey, remedy: str
    ) -> None:
        """A name that is too long for DNS is a fault."""
        for name in names:
            if len(name) > _LONGEST_NAME:
                message = f"{name} has {len(name)} characters, and DNS allows {_LONGEST_NAME}"
                self.findings.error(record.source, at, message, remedy)
