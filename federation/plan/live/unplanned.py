"""Find objects that exist in a member for this stack but are no longer planned.

Objects do not carry the name of their stack, and several stacks may share a cluster. So an object counts in two cases:
the last update left it, or it is in a namespace of this stack with our label and our field manager. Objects that are
left on purpose never count: orphans, and objects whose type is not propagated.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from federation.api.model.federated import Tree
from federation.api.model.types import group_of
from federation.plan.live import managed_fields
from federation.plan.model import names
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import MemberPlan
from federation.plan.model.trees import mapping, mappings
from federation.plan.objects.manifests import MANAGED_LABEL

__all__ = ["Type", "Unplanned", "find_unplanned", "types"]

Type = tuple[str, str, bool]
"""apiVersion, kind, and whether its objects have a namespace."""
_NAMESPACE: Final = "kubernetes:core/v1:Namespace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplanned:
    """One object that exists and is not planned.

    ``is_registered``: the state has it, so the next update removes it. ``is_going``: it is being deleted.
    """

    kind: str
    namespace: str
    name: str
    logical_name: str
    is_registered: bool = False
    is_going: bool = False

    @property
    def document(self) -> str:
        """Its name in messages: ``ConfigMap demo/web``."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def types(member: MemberPlan, registered: Iterable[IndexEntry]) -> tuple[Type, ...]:
    """The types of ``registered`` objects that are no longer planned, if ``member`` plans no object of that type."""
    planned = {(group_of(each.api_version), each.kind) for each in member.objects}
    paused = {each.logical_name for each in member.paused}
    leaving = (each for each in registered if not each.orphan and each.logical_name not in paused)
    found = {
        (each.api_version, each.kind, bool(each.namespace))
        for each in leaving
        if (group_of(each.api_version), each.kind) not in planned
    }
    return tuple(sorted(found))


def find_unplanned(member: MemberPlan, registered: Iterable[IndexEntry], live: Iterable[Tree]) -> tuple[Unplanned, ...]:
    """The ``live`` objects that ``member`` does not plan, by name.

    ``registered`` are the entries that the last update left in the member; ``live`` are the objects with our label.
    """
    entries = {each.logical_name: each for each in registered}
    planned = {each.logical_name for each in member.objects} | {each.logical_name for each in member.paused}
    namespaces = {each.name for each in (*(member.index or ()), *entries.values()) if each.token == _NAMESPACE}
    found = {
        each.logical_name: each
        for each in _objects(member.name, live, entries)
        if each.logical_name not in planned and (each.is_registered or each.namespace in namespaces)
    }
    return tuple(found[name] for name in sorted(found))


def _objects(member: str, live: Iterable[Tree], entries: dict[str, IndexEntry]) -> Iterator[Unplanned]:
    """The objects among ``live`` that this stack manages, planned or not."""
    for tree in live:
        metadata = mapping(tree.get("metadata"))
        kind, namespace, name = str(tree["kind"]), str(metadata.get("namespace", "")), str(metadata.get("name"))
        logical_name = names.object_name(member, names.in_every_member(str(tree["apiVersion"]), kind, namespace, name))
        entry = entries.get(logical_name)
        if mapping(metadata.get("labels")).get(MANAGED_LABEL) == "true" and _is_ours(metadata, entry):
            yield Unplanned(
                kind=kind,
                namespace=namespace,
                name=name,
                logical_name=logical_name,
                is_registered=entry is not None,
                is_going=bool(metadata.get("deletionTimestamp")),
            )


def _is_ours(metadata: Tree, entry: IndexEntry | None) -> bool:
    """Whether the state has the object and it is not an orphan; without an entry, whether our manager wrote it."""
    if entry is not None:
        return not entry.orphan
    managers = mappings(metadata.get("managedFields"))
    return any(managed_fields.is_ours(str(each.get("manager", "")), each.get("operation")) for each in managers)
