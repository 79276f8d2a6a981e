"""Where an override and a preference both set a number in a member, which of them has its way?

The preference, as in KubeFed: it writes its number into the overrides itself, in place of the one on that path. Who
wrote that one does not see it in the object and is told so.
"""

from collections.abc import Sequence
from dataclasses import replace

from federation.api.federated import FederatedObject
from federation.api.members import Member
from federation.plan.overrides import Entries
from federation.plan.result import Distribution

__all__ = ["told"]


def told(document: FederatedObject, distribution: Distribution, path: str, members: Sequence[Member]) -> Distribution:
    """``distribution``, set at ``path`` in ``members``, with the overrides that it takes the place of as reasons."""
    entries = Entries(document.overrides)
    landed, reasons = distribution.landed, dict(distribution.reasons)
    for member in members:
        places = [document.source.place(*at) for at, written in entries.operations(member) if written.path == path]
        # Two overrides may stand on one line.
        for place in dict.fromkeys(places):
            line = f"the preference's {landed[member.name]} takes the place of the override of {path} ({place})"
            reasons[member.name] = (*reasons[member.name], line)
    return replace(distribution, reasons=reasons)
