"""Find losses that the guard refuses one by one: stored data, fully replaced workloads, clusters, names.

The guard's other limits count losses. These are refused in any number, because no later update restores the contents of
a volume or a cluster, or the clients of a name. Each loss has a target, by which a user can allow it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from federation.api.model.members import FederationSettings
from federation.plan.changes import cluster_identity, quarantine
from federation.plan.changes.diff import ObjectChange
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan

__all__ = [
    "Loss",
    "clusters",
    "lost_names",
    "lost_zone",
    "names",
    "replaced_everywhere",
    "stored_data",
    "unplaced",
    "webhooks",
]

_CUSTOM: Final = "CustomResourceDefinition"
_STORED: Final[Mapping[str, str]] = {
    "PersistentVolumeClaim": "with what is stored behind it, unless its volume is retained",
    "PersistentVolume": "with the only reference to what is stored behind it",
    "StatefulSet": "with the pods that hold its data",
    _CUSTOM: "with every object of its kind, those of other owners too",
}
_WEBHOOKS: Final[Mapping[str, str]] = {
    "MutatingWebhookConfiguration": "objects are admitted there without what it puts into them",
    "ValidatingWebhookConfiguration": "objects are admitted there without what it checks",
}
_SERVICES: Final = ".svc."
"""The part in a Service's DNS name between service, namespace and federation, and region and zone."""
_RUNNING: Final = frozenset({"DaemonSet", "Deployment", "Pod", "ReplicaSet"})
_STANDING: Final = frozenset({"same", "change", "replace", "immutable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """The ``message`` that says what would be lost, the safe alternative (``instead``, "" for none), and the ``target``
    that allows it."""

    message: str
    target: str
    instead: str = ""


def stored_data(changes: Iterable[ObjectChange], members: Collection[str]) -> Iterable[Loss]:
    """Objects that hold or refer to data, and are removed or replaced in ``members``."""
    every = tuple(changes)
    for document, verb, some in _gone(every, members, _STORED):
        kind = some[0].entry.kind
        message = f"{document} would be {verb} in {quarantine.listed(_members(some))}, {_STORED[kind]}"
        message += _objects_of(some, every) if kind == _CUSTOM else ""
        yield Loss(message=f"{message} (limit: no stored data)", target=document, instead=_put_back(some))


def webhooks(changes: Iterable[ObjectChange], members: Collection[str]) -> Iterable[Loss]:
    """Webhook configurations that are removed or replaced in ``members``: objects pass without them meanwhile."""
    for document, verb, some in _gone(changes, members, _WEBHOOKS):
        message = (
            f"{document} would be {verb} in {quarantine.listed(_members(some))}, and {_WEBHOOKS[some[0].entry.kind]} "
        )
        yield Loss(message=f"{message}(limit: no webhook)", target=document, instead=_put_back(some))


def _gone(
    changes: Iterable[ObjectChange], members: Collection[str], kinds: Collection[str]
) -> Iterable[tuple[str, str, list[ObjectChange]]]:
    """The objects of ``kinds`` that go: document, ``removed`` or ``replaced``, and the changes."""
    found: dict[tuple[str, str], list[ObjectChange]] = {}
    for each in changes:
        if each.entry.kind in kinds and each.member in members and (each.deleted or each.change == "replace"):
            found.setdefault((each.document, "replaced" if each.change == "replace" else "removed"), []).append(each)
    return [(document, verb, some) for (document, verb), some in sorted(found.items())]


def _put_back(some: Sequence[ObjectChange]) -> str:
    return f"put {quarantine.listed(list(some[0].fields))} back" if some[0].fields else ""


def unplaced(changes: Iterable[ObjectChange], plan: Plan, members: Collection[str]) -> Iterable[Loss]:
    """Documents whose placement no longer selects any member, so that all their objects in ``members`` go."""
    unplaced_documents = {each.document for each in plan.workloads if not each.members}
    found: dict[str, list[str]] = {}
    for each in changes:
        if each.document in unplaced_documents and each.deleted and each.member in members:
            found.setdefault(each.document, []).append(each.member)
    for document, gone in sorted(found.items()):
        message = (
            f"{document} would be removed in {quarantine.listed(gone)}, since its placement no longer selects a member "
        )
        message += "(limit: a document that stays keeps one)"
        yield Loss(message=message, target=document, instead="fix its placement, or remove the document as well")


def replaced_everywhere(changes: Iterable[ObjectChange], plan: Plan, observed: Observed) -> Iterable[Loss]:
    """Workloads that are replaced in all their members in one wave, so that no replica would run.

    A member keeps its workload only if the last update of it succeeded and replicas stay. A member that an earlier
    replacement left without replicas does not count.
    """
    unproven = {
        each.logical_name for some in (observed.registered or {}).values() for each in some if not each.is_proven
    }
    waves = {member.name: member.wave for member in plan.members if member.available}
    found: dict[str, list[ObjectChange]] = {}
    for each in changes:
        if each.entry.kind in _RUNNING and each.member in waves and each.change in _STANDING and each.before != 0:
            found.setdefault(each.document, []).append(each)
    for document, some in sorted(found.items()):
        gone = [each for each in some if each.change == "replace"]
        keeps = [each for each in some if each.change != "replace" and each.after != 0]
        keeps = [each for each in keeps if each.entry.logical_name not in unproven]
        if gone and not keeps and len({waves[each.member] for each in gone}) == 1:
            some = gone
            fields = quarantine.listed(list(some[0].fields))
            message = (
                f"{document} would be replaced in all members that run it ({quarantine.listed(_members(some))}), since "
            )
            message += (
                f"{fields} cannot be changed in place: it is deleted and created again (limit: one member keeps it)"
            )
            instead = "give the changed one a new name, or its members different waves"
            yield Loss(message=message, target=document, instead=instead)


def clusters(federation: FederationSettings, observed: Observed, reported: Collection[str]) -> Iterable[Loss]:
    """Clusters that are deleted, or replaced while they hold none of our objects; ``reported`` ones are left out.

    An unfinished cluster in the state counts as one.
    """
    members = {member.name: member for member in federation.members}
    for name in sorted(observed.clusters_before - set(reported)):
        member, is_meant = members.get(name), name in federation.plan.unjoin
        if member and member.provider == "eks":
            # A quarantined member's cluster could not be created again, so no entry can mean that.
            if name in cluster_identity.moved(observed) and not (is_meant and member.available):
                yield _replaced_cluster(name, observed)
        elif not is_meant:
            message = f"the EKS cluster of {name} would be deleted with its network, its nodes and all that runs "
            message += f"there, since {name} is no longer {'an eks' if member else 'a'} member (limit: no cluster)"
            yield Loss(message=message, target=f"Cluster/{name}", instead=f"name it under plan: {{unjoin: [{name}]}}")


def _replaced_cluster(name: str, observed: Observed) -> Loss:
    change = f"{observed.identities_before[name]} -> {observed.identities[name]}"
    message = f"the EKS cluster of {name} would be replaced with its network, its nodes and all that runs there, since "
    message += f"its member leads to another one: {change} (limit: no cluster)"
    instead = f"put back what led to it, or name it under plan: {{unjoin: [{name}]}}"
    return Loss(message=message, target=f"Cluster/{name}", instead=instead)


def lost_zone(federation: FederationSettings, observed: Observed) -> str:
    """The hosted zone that the last update made and this one deletes, "" for none. It stays even without records."""
    settings = federation.dns
    now = federation.zone if settings.provider == "route53" and not settings.zone_id else ""
    return observed.zone_before if observed.zone_before != now else ""


def lost_names(plan: Plan, observed: Observed) -> tuple[str, ...]:
    """The public names of the last update that this one removes, sorted."""
    staying = {record.name for record in plan.records if record.routing is None}
    return tuple(sorted(set(observed.names_before) - staying))


def names(federation: FederationSettings, plan: Plan, observed: Observed) -> Iterable[Loss]:
    """The hosted zone, if it goes; otherwise the names that go without a name above them.

    The names of a region or an availability zone may go as long as the name above them stays, which clients can use.
    """
    if zone := lost_zone(federation, observed):
        message = f"hosted zone {zone} would be deleted with its {len(observed.names_before)} public names; a new zone "
        message += "of that name has other name servers, so the delegation to it breaks (limit: no zone)"
        yield Loss(
            message=message,
            target=f"HostedZone/{zone}",
            instead="put federation.zone and dns: back",
        )
        return
    if federation.plan.unjoin or not all(member.available for member in plan.members):
        return  # a lost member takes its names along, and failing over must not be refused
    staying = [record.name for record in plan.records if record.routing is None]
    heads: dict[str, int] = {}
    for name in sorted(lost_names(plan, observed), key=lambda each: (len(each), each)):
        head = next((each for each in heads if _is_below(name, each)), None)
        if head is not None:
            heads[head] += 1
        elif not any(_is_below(name, each) for each in staying):
            heads[name] = 0
    for name, count in sorted(heads.items()):
        if not _is_of_allowed(name, federation.guard.allow):
            below = f", and {count} below it" if count else ""
            yield Loss(message=f"DNS name {name} would be removed{below} (limit: no name)", target=name)


def _is_below(name: str, other: str) -> bool:
    """Whether ``name`` is a name of a region or zone of the Service whose name is ``other``."""
    service, _, rest = name.partition(_SERVICES)
    above, _, zone = other.partition(_SERVICES)
    return bool(zone) and service == above and rest.endswith(f".{zone}")


def _is_of_allowed(name: str, allowed: Collection[str]) -> bool:
    """Whether ``name``, or the namespace, Service or record document that it belongs to, is allowed to go."""
    if name in allowed:
        return True
    service, namespace, *_ = [*name.partition(_SERVICES)[0].split("."), ""]
    if _SERVICES not in name:
        return False
    documents = {f"{namespace}/{kind}/{service}" for kind in ("Service", "ServiceDNSRecord")}
    return bool({f"Namespace/{namespace}", *documents} & set(allowed))


def _objects_of(definitions: Sequence[ObjectChange], changes: Sequence[ObjectChange]) -> str:
    """A phrase with the number of this stack's objects in the definitions' group and members; "" for none."""
    group = definitions[0].entry.name.partition(".")[2]
    members = {each.member for each in definitions}
    count = sum(
        1
        for each in changes
        if each.member in members and each.change != "create" and each.entry.api_version.partition("/")[0] == group
    )
    return f"; {count} of group {group} are of this stack" if count else ""


def _members(some: Iterable[ObjectChange]) -> list[str]:
    return [each.member for each in some]
