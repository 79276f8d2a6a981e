"""Find objects that are removed while a remaining object still refers to them.

Without them pods would not start again, or a certificate would be lost. The references are those of the plan's pods,
Ingresses and ServiceAccounts. An optional reference counts as well: the object existed, so something may use it.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from federation.api.model.federated import Tree
from federation.plan.changes import quarantine
from federation.plan.changes.diff import ObjectChange
from federation.plan.changes.losses import Loss
from federation.plan.model.plan import Plan, PlannedObject
from federation.plan.model.trees import mapping, mappings
from federation.plan.objects import pods
from federation.plan.objects.pods import Reference

__all__ = ["named_by", "still_named"]

_NAMED: Final = frozenset({"ConfigMap", "Secret", "ServiceAccount"})


def named_by(manifest: Tree) -> tuple[Reference, ...]:
    """Kinds and names of the objects that ``manifest`` refers to in its own namespace, sorted."""
    return tuple(sorted({*pods.references(manifest), *_beside_pods(manifest)}))


def still_named(changes: Iterable[ObjectChange], plan: Plan, members: Collection[str]) -> Iterable[Loss]:
    """Objects that go in ``members`` while a remaining object there refers to them; one loss per document."""
    found: dict[str, list[ObjectChange]] = {}
    for each in changes:
        if each.entry.kind in _NAMED and each.deleted and each.member in members:
            found.setdefault(each.document, []).append(each)
    for document, some in sorted(found.items()):
        users = {each.member: tuple(_users(plan, each)) for each in some}
        naming = sorted({name for names in users.values() for name in names})
        if naming:
            where = quarantine.listed([member for member, names in users.items() if names])
            message = f"{document} would be removed in {where}, while {quarantine.listed(naming)} "
            message += f"{'names' if len(naming) == 1 else 'name'} it (limit: nothing that is named)"
            yield Loss(message=message, target=document, instead="take the references to it out first")


def _users(plan: Plan, gone: ObjectChange) -> Iterator[str]:
    """The documents in the member of ``gone`` that refer to it."""
    entry = gone.entry
    for member in plan.members:
        if member.name == gone.member:
            for each in member.objects:
                if each.namespace == entry.namespace and (entry.kind, entry.name) in named_by(each.manifest):
                    yield _document(each)


def _document(each: PlannedObject) -> str:
    return each.logical_name.removeprefix(f"{each.member}/")


def _beside_pods(manifest: Tree) -> Iterator[Reference]:
    match manifest.get("kind"):
        case "Ingress":
            listed = mappings(mapping(manifest.get("spec")).get("tls"))
            names = [each.get("secretName") for each in listed]
        case "ServiceAccount":
            listed = [*mappings(manifest.get("secrets")), *mappings(manifest.get("imagePullSecrets"))]
            names = [each.get("name") for each in listed]
        case _:
            return
    yield from (("Secret", name) for name in names if isinstance(name, str) and name)
