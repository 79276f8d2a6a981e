"""What becomes of objects whose type is not propagated any more (``propagation: Disabled``)? They rest.

KubeFed stopped the controller of such a type: nothing came, changed or went, whatever happened to its documents. So
what the last update left of the type stays registered as it is, and is neither changed nor deleted until the type is
propagated again, or its ``FederatedTypeConfig`` is gone.
"""

from collections.abc import Mapping

from federation.api.documents import Documents
from federation.api.types import group_of
from federation.errors import Place
from federation.plan.held_index import IndexEntry
from federation.plan.observed import Observed

__all__ = ["entries", "types"]

Type = tuple[str, str]
"""Group ("" for the core group) and kind."""


def types(documents: Documents) -> Mapping[Type, Place]:
    """The types that are not propagated, and where that is written."""
    return {
        (config.target.group, config.target.kind): config.source.place()
        for config in documents.type_configs
        if config.propagation == "Disabled"
    }


def entries(documents: Documents, observed: Observed) -> Mapping[str, tuple[IndexEntry, ...]]:
    """By member, what the last update left of types that rest; members without any are left out."""
    resting = types(documents)
    if not resting or not observed.registered:
        return {}
    found = {
        member: tuple(sorted(each for each in some if (group_of(each.api_version), each.kind) in resting))
        for member, some in observed.registered.items()
    }
    return {member: some for member, some in found.items() if some}
