"""Convert the engine's property values to plain trees, and back.

Pulumi sends values as protobuf `Struct`s in which secrets, unknown values, assets and references to resources are
marked by signatures. A stand-in works on plain trees of dict, list, str, int, float, bool and None. So secrets are
unwrapped and their places recorded beside the tree, and unknown values become one object, `UNKNOWN`. Pulumi's own
`PropertyValue` was tried first: it leaves unknowns as strings and costs a validated object for every leaf.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

Path = tuple[str | int, ...]
"""Where a value stands in a tree: keys of mappings and indices of lists, from the root."""

SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature of the protocol's, known to all
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_REFUSED: Final = {
    "c44067f5952c0a294b673a41bacd8c17": "an asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
}
_UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS: Final = frozenset(
    {
        _UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
    }
)


_HERE: Final = None
"""The key of a mark that says: the value at this very place is secret."""

_Marks = dict[str | int | None, Any]


class Unknown:
    """A value that is known only after something else has been deployed. There is one: `UNKNOWN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """A resource's properties: the plain tree, where secrets stand in it, and whether it has unknown values."""

    tree: dict[str, Any]
    secrets: frozenset[Path] = frozenset()
    unknown: bool = False

    def __repr__(self) -> str:
        return f"Properties({len(self.tree)} keys, {len(self.secrets)} secrets)"


def decode(properties: struct_pb2.Struct) -> Properties:
    """Read a `Struct` of the engine's.

    Numbers that are whole become int. Raises `ValueError`, naming the place, for assets and archives, which no
    stand-in takes.
    """
    secrets: set[Path] = set()
    unknown: list[Path] = []
    tree = _fields(properties.fields, (), secrets, unknown)
    return Properties(tree=tree, secrets=frozenset(secrets), unknown=bool(unknown))


def encode(tree: Mapping[str, Any], secrets: frozenset[Path] | set[Path] = frozenset()) -> struct_pb2.Struct:
    """Write a tree as a `Struct` of the engine's; None is left out of mappings, as the official plugins do.

    A path in `secrets` that leads nowhere in the tree is ignored. Raises `TypeError` for what is no plain tree.
    """
    marks: _Marks = {}
    for path in secrets:
        _mark(marks, path)
    result = struct_pb2.Struct()
    for key, value in tree.items():
        if value is not None:
            _write(result.fields[key], value, marks.get(key, {}))
    return result


def text(path: Path) -> str:
    """Write a path as Pulumi does: `spec.containers[0].image`, `metadata.labels["app.kubernetes.io/name"]`."""
    written = ""
    for step in path:
        if isinstance(step, int):
            written += f"[{step}]"
        elif any(character in step for character in '."[]'):
            escaped = step.replace('"', '\\"')
            written += f'["{escaped}"]'
        else:
            written += f".{step}" if written else step
    return written


def _fields(
    fields: Mapping[str, struct_pb2.Value], path: Path, secrets: set[Path], unknown: list[Path]
) -> dict[str, Any]:
    return {key: _read(value, (*path, key), secrets, unknown) for key, value in fields.items()}


def _read(value: struct_pb2.Value, path: Path, secrets: set[Path], unknown: list[Path]) -> Any:
    read = _READERS.get(value.WhichOneof("kind"))
    return None if read is None else read(value, path, secrets, unknown)


def _read_string(value: struct_pb2.Value, path: Path, _secrets: set[Path], unknown: list[Path]) -> Any:
    content = value.string_value
    if content in _UNKNOWNS:
        unknown.append(path)
        return UNKNOWN
    return content


def _read_number(value: struct_pb2.Value, _path: Path, _secrets: set[Path], _unknown: list[Path]) -> float:
    number = value.number_value
    return int(number) if number.is_integer() else number


def _read_struct(value: struct_pb2.Value, path: Path, secrets: set[Path], unknown: list[Path]) -> Any:
    fields = value.struct_value.fields
    if SIGNATURE_KEY not in fields:
        return _fields(fields, path, secrets, unknown)
    match signature := fields[SIGNATURE_KEY].string_value:
        case s if s == _SECRET:
            secrets.add(path)
            return _read(fields["value"], path, secrets, unknown)
        case s if s == _OUTPUT:
            if "secret" in fields and fields["secret"].bool_value:
                secrets.add(path)
            if "value" in fields:
                return _read(fields["value"], path, secrets, unknown)
            unknown.append(path)
            return UNKNOWN
        case s if s == _REFERENCE:
            return _read(fields["id" if "id" in fields else "urn"], path, secrets, unknown)
        case _:
            what = _REFUSED.get(signature, f"a value with the unknown signature {signature}")
            raise ValueError(f"{text(path)} is {what}; this stand-in takes plain values only")


def _read_list(value: struct_pb2.Value, path: Path, secrets: set[Path], unknown: list[Path]) -> list[Any]:
    return [_read(item, (*path, index), secrets, unknown) for index, item in enumerate(value.list_value.values)]


_READERS: Final[Mapping[Any, Callable[[struct_pb2.Value, Path, set[Path], list[Path]], Any]]] = {
    "string_value": _read_string,
    "number_value": _read_number,
    "bool_value": lambda value, *_: value.bool_value,
    "struct_value": _read_struct,
    "list_value": _read_list,
}


def _mark(marks: _Marks, path: Path) -> None:
    for step in path:
        marks = marks.setdefault(step, {})
    marks[_HERE] = {}


def _write(target: struct_pb2.Value, value: Any, marks: _Marks) -> None:
    if _HERE in marks:
        fields = target.struct_value.fields
        fields[SIGNATURE_KEY].string_value = _SECRET
        # What is inside a secret is secret already; marking it again would only nest signatures.
        target, marks = fields["value"], {}
    match value:
        case str():
            target.string_value = value
        case bool():
            target.bool_value = value
        case int() | float():
            target.number_value = value
        case None:
            target.null_value = struct_pb2.NULL_VALUE
        case Unknown():
            target.string_value = _UNKNOWN_STRING
        case Mapping() | list() | tuple():
            _write_children(target, value, marks)
        case _:
            raise TypeError(f"{type(value).__name__} is no property value")


def _write_children(target: struct_pb2.Value, value: Any, marks: _Marks) -> None:
    if isinstance(value, Mapping):
        # SetInParent sets the struct, so that an empty mapping stays one.
        target.struct_value.SetInParent()
        fields = target.struct_value.fields
        for key, item in value.items():
            if item is not None:
                _write(fields[key], item, marks.get(key, {}))
        return
    target.list_value.SetInParent()
    for index, item in enumerate(value):
        _write(target.list_value.values.add(), item, marks.get(index, {}))
