"""Find the keys of the stack's config that a plan's Secrets refer to.

A missing value is reported with its place before anything is registered; otherwise the update would stop half-way.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from federation.api.model.secrets import SecretReference
from federation.errors.fault import Fault
from federation.plan.model.plan import Plan

__all__ = ["faults_of_missing", "keys", "within"]


def keys(plan: Plan) -> frozenset[str]:
    """The keys that some Secret refers to."""
    return frozenset(key for _, key in _references(plan))


def faults_of_missing(plan: Plan, present: Collection[str], *, given: bool = False) -> tuple[Fault, ...]:
    """A fault for each key that is not among ``present``, at the document that refers to it.

    ``given``: the program passes the values itself (``secrets``), and the stack's config is not read.
    """
    objects = {each.logical_name: each for member in plan.members for each in member.objects}
    found = {
        Fault(
            place=objects[name].source.place(),
            where=f"{objects[name].kind} {objects[name].namespace}/{objects[name].name}",
            message=f"it takes the secret {key!r}, which is not given"
            if given
            else f"it takes a value from the stack's config, and stack {plan.stack} has none under {key!r}",
            remedy=f"add {key!r} to `secrets`" if given else f"pulumi config set --secret {key}",
        )
        for name, key in _references(plan)
        if key not in present
    }
    return tuple(sorted(found))


def _references(plan: Plan) -> Iterator[tuple[str, str]]:
    for member in plan.members:
        sealed = frozenset(member.sealed)
        for each in member.objects:
            if each.logical_name in sealed:
                for reference in within(each.manifest):
                    yield each.logical_name, reference.key


def within(value: Any) -> Iterator[SecretReference]:
    """The references in ``value``, in the order in which they occur."""
    if isinstance(value, SecretReference):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from within(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from within(item)
