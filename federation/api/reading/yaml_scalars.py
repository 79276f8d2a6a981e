"""Read YAML scalars as Kubernetes does: ``yes`` is true, ``0644`` is 420, ``12:30`` is text.

libyaml parses and composes; only the choice of types is ours. PyYAML's own rules turn ``12:30`` into 750 and a date
into an object, which no Kubernetes tool does. Depth is limited here: libyaml's recursion would end the process.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml
from yaml._yaml import CParser

__all__ = ["BOOL", "FLOAT", "INT", "MAP", "MAX_DEPTH", "MERGE", "NULL", "SEQ", "STR", "compose", "scalar"]

PREFIX: Final = "tag:yaml.org,2002:"
STR, INT, FLOAT, BOOL, NULL, MERGE, MAP, SEQ = (
    PREFIX + name for name in ("str", "int", "float", "bool", "null", "merge", "map", "seq")
)
MAX_DEPTH: Final = 200
MAX_INT: Final = 2**64

TRUE: Final = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
FALSE: Final = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
EMPTY: Final = frozenset({"", "~", "null", "Null", "NULL"})
WORDS: Final[dict[str, str]] = {
    **dict.fromkeys(TRUE | FALSE, BOOL),
    **dict.fromkeys(EMPTY, NULL),
    "<<": MERGE,
}
NUMERIC: Final = frozenset("+-.0123456789")
INTEGER = re.compile(r"[-+]?(?:0b[01][01_]*|0o[0-7][0-7_]*|0[0-7_]+|0x[0-9a-fA-F][0-9a-fA-F_]*|0|[1-9][0-9_]*)\Z")
DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+][0-9]+)?\Z")
UNLIMITED = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")


def _tag(text: str) -> str:
    """The type of an unquoted scalar."""
    word = WORDS.get(text)
    if word is not None:
        return word
    if text[0] not in NUMERIC:
        return STR
    if INTEGER.match(text):
        return INT
    return FLOAT if DECIMAL.match(text) or UNLIMITED.match(text) else STR


class _Parser(CParser):
    """libyaml's parser and composer, with Kubernetes' types and a limit on depth."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: Any) -> str:
        if kind is yaml.ScalarNode:
            return _tag(value or "") if implicit[0] else STR
        return MAP if kind is yaml.MappingNode else SEQ

    def descend_resolver(self, parent: yaml.Node | None, _index: object) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH and parent is not None:
            raise yaml.MarkedYAMLError(problem=f"nested deeper than {MAX_DEPTH} levels", problem_mark=parent.start_mark)

    def ascend_resolver(self) -> None:
        self.depth -= 1


def compose(text: str) -> Iterator[yaml.Node]:
    """The root nodes of the documents of ``text``; raises ``yaml.YAMLError`` at the first error."""
    parser = _Parser(text)
    while parser.check_node():
        node = parser.get_node()
        if node is not None:
            yield node


def scalar(tag: str, text: str) -> object:
    """The value of a scalar: ``str``, ``int``, ``float``, ``bool`` or ``None``.

    Raises ``ValueError`` when the text does not fit its tag, or when JSON has no such value. The reason never contains
    the text.
    """
    if tag in (STR, MERGE):
        return text
    if tag == NULL and text in EMPTY:
        return None
    if tag == BOOL and text in TRUE | FALSE:
        return text in TRUE
    if tag == INT and INTEGER.match(text):
        return _integer(text.replace("_", ""))
    if tag in (INT, FLOAT) and (DECIMAL.match(text) or INTEGER.match(text)):
        return float(text.replace("_", ""))
    raise ValueError(
        "infinity and 'not a number' cannot be sent to Kubernetes"
        if tag == FLOAT
        else "this YAML tag is not known here, or does not fit its value"
    )


def _integer(text: str) -> int:
    sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
    if len(digits) > 1 and digits[0] == "0" and digits[1] in "01234567":
        digits = "0o" + digits[1:]  # 0644, a file's mode
    if len(digits) > 70 or (number := int(digits, 0)) >= MAX_INT:
        raise ValueError("a whole number of more than 64 bits cannot be sent to Kubernetes")
    return -number if sign == "-" else number
