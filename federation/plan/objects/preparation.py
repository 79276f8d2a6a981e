"""Prepare the federated documents of a plan: everything that does not depend on which members are available.

Each document gets its preference, its namespace, the selection of its own placement, and its overrides. Faults that no
loss or return of a member can change are reported here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from federation.api.model.documents import Documents
from federation.api.model.federated import FederatedObject
from federation.plan.model import names
from federation.plan.model.context import Context
from federation.plan.model.object_index import IndexEntry
from federation.plan.objects import checks, paused, retention
from federation.plan.objects.manifests import Renderer
from federation.plan.objects.retention import Ports
from federation.plan.overrides.operations import Overrides
from federation.plan.placement import placement
from federation.plan.replicas import pairing
from federation.plan.replicas.prepared import PreparedDocument

__all__ = ["Preparation", "prepare_documents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """The prepared documents in their order, and the manifests that were rendered for them so far.

    ``ports`` are the ports of Services at the last update.
    """

    documents: tuple[PreparedDocument, ...]
    ports: Ports
    _renderers: dict[PreparedDocument, Renderer] = field(default_factory=dict)

    def renderer(self, prepared: PreparedDocument) -> Renderer:
        """The renderer of one document, made once."""
        if prepared not in self._renderers:
            self._renderers[prepared] = Renderer(prepared.document)
        return self._renderers[prepared]


def prepare_documents(documents: Documents, context: Context) -> Preparation:
    """Prepare all federated documents, those of paused types too."""
    all_members = tuple(context.members.by_name.values())
    namespaces = {document.name: document for document in documents.federated if _is_namespace(document)}
    around = {name: placement.select(document, all_members) for name, document in namespaces.items()}
    preferences = pairing.pair_preferences(documents, context.findings)
    paused_types, standing = paused.types(documents), _standing(documents, context)
    prepared = []
    for document in documents.federated:
        where = paused_types.get(document.federated_type)
        is_inside = document.target.namespaced and document.namespace in namespaces
        preference = preferences.get(pairing.target_key(document))
        selection = None
        if preference is None:
            selection = placement.select(document, all_members, namespace=around.get(document.namespace))
        each = PreparedDocument(
            document=document,
            preference=preference,
            namespace=namespaces[document.namespace] if is_inside else None,
            around=around[document.namespace] if is_inside else None,
            selection=selection,
            overrides=Overrides(document, context.members),
            paused=where is not None,
            standing=None if where is None or standing is None else _in_members(document, standing, context),
        )
        prepared.append(each)
        if where is not None:
            checks.report_paused_type(document, where, context.findings)
        elif selection is not None:
            checks.check_document(each, selection, context)
    return Preparation(documents=tuple(prepared), ports=retention.last_ports(context.observed))


def _is_namespace(document: FederatedObject) -> bool:
    """Whether ``document`` is a FederatedNamespace."""
    return document.target.kind == "Namespace" and not document.target.group


def _standing(documents: Documents, context: Context) -> Mapping[str, IndexEntry] | None:
    """The objects of paused types by logical name, as the last update left them; ``None`` where that is not known."""
    if context.observed.registered is None:
        return None
    found = paused.entries(documents, context.observed)
    return {entry.logical_name: entry for entries in found.values() for entry in entries}


def _in_members(
    document: FederatedObject, standing: Mapping[str, IndexEntry], context: Context
) -> Mapping[str, IndexEntry]:
    """The objects of one document among ``standing``, by member."""
    target = document.target
    everywhere = names.in_every_member(target.api_version, target.kind, document.object_namespace, document.name)
    logical_names = {name: names.object_name(name, everywhere) for name in context.members.by_name}
    return {name: standing[each] for name, each in logical_names.items() if each in standing}
