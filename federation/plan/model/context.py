"""What every decision of a plan may depend on, as one value."""

from dataclasses import dataclass, replace

from federation.api.model.documents import Documents
from federation.api.model.members import FederationSettings
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.model.observed import Observed

__all__ = ["Context"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The federation with its members, the observed state, and the collection that faults go to."""

    federation: FederationSettings
    members: Members
    observed: Observed
    findings: Findings

    @classmethod
    def from_documents(cls, federation: FederationSettings, documents: Documents, observed: Observed) -> "Context":
        """The context of a plan of ``documents``, without a finding so far."""
        return cls(
            federation=federation,
            members=Members.from_federation(federation),
            observed=observed,
            findings=Findings.from_documents(documents, federation.plan.strictness),
        )

    def unreported(self) -> "Context":
        """The same context, with findings that are not reported: for what was checked already, or does not count."""
        return replace(self, findings=Findings())

    def in_federation(self, federation: FederationSettings) -> "Context":
        """The same context for other members, or for the same ones with others of them available."""
        return replace(self, federation=federation, members=Members.from_federation(federation))
