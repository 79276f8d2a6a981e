"""Put injected values into a plan after its digests are computed.

An object that this update changes gets the live values of other managers (see `injected_values`). An unchanged object
keeps those of its last update. So an injector causes no update when it renews a bundle, or injects one for the first
time. When an injector removes a value that an earlier update has sent, the next run shows one update of that object,
which changes nothing.
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
_OVERRULED: Final = "puts the template's caBundle in an injector's place"
_OF_OTHERS: Final = ("annotations", "finalizers", "labels", "ownerReferences")


def applied(
    plan: Plan,
    injected: Mapping[str, Injected],
    registered: Mapping[str, Iterable[IndexEntry]],
    updated: Collection[str],
) -> Plan:
    """``plan`` with the ``injected`` values, by logical name; its digests and its index stay as they are.

    ``registered`` is the index of the last update; ``updated`` are objects that change for another reason. An unchanged
    object keeps its live values. If it could not be read, it keeps them at all paths that others may own.
    """

    def change(each: PlannedObject, unchanged: Collection[str]) -> PlannedObject:
        merged = injected.get(each.logical_name)
        manifest = merged.manifest if merged else each.manifest
        if each.logical_name not in unchanged:
            return replace(each, manifest=manifest)
        paths = merged.paths if merged else tuple(_usual(each))
        kept = tuple(_property_path(path) for path in paths)
        return replace(each, manifest=manifest, ignore_changes=(*each.ignore_changes, *kept))

    return replace(plan, members=tuple(_changed(each, registered, updated, change) for each in plan.members))


def unread(
    plan: Plan,
    injected: Collection[str],
    registered: Mapping[str, Iterable[IndexEntry]],
    unreadable: Collection[str],
) -> tuple[Fault, ...]:
    """A warning for each object that this update changes while its injected values could not be read."""
    warnings = []
    for member in plan.members:
        standing = {each.logical_name for each in registered.get(member.name, ())}
        unchanged = _unchanged(member, registered)
        for each in member.objects if member.name not in unreadable else ():
            name = each.logical_name
            if name not in standing or name in unchanged or name in injected or not is_injectable(each):
                continue
            if any(_usual(each)):
                message = f"{name} could not be looked at: this update {_LOST if is_definition(each) else _OVERRULED}"
                remedy = (
                    f"let the user who deploys list {each.kind} objects; an injector that runs writes its own again"
                )
                warnings.append(each.source.fault((), message, remedy, severity=Severity.WARNING))
    return tuple(warnings)


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
    """The objects whose index entry is the same as at the last update."""
    before = {(each.logical_name, each.token, each.digest) for each in registered.get(member.name, ())}
    same = (each for each in member.index or () if (each.logical_name, each.token, each.digest) in before)
    return frozenset(each.logical_name for each in same)


def _usual(planned: PlannedObject) -> Iterator[PathKey]:
    """The paths where others may have injected values, for an object that could not be read."""
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
