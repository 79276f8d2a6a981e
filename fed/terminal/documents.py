"""Write documents as YAML that every YAML reader understands in the same way.

Strings that YAML 1.1, YAML 1.2 or Go's reader could take for a number are quoted. Texts of several lines are block
scalars. Keys are in the order in which people write them.
"""

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

__all__ = ["text", "write_file", "write_out"]

FIRST: Final = ("apiVersion", "kind", "metadata", "domain", "spec")
NUMBERLIKE = re.compile(r"[-+.0-9]")
WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"})
OWNER_ONLY: Final = 0o600
EVERYONES: Final = 0o666  # less the umask


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 (the library's signature)
        return True


def _string(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    if "\n" in value:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|")
    quoted = bool(NUMBERLIKE.match(value)) or value.lower() in WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if quoted else None)


def _mapping(dumper: yaml.SafeDumper, value: dict[str, Any]) -> yaml.MappingNode:
    keys = [key for key in FIRST if key in value] if "apiVersion" in value and "kind" in value else []
    ordered = {key: value[key] for key in [*keys, *(key for key in value if key not in keys)]}
    return dumper.represent_mapping("tag:yaml.org,2002:map", ordered.items())


_Dumper.add_representer(str, _string)
_Dumper.add_representer(dict, _mapping)


def text(documents: Iterable[Any]) -> str:
    """The documents as YAML, with a divider before each but the first."""
    parts = (
        yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120) for document in documents
    )
    return "---\n".join(parts)


def write_out(written: str) -> None:
    """Print it."""
    sys.stdout.write(written)


def write_file(path: Path, written: str | bytes, *, private: bool = False, new: bool = False) -> None:
    """Write a file and its parent folders; with ``private``, only its owner can read it, from the first byte on.

    With ``new``, an existing path, even a link to another file, is a ``FileExistsError``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | (os.O_EXCL if new else os.O_TRUNC)
    descriptor = os.open(path, flags, OWNER_ONLY if private else EVERYONES)
    with os.fdopen(descriptor, "wb") as file:
        if private:
            os.fchmod(descriptor, OWNER_ONLY)
        file.write(written.encode() if isinstance(written, str) else written)
