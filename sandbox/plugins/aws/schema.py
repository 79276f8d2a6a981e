"""Describe a resource type of AWS as a table of its properties and five functions.

The table alone decides what `Check` accepts, what `Diff` calls a change and which change replaces the resource. So the
functions contain only calls to AWS. A table lists only what works: a property that the SDK has and the table lacks is
refused by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sandbox.plugins.aws.call import Call

Tree = dict[str, Any]
"""A resource's properties as the program names them, in camelCase."""


class Kind(Enum):
    """The type of a property's value."""

    TEXT = "text"
    DOMAIN = "a domain name"
    NUMBER = "a number"
    FLAG = "true or false"
    TEXTS = "a list of texts"
    LABELS = "a mapping of texts"
    DOCUMENT = "a JSON document"
    BLOCK = "a mapping"
    BLOCKS = "a list of mappings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property that a program may give.

    `replaces`: AWS cannot change it in place. `computed`: AWS decides when it is not given, so leaving it out is no
    change. `unordered`: a list that is a set. `unread`: what AWS answers is not looked at, because other resources
    write it as well (a security group's inline rules), unless the program gave the property. `fields`: those of a
    block or of each of a list's blocks. `default`: what stands in the inputs when nothing is given.
    """

    kind: Kind = Kind.TEXT
    required: bool = False
    replaces: bool = False
    computed: bool = False
    unordered: bool = False
    unread: bool = False
    default: Any = None
    fields: "Mapping[str, Property]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoName:
    """The property that gets `<logical name>-<7 hex>` when it is not given, and what AWS allows in it."""

    property: str = "name"
    longest: int = 255
    pattern: str = r".+"
    allowed: str = "anything"
    lower: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds that an operation may take when the program sets none: the official plugin's."""

    create: float = 600.0
    update: float = 600.0
    delete: float = 600.0


def accept_anything(_inputs: Tree) -> list[tuple[str, str]]:
    """Return no fault: for types whose table is the whole check."""
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """One type of resource. `name` is its token, such as `aws:ec2/vpc:Vpc`.

    - `create(call, inputs) -> id` returns as soon as AWS has said yes; `settle(call, id, inputs)` then waits until it
      can be used. What goes wrong in `settle` leaves the resource in state.
    - `read(call, id, known) -> properties`, or None when it is gone; `known` is what the state has of it, empty on
      import.
    - `update(call, id, old, new)` gets the inputs before and after; None: nothing can be changed in place.
    - `delete(call, id, state)` returns when it is gone; one that is gone already is no error.
    - `check(inputs) -> [(property, reason)]` says what the table cannot; values may be `UNKNOWN`.
    """

    name: str
    properties: Mapping[str, Property]
    outputs: tuple[str, ...] = ()
    create: "Callable[[Call, Tree], str]"
    read: "Callable[[Call, str, Tree], Tree | None]"
    delete: "Callable[[Call, str, Tree], None]"
    update: "Callable[[Call, str, Tree, Tree], None] | None" = None
    settle: "Callable[[Call, str, Tree], None] | None" = None
    check: Callable[[Tree], list[tuple[str, str]]] = accept_anything
    autoname: AutoName | None = None
    timeouts: Timeouts = Timeouts()


TAGS: Final = Property(kind=Kind.LABELS)
REGION: Final = Property(replaces=True, computed=True)


def text(**options: Any) -> Property:
    """A text."""
    return Property(kind=Kind.TEXT, **options)


def domain(**options: Any) -> Property:
    """A domain name: case and a trailing dot are ignored."""
    return Property(kind=Kind.DOMAIN, **options)


def number(**options: Any) -> Property:
    """A number."""
    return Property(kind=Kind.NUMBER, **options)


def flag(**options: Any) -> Property:
    """True or false."""
    return Property(kind=Kind.FLAG, **options)


def texts(**options: Any) -> Property:
    """A list of texts; most of AWS's are sets, so order is ignored unless `unordered=False`."""
    return Property(kind=Kind.TEXTS, **{"unordered": True, **options})


def labels(**options: Any) -> Property:
    """A mapping of texts."""
    return Property(kind=Kind.LABELS, **options)


def document(**options: Any) -> Property:
    """A JSON document, given as text or as a value; equivalent documents are equal."""
    return Property(kind=Kind.DOCUMENT, **options)


def block(fields: Mapping[str, Property], **options: Any) -> Property:
    """A mapping with these fields."""
    return Property(kind=Kind.BLOCK, fields=fields, **options)


def blocks(fields: Mapping[str, Property], **options: Any) -> Property:
    """A list of mappings with these fields; order is ignored unless `unordered=False`."""
    return Property(kind=Kind.BLOCKS, fields=fields, **{"unordered": True, **options})
