"""How does a manifest stand in a YAML file, so that the file reads the same everywhere?

Text that some other reader takes for a number or a truth (``1e3``, ``08``, ``y``) is quoted: PyYAML follows YAML 1.1 to
the letter, kubectl's parser does not. Keys are sorted, lines are never folded, and nothing is written as an alias.

Manifests of one workload share most of their parts: the text of a part is made once, and known again by the identity
of the value. Members that differ in one number cost that number and the joining of texts.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import yaml

from federation.api.secrets import SecretLiteral

__all__ = ["Writer"]

_NUMBER_LIKE: Final = re.compile(
    r"[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9_]+)?$|[-+]?0[oOxXbB][0-9a-fA-F_]+$"
)
_TRUTH_LIKE: Final = re.compile(r"[yYnN]$")
# What is inside of these is looked at key by key: there members differ, and everything around it is shared.
_OPENED: Final = frozenset({"metadata", "spec"})
_SHORT: Final = (str, int, bool, type(None))
_FEW: Final = 16
_WIDTH: Final = 1 << 30
_LINE: Final = re.compile(r"^(?=[^\n])", re.MULTILINE)


class _Dumper(yaml.CSafeDumper):
    """PyYAML's C dumper, with the habits above."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 -- PyYAML asks so
        return True


def _mapping(dumper: _Dumper, value: Mapping[Any, Any]) -> yaml.Node:
    return dumper.represent_dict(dict(value))


def _text(dumper: _Dumper, value: str) -> yaml.Node:
    style = None
    if "\n" in value:
        # Elsewhere a block would need marks that end the document, or that count spaces.
        style = '"' if value[0].isspace() or value.endswith("\n\n") else "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _secret(dumper: _Dumper, value: SecretLiteral) -> yaml.Node:
    return _text(dumper, value.reveal())


_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER_LIKE, list("-+.0123456789"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", _TRUTH_LIKE, list("yYnN"))
_Dumper.add_representer(str, _text)
_Dumper.add_representer(MappingProxyType, _mapping)


class _RevealingDumper(_Dumper):
    """Writes the values of secret literals: for files that are for their owner's eyes alone."""


_RevealingDumper.add_representer(SecretLiteral, _secret)


class Writer:
    """Writes manifests, each part once however many manifests share it.

    Without ``reveal`` a secret value is an error (``yaml.representer.RepresenterError``), never text; with it, secret
    literals are written, and a reference is an error still.
    """

    def __init__(self, *, reveal: bool = False) -> None:
        self._dumper = _RevealingDumper if reveal else _Dumper
        # Values are kept beside their texts, so that no other one can get their ids meanwhile.
        self._known: dict[tuple[str, int], tuple[Any, str]] = {}
        self._small: dict[tuple[str, type, Any], str] = {}

    def text(self, manifest: Mapping[str, Any]) -> str:
        """The whole manifest, one document, with a line feed at its end."""
        return "".join(self._part(key, manifest[key]) for key in sorted(manifest))

    def _part(self, key: str, value: Any) -> str:
        if key in _OPENED and isinstance(value, Mapping) and value:
            return f"{key}:\n" + "".join(self._entry(name, value[name], inner=True) for name in sorted(value))
        return self._entry(key, value)

    def _entry(self, key: str, value: Any, *, inner: bool = False) -> str:
        """``key: value`` in block style, indented when it stands one level down."""
        shown = f"  {key}" if inner else key
        small = _small(value)
        if small is not None:
            token = (shown, type(value), small)
            if token not in self._small:
                self._small[token] = self._dumped(key, value, inner=inner)
            return self._small[token]
        known = self._known.get((shown, id(value)))
        if known is None:
            known = self._known[shown, id(value)] = (value, self._dumped(key, value, inner=inner))
        return known[1]

    def _dumped(self, key: str, value: Any, *, inner: bool) -> str:
        text: str = yaml.dump(
            {key: value},
            Dumper=self._dumper,
            sort_keys=True,
            allow_unicode=True,
            default_flow_style=False,
            width=_WIDTH,
        )
        return _LINE.sub("  ", text) if inner else text


def _small(value: Any) -> Any:
    """What a small value is known by: scalars, and labels, which are made anew for each manifest and mostly equal."""
    if isinstance(value, _SHORT):
        return (value,)
    if type(value) is dict and len(value) <= _FEW and all(type(item) is str for item in value.values()):
        return tuple(value.items())
    return None
