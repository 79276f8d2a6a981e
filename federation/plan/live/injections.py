"""Put injected values into a plan whose digests are made already.

An object that this update changes gets the live values of others (see `injected_values`). An object that nothing
changes keeps those of its last update, so that an injector that renews a bundle, or injects one for the first time,
makes no update. When an injector takes a value away that an update has carried along, the next run shows one update
of that object, which changes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from federation.errors.fault import Fault, Severity
from federation.errors.source import PathKey
from federation.plan.live.injected_values import Injected, is_definition, is_injectable
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import MemberPlan, Plan, PlannedObject
from federation.plan.model.trees import mapping, mappings

__all__ = ["applied", "unread"]

_LOST: Final = "removes the annotations, labels, finalizers and the CA bundle that others own in it"
_OVERRULED: Final = "puts the template's caBundle in the place of an injector's"
_OF_OTHERS: Final = ("annotations", "finalizers", "labels", "ownerReferences")


def applied(
    plan: Plan,
    found: Mapping[str, Injected],
    registered: Mapping[str, Iterable[IndexEntry]],
    updated: Collection[str],
) -> Plan:
    """``plan`` with the values that were ``found``, by logical name; its digests and its index stay as they are.

    ``registered`` is the index of the last update, ``updated`` are objects that change for another reason. An object
    that nothing changes keeps what it has; where it could not be looked at, at all places that others may have.
    """

    def change(each: PlannedObject, unchanged: Collection[str]) -> PlannedObject:
        injected = found.get(each.logical_name)
        manifest = injected.manifest if injected else each.manifest
        if each.logical_name not in unchanged:
            return replace(each, manifest=manifest)
        paths = injected.paths if injected else tuple(_usual(each))
        kept = tuple(_property_path(path) for path in paths)
        return replace(each, manifest=manifest, ignore_changes=(*each.ignore_changes, *kept))

    return replace(plan, members=tuple(_changed(each, registered, updated, change) for each in plan.members))


def unread(
    plan: Plan,
    found: Collection[str],
    registered: Mapping[str, Iterable[IndexEntry]],
    silent: Collection[str],
) -> tuple[Fault, ...]:
    """A warning for each object that this update changes although nobody could read what others have injected."""
    faults = []
    for member in plan.members:
        standing = {each.logical_name for each in registered.get(member.name, ())}
        unchanged = _unchanged(member, registered)
        for each in member.objects if member.name not in silent else ():
            name = each.logical_name
            if name not in standing or name in unchanged or name in found or not is_injectable(each):
                continue
            if any(_usual(each)):
                lost = "the annotations, labels, finalizers and the CA bundle that others own in it"
                does = (
                    f"removes {lost}" if is_definition(each) else "puts the template's caBundle in an injector's place"
                )
                message = f"{name} could not be looked at: this update {does}"
                remedy = f"let whoever deploys list {each.kind} objects; an injector that runs writes its own again"
                faults.append(each.source.fault((), message, remedy, severity=Severity.WARNING))
    return tuple(faults)


def _changed(
    member: MemberPlan,
    registered: Mapping[str, Iterable[IndexEntry]],
    updated: Collection[str],
    change: Callable[[PlannedObject, Collection[str]], PlannedObject],
) -> MemberPlan:
    if not any(is_injectable(each) for each in member.objects):
        return member
    unchanged = _unchanged(member, registered) - set(updated)
    objects = (change(each, unchanged) if is_injectable(each) else each for each in member.objects)
    return replace(member, objects=tuple(objects))


def _unchanged(member: MemberPlan, registered: Mapping[str, Iterable[IndexEntry]]) -> frozenset[str]:
    """The objects that the last update is known to have left as they are planned."""
    before = {(each.logical_name, each.token, each.digest) for each in registered.get(member.name, ())}
    same = (each for each in member.index or () if (each.logical_name, each.token, each.digest) in before)
    return frozenset(each.logical_name for each in same)


def _usual(planned: PlannedObject) -> Iterator[PathKey]:
    """Where others may have injected something, of an object that could not be looked at."""
    if is_definition(planned):
        yield from (("metadata", name) for name in _OF_OTHERS)
        yield ("spec", "conversion")
    elif "caBundle" in mapping(planned.manifest.get("spec")):
        yield ("spec", "caBundle")
    for index, each in enumerate(mappings(planned.manifest.get("webhooks"))):
        if "caBundle" in mapping(each.get("clientConfig")):
            yield ("webhooks", index, "clientConfig", "caBundle")


def _property_path(place: PathKey) -> str:
    """A path as Pulumi's engine reads it: keys with a dot or a slash in brackets."""
    text = ""
    for key in place:
        if isinstance(key, int):
            text += f"[{key}]"
        elif key.replace("_", "").isalnum():
            text += f".{key}" if text else key
        else:
            text += '["' + key.replace('"', '\\"') + '"]'
    return text
