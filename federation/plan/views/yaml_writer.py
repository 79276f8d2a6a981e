"""Write YAML that every parser reads in the same way. All YAML of this project is written here.

Text that some parser takes for a number or a boolean (``1e3``, ``08``, ``y``) is quoted: PyYAML follows YAML 1.1
strictly, kubectl's parser does not. Lines are never folded, and aliases are never written.

Manifests of one workload share most of their parts, and their keys are sorted. The text of a part is made once, and
cached by the identity of the value. For members that differ in one number, only that number is written again and the
texts are joined.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import yaml

from federation.api.model.secrets import SecretLiteral

__all__ = ["Writer", "text_of"]

_NUMBER_LIKE: Final = re.compile(
    r"[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9_]+)?$|[-+]?0[oOxXbB][0-9a-fA-F_]+$"
)
_TRUTH_LIKE: Final = re.compile(r"[yYnN]$")
_SHORT: Final = (str, int, bool, type(None))
_LONGEST_SHORT: Final = 200  # characters; longer texts rarely repeat, so they are not cached
_NESTED: Final = (Mapping, list, tuple)
_LONGEST_KEY: Final = 100  # characters; PyYAML writes longer keys over several lines
_WIDTH: Final = 1 << 30
_LINE: Final = re.compile(r"^(?=[^\n])", re.MULTILINE)


class _Dumper(yaml.CSafeDumper):
    """PyYAML's C dumper, with the rules above."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 -- PyYAML's signature
        return True


def _mapping(dumper: _Dumper, value: Mapping[Any, Any]) -> yaml.Node:
    return dumper.represent_dict(dict(value))


def _text(dumper: _Dumper, value: str) -> yaml.Node:
    style = None
    if "\n" in value:
        # In these cases a block would need an indentation or chomping indicator.
        style = '"' if value[0].isspace() or value.endswith("\n\n") else "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _secret(dumper: _Dumper, value: SecretLiteral) -> yaml.Node:
    return _text(dumper, value.reveal())


_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER_LIKE, list("-+.0123456789"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", _TRUTH_LIKE, list("yYnN"))
_Dumper.add_representer(str, _text)
_Dumper.add_representer(MappingProxyType, _mapping)


class _RevealingDumper(_Dumper):
    """Writes the values of secret literals, for files that only their owner may read."""


_RevealingDumper.add_representer(SecretLiteral, _secret)


def text_of(tree: Any, *, sort_keys: bool = False, dumper: type[_Dumper] = _Dumper) -> str:
    """``tree`` as one document, with its keys in their own order unless they are sorted."""
    text: str = yaml.dump(
        tree, Dumper=dumper, sort_keys=sort_keys, allow_unicode=True, default_flow_style=False, width=_WIDTH
    )
    return text


class Writer:
    """Writes manifests; a part that several manifests share is written once.

    Without ``reveal`` a secret value raises ``yaml.representer.RepresenterError``. With it, secret literals are
    written, and a reference still raises.
    """

    def __init__(self, *, reveal: bool = False) -> None:
        self._dumper = _RevealingDumper if reveal else _Dumper
        # Values are kept with their texts, so that no other value can get the same id. A part that has occurred only
        # once has no text here: most never occur again, and a hundred thousand texts would fill the memory.
        self._texts: dict[tuple[int, int], tuple[Any, str]] = {}
        self._short_texts: dict[tuple[int, str | None, type, Any], str] = {}

    def text(self, manifest: Mapping[str, Any]) -> str:
        """The whole manifest, one document, with a line feed at its end."""
        return self._entries(manifest, 0)

    def _entries(self, value: Mapping[str, Any], depth: int) -> str:
        return "".join([self._entry(key, value[key], depth) for key in sorted(value)])

    def _entry(self, key: str, value: Any, depth: int) -> str:
        """``key: value`` in block style, at ``depth`` levels of indentation."""
        if not value or not isinstance(value, _NESTED) or len(key) > _LONGEST_KEY:
            return self._leaf(key, value, depth)
        # A list stands below its key without indentation.
        inner = depth if isinstance(value, list | tuple) else depth + 1
        return self._head(key, depth) + self._block(value, inner)

    def _block(self, value: Any, depth: int) -> str:
        """The lines of a mapping or a list that is not empty."""
        place = (depth, id(value))
        cached = self._texts.get(place)
        if cached is not None and cached[1]:
            return cached[1]
        if isinstance(value, Mapping):
            text = self._entries(value, depth)
        else:
            text = "".join([self._item(item, depth) for item in value])
        self._texts[place] = (value, text if cached is not None else "")
        return text

    def _item(self, value: Any, depth: int) -> str:
        if not value or not isinstance(value, _NESTED):
            return self._leaf(None, value, depth)
        # The first line of an item follows its dash.
        return f"{'  ' * depth}- " + self._block(value, depth + 1)[2 * depth + 2 :]

    def _head(self, key: str, depth: int) -> str:
        token = (depth, key, Mapping, None)
        if token not in self._short_texts:
            self._short_texts[token] = self._dumped({key: 0}, depth)[: -len(" 0\n")] + "\n"
        return self._short_texts[token]

    def _leaf(self, key: str | None, value: Any, depth: int) -> str:
        """An entry without nested values: ``key: value``, or ``- value`` in a list."""
        tree = [value] if key is None else {key: value}
        if not isinstance(value, _SHORT) or (isinstance(value, str) and len(value) > _LONGEST_SHORT):
            return self._dumped(tree, depth)
        token = (depth, key, type(value), value)
        if token not in self._short_texts:
            self._short_texts[token] = self._dumped(tree, depth)
        return self._short_texts[token]

    def _dumped(self, tree: Any, depth: int) -> str:
        text = text_of(tree, sort_keys=True, dumper=self._dumper)
        return _LINE.sub("  " * depth, text) if depth else text
