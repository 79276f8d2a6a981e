"""Federated documents before their replicas are assigned.

`PreparedDocument` holds all that does not depend on which members are available. A plan is made for the members as they
are, for the return of a quarantined member, and in a simulation for each loss; all of these share it.
`DividedDocument` adds the division over available members.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from federation.api.model.federated import FederatedObject
from federation.api.model.scheduling import ReplicaSchedulingPreference
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import Distribution
from federation.plan.overrides.operations import Overrides
from federation.plan.placement.placement import Selection

__all__ = ["DividedDocument", "PreparedDocument"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreparedDocument:
    """``document`` with its preference, its overrides, and the ``selection`` of its own placement.

    ``selection`` is ``None`` with a preference, which mostly takes its place. ``namespace`` is the FederatedNamespace
    around the document, and ``around`` the selection of that. ``paused``: its type is paused; then ``standing`` has its
    objects as the last update left them, by member (``None``: not known).
    """

    document: FederatedObject
    preference: ReplicaSchedulingPreference | None
    namespace: FederatedObject | None
    around: Selection | None
    selection: Selection | None
    overrides: Overrides
    paused: bool = False
    standing: Mapping[str, IndexEntry] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DividedDocument:
    """``prepared`` with the members that it goes to, and the division of its replicas.

    ``members`` are those of ``selection`` that get it now. ``path`` is the field that a preference divides ("": none).
    ``fields`` has the numbers for each member's manifest, by path.
    """

    prepared: PreparedDocument
    selection: Selection
    members: tuple[str, ...]
    distribution: Distribution | None = None
    path: str = ""
    fields: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
