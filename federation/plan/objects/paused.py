"""Keep objects of paused types (``propagation: Disabled``) as the last update left them.

KubeFed stopped the controller of such a type: no object was created, changed or deleted, whatever happened to its
documents. So the objects that the last update left stay registered as they are. They are neither changed nor deleted
until the type is propagated again, or its ``FederatedTypeConfig`` is gone.

As in KubeFed, a document is paused by its federated kind; the version of its template does not matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from federation.api.model.documents import Documents
from federation.api.model.types import TypeConfig, group_of, groups_of
from federation.errors.fault import Fault, Place
from federation.plan.model import names
from federation.plan.model.findings import Findings
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import MemberPlan

__all__ = ["entries", "types", "warnings"]

Type = tuple[str, str]
"""Group ("" for the core group) and kind."""


def types(documents: Documents) -> Mapping[Type, Place]:
    """The paused federated types, each with the place that pauses it."""
    return {_federated(config): config.source.place() for config in _disabled(documents)}


def entries(documents: Documents, observed: Observed) -> Mapping[str, tuple[IndexEntry, ...]]:
    """The objects of paused types that the last update left, by member; members without any are left out."""
    paused_types = _targets(documents) if observed.registered else frozenset()
    if not paused_types:
        return {}
    found = {
        member: tuple(sorted(each for each in some if (group_of(each.api_version), each.kind) in paused_types))
        for member, some in (observed.registered or {}).items()
    }
    return {member: some for member, some in found.items() if some}


def warnings(members: Sequence[MemberPlan], documents: Documents) -> tuple[Fault, ...]:
    """Warn of paused objects without a document: only a document has their labels and dependencies."""
    standing = [(member.name, entry) for member in members for entry in member.paused]
    if not standing:
        return ()
    documented = {
        names.in_every_member(each.target.api_version, each.target.kind, each.object_namespace, each.name)
        for each in documents.federated
    }
    findings = Findings()
    for name, entry in standing:
        if entry.document not in documented:
            config = next(each for each in _disabled(documents) if _is_of(entry, each, documents))
            message = (
                f"{entry.document} is paused there, and no document declares it: DNS does not count it, "
                "autoscalers and what its pods need go by documents alone, and it goes once its type is propagated"
            )
            findings.in_member(name).warning(config.source, (), message, "put its document back")
    return findings.faults()


def _is_of(entry: IndexEntry, config: TypeConfig, documents: Documents) -> bool:
    return (group_of(entry.api_version), entry.kind) in _targets(replace(documents, type_configs=(config,)))


def _disabled(documents: Documents) -> list[TypeConfig]:
    """The configs of paused types. Of two configs for one federated type, the one that propagates it wins."""
    enabled = {_federated(config) for config in documents.type_configs if config.propagation == "Enabled"}
    found = (config for config in documents.type_configs if config.propagation == "Disabled")
    return [config for config in found if _federated(config) not in enabled]


def _federated(config: TypeConfig) -> Type:
    return (config.federated_group, config.federated_kind)


def _targets(documents: Documents) -> frozenset[Type]:
    """The target types of paused types, in every group that the documents or their configs may mean."""
    disabled = _disabled(documents)
    if not disabled:
        return frozenset()
    kinds = {_federated(config) for config in disabled}
    found = {
        (group, config.target.kind)
        for config in disabled
        for group in groups_of(config.target.group, config.target.kind)
    }
    paused_types = (document.target for document in documents.federated if document.federated_type in kinds)
    return frozenset(found | {(target.group, target.kind) for target in paused_types})
