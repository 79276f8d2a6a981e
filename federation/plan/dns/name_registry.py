"""Reject duplicate and over-long DNS names."""

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
    """The DNS names that records have taken so far; faults go to ``findings``."""

    findings: Findings
    _taken: dict[str, ServiceDNSRecord | IngressDNSRecord] = field(default_factory=dict)

    def register_names(
        self, record: ServiceDNSRecord | IngressDNSRecord, names: Iterable[str], *, at: PathKey, remedy: str
    ) -> None:
        """Register ``names`` for ``record``; a name that another record has taken is a fault."""
        for name in names:
            other = self._taken.setdefault(name, record)
            if other is not record:
                message = f"{name} is the name of {other.namespace}/{other.name} already ({other.source.place()})"
                self.findings.error(record.source, at, message, remedy)

    def measure(
        self, record: ServiceDNSRecord | IngressDNSRecord, names: Iterable[str], *, at: PathKey, remedy: str
    ) -> None:
        """Report each name that is too long for DNS as a fault."""
        for name in names:
            if len(name) > _LONGEST_NAME:
                message = f"{name} has {len(name)} characters, and DNS allows {_LONGEST_NAME}"
                self.findings.error(record.source, at, message, remedy)
