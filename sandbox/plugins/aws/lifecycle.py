"""Create, read, update and delete a resource of any type.

There is one path for outputs. After a create or an update the resource is read back, and the result is laid over what
the program gave. So a refresh right afterwards finds no difference.
"""

from dataclasses import dataclass

from sandbox.plugins.aws.call import Call
from sandbox.plugins.aws.comparing import matches, normal, overlay, prune
from sandbox.plugins.aws.differ import DEFAULTS_KEY
from sandbox.plugins.aws.schema import Kind, Property, ResourceType, Tree
from sandbox.plugins.properties import UNKNOWN


class UnfinishedError(Exception):
    """The resource exists, but a later step failed; it belongs in state nevertheless."""

    def __init__(self, identifier: str, state: Tree, cause: Exception) -> None:
        super().__init__(str(cause))
        self.identifier = identifier
        self.state = state
        self.cause = cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A resource as AWS has it: its id, its outputs, and its inputs including drift."""

    identifier: str
    state: Tree
    inputs: Tree


def create(kind: ResourceType, call: Call, inputs: Tree) -> tuple[str, Tree]:
    """Create a resource, wait until it can be used, and return its id and outputs.

    Raises `UnfinishedError` when it was made and something after that failed.
    """
    plain = without_internal(inputs)
    identifier = kind.create(call, plain)
    try:
        if kind.settle is not None:
            kind.settle(call, identifier, plain)
        return identifier, _read_back(kind, call, identifier, plain, {})
    except Exception as error:
        raise UnfinishedError(identifier, {**planned(kind, plain, {}, known=True)}, error) from error


def update(kind: ResourceType, call: Call, identifier: str, old: Tree, new: Tree, state: Tree) -> Tree:
    """Change a resource in place and return its outputs.

    Raises `UnfinishedError` when AWS took some of the changes and not others.
    """
    plain = without_internal(new)
    try:
        if kind.update is not None:
            kind.update(call, identifier, without_internal(old), plain)
        if kind.settle is not None:
            kind.settle(call, identifier, plain)
        return _read_back(kind, call, identifier, plain, state)
    except Exception as error:
        raise UnfinishedError(identifier, state, error) from error


def read(kind: ResourceType, call: Call, identifier: str, inputs: Tree, state: Tree) -> Live | None:
    """Return a resource as it is; None when it is gone. On import `inputs` and `state` are empty."""
    properties = {**state, **without_internal(inputs)}
    live = kind.read(call, identifier, properties)
    if live is None:
        return None
    new_id = live.pop("id", identifier)
    fresh = _fresh_inputs(kind, without_internal(inputs), live, importing=not state)
    names = [name for name in inputs.get(DEFAULTS_KEY, []) if name in fresh]
    return Live(
        identifier=new_id,
        state=_state(kind, fresh, live, state),
        inputs={**fresh, DEFAULTS_KEY: names},
    )


def planned(kind: ResourceType, inputs: Tree, state: Tree, *, known: bool = False) -> Tree:
    """Return the outputs of a preview: inputs, unchanged outputs, and `UNKNOWN` for values that AWS decides."""
    plain = without_internal(inputs)
    result: Tree = {}
    for name, prop in kind.properties.items():
        if name in plain:
            result[name] = _planned_value(prop, plain[name], state.get(name), known=known)
        elif prop.computed and (not prop.unread or name in state):
            result[name] = state.get(name, None if known else UNKNOWN)
    for name in kind.outputs:
        result[name] = state.get(name, None if known else UNKNOWN)
    if "tags" in kind.properties:
        result["tagsAll"] = plain.get("tags", {})
    return {name: value for name, value in result.items() if value is not None}


def without_internal(tree: Tree) -> Tree:
    """Return the properties without the plugins' own notes among them."""
    return {key: value for key, value in tree.items() if not key.startswith("__") and value is not None}


def _planned_value(prop: Property, value: object, before: object, *, known: bool) -> object:
    """Fill in a block's computed fields: with their old values, else as unknown."""
    if prop.kind is not Kind.BLOCK or not isinstance(value, dict):
        return value
    old = before if isinstance(before, dict) else {}
    filled = dict(value)
    for name, inner in prop.fields.items():
        if inner.computed and name not in filled:
            filled[name] = old.get(name, None if known else UNKNOWN)
    return filled


def _read_back(kind: ResourceType, call: Call, identifier: str, inputs: Tree, state: Tree) -> Tree:
    live = kind.read(call, identifier, {**state, **inputs})
    if live is None:
        raise RuntimeError(f"{kind.name} {identifier} is gone right after AWS said that it is there")
    live.pop("id", None)
    return _state(kind, inputs, live, state)


def _state(kind: ResourceType, inputs: Tree, found: Tree, before: Tree) -> Tree:
    state: Tree = {}
    for name, prop in kind.properties.items():
        if prop.unread and name not in inputs:
            continue
        value = overlay(prop, inputs.get(name), found.get(name))
        # An empty value that the program did not give counts as absent, as in the preview.
        if name in inputs or prop.computed or normal(prop, value) is not None:
            state[name] = value
    for name in kind.outputs:
        state[name] = found.get(name, before.get(name))
    if "tags" in kind.properties:
        state["tagsAll"] = found.get("tags") or {}
    return {name: value for name, value in state.items() if value is not None}


def _fresh_inputs(kind: ResourceType, given: Tree, found: Tree, *, importing: bool) -> Tree:
    """Return the inputs as AWS has them: the given form where they agree, else AWS's value."""
    fresh: Tree = {}
    for name, prop in kind.properties.items():
        value, live = given.get(name), found.get(name)
        if name not in found:  # a property that AWS does not return
            fresh[name] = value if value is not None or not importing else prop.default
        elif value is None:
            wanted = importing or not (prop.computed or prop.unread)
            if prop.kind is Kind.BLOCK and not importing:
                live = prune(prop, {}, live)
            fresh[name] = live if wanted and normal(prop, live) is not None else None
        elif matches(prop, value, live):
            fresh[name] = value
        else:
            fresh[name] = prune(prop, value, live)
    return {name: value for name, value in fresh.items() if value is not None}
