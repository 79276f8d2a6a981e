"""Check the inputs of a resource against its table, and fill in defaults.

It is strict on purpose: a property that is silently ignored here would behave differently on AWS.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.plugins.aws.comparing import has_unknown
from sandbox.plugins.aws.differ import DEFAULTS_KEY
from sandbox.plugins.aws.naming import NameFaultError, name_fault, name_from
from sandbox.plugins.aws.schema import Kind, Property, ResourceType, Tree
from sandbox.plugins.properties import UNKNOWN

_INTERNAL = (DEFAULTS_KEY, "__meta", "__internal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of one property."""

    property: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """The engine's input for naming: the logical name, its random seed, and its own proposal, if any."""

    logical: str
    seed: bytes
    proposed: str = ""
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The inputs as they go into state, and every fault found."""

    inputs: Tree
    faults: tuple[Fault, ...]


def check(kind: ResourceType, old: Tree, new: Tree, naming: Naming, default_tags: Mapping[str, str]) -> Checked:
    """Check a program's inputs, fill in defaults, names and the provider's default tags."""
    inputs = {key: value for key, value in new.items() if key not in _INTERNAL and value is not None}
    faults = list(_faults(kind.properties, inputs, ()))
    filled: list[str] = []
    for name, prop in kind.properties.items():
        if prop.kind is Kind.DOCUMENT and isinstance(inputs.get(name), dict | list):
            inputs[name] = UNKNOWN if has_unknown(inputs[name]) else json.dumps(inputs[name])
        if prop.default is not None and name not in inputs:
            inputs[name] = prop.default
            filled.append(name)
    if default_tags and "tags" in kind.properties and inputs.get("tags") is not UNKNOWN:
        inputs["tags"] = {**default_tags, **inputs.get("tags", {})}
    if kind.autoname is not None:
        faults += _name(kind, old, inputs, naming, filled)
    if not faults:
        faults += [Fault(property=name, reason=reason) for name, reason in kind.check(inputs)]
    inputs[DEFAULTS_KEY] = sorted(filled)
    return Checked(inputs=inputs, faults=tuple(faults))


def _name(kind: ResourceType, old: Tree, inputs: Tree, naming: Naming, filled: list[str]) -> Iterator[Fault]:
    assert kind.autoname is not None  # noqa: S101 - the caller looked
    rule = kind.autoname
    given = inputs.get(rule.property)
    if given is not None:
        if given is not UNKNOWN and (fault := name_fault(rule, str(given))):
            yield Fault(property=rule.property, reason=f"{given!r} {fault}")
        return
    prefix = f"{rule.property}Prefix" if rule.property != "bucket" else "bucketPrefix"
    if inputs.get(prefix):
        return
    if naming.disabled:
        yield Fault(property=rule.property, reason="is required, because automatic naming is disabled")
        return
    filled.append(rule.property)
    if rule.property in old.get(DEFAULTS_KEY, ()) and old.get(rule.property):
        inputs[rule.property] = old[rule.property]
        return
    try:
        inputs[rule.property] = naming.proposed or name_from(rule, naming.logical, naming.seed)
    except NameFaultError as fault:
        yield Fault(property=rule.property, reason=str(fault))


def _faults(properties: Mapping[str, Property], inputs: Tree, path: tuple[str, ...]) -> Iterator[Fault]:
    for key, value in inputs.items():
        place = ".".join((*path, key))
        prop = properties.get(key)
        if prop is None:
            known = ", ".join(sorted(properties)) or "none"
            yield Fault(property=place, reason=f"is not known to the sandbox's stand-in for aws; known are: {known}")
        else:
            yield from _value_faults(prop, value, (*path, key))
    for key, prop in properties.items():
        if prop.required and inputs.get(key) is None:
            yield Fault(property=".".join((*path, key)), reason="is required")


def _value_faults(prop: Property, value: Any, path: tuple[str, ...]) -> Iterator[Fault]:
    if value is UNKNOWN or value is None:
        return
    if not _fits(prop.kind, value):
        what = f"must be {prop.kind.value} and is {json.dumps(value, default=repr)}"
        yield Fault(property=".".join(path), reason=what)
    elif prop.kind is Kind.BLOCK:
        yield from _faults(prop.fields, value, path)
    elif prop.kind is Kind.BLOCKS:
        for item in value:
            if item is not UNKNOWN:
                yield from _faults(prop.fields, item, path)


def _fits(kind: Kind, value: Any) -> bool:
    match kind:
        case Kind.TEXT | Kind.DOMAIN:
            return isinstance(value, str | int | float | bool)
        case Kind.NUMBER:
            text = str(value).removeprefix("-")
            return not isinstance(value, bool) and text.replace(".", "", 1).isdigit()
        case Kind.FLAG:
            return isinstance(value, bool) or value in ("true", "false")
        case Kind.DOCUMENT:
            return isinstance(value, str | dict | list)
        case Kind.LABELS | Kind.BLOCK:
            return isinstance(value, dict)
        case Kind.TEXTS:
            return isinstance(value, list)
        case Kind.BLOCKS:
            return isinstance(value, list) and all(item is UNKNOWN or isinstance(item, dict) for item in value)
