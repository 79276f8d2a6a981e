"""Explain the errors of a text that is not YAML or JSON.

libyaml's own words are kept only where they are plain. The text itself is never repeated: it may contain a secret.
"""

from dataclasses import dataclass
from typing import Final

import yaml
from yaml.reader import ReaderError

__all__ = ["SyntaxFault", "explain"]

EXPLAINED: Final = (
    (
        "mapping values are not allowed",
        "a key does not fit here: wrong indentation, or a second ': ' in one value",
        "indent it like the keys beside it, or put the value in quotes",
    ),
    (
        "did not find expected key",
        "this does not fit the mapping that starts on line {context}: wrong indentation, or a quote too many",
        "indent it like the keys beside it, or put the value in quotes",
    ),
    (
        "did not find expected '-' indicator",
        "this does not fit the list that starts on line {context}",
        "indent every '- ' of a list alike",
    ),
    ("could not find expected ':'", "a key without ':' (it starts on line {context})", "write key: value"),
    (
        "found unexpected end of stream",
        "the quoted text that starts on line {context} never ends",
        "close it with the same quote",
    ),
    (
        "found unexpected document indicator",
        "the quoted text that starts on line {context} does not end before '---'",
        "close it with the same quote",
    ),
    ("did not find expected ',' or ']'", "the list that starts on line {context} does not end", "close it with ']'"),
    ("did not find expected ',' or '}'", "the mapping that starts on line {context} does not end", "close it with '}'"),
    (
        "found undefined alias",
        "an alias (*name) to an anchor that this document does not have",
        "write &name where the value first occurs, or put a value that starts with '*' in quotes",
    ),
    ("alphabetic or numeric character", "'*' or '&' without a name", 'put the value in quotes: "*"'),
    ("unknown escape character", "a backslash that escapes nothing", "use single quotes, or write \\\\"),
    ("block sequence entries are not allowed", "'- ' is not allowed here", "start the list on a line of its own"),
    (
        "did not find expected node content",
        "a value is missing here: a '[' or '{{' before it is not closed, or a ']', '}}' or ',' is one too many",
        "close what is open, or put the value in quotes",
    ),
    ("did not find expected <document start>", "a second document starts here", "put '---' on a line before it"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxFault:
    """Line and column, from 1, with the message and the remedy."""

    line: int
    column: int
    message: str
    remedy: str = ""


def explain(error: yaml.YAMLError, text: str, first: int) -> SyntaxFault:
    """Explain ``error``, raised for the part ``text`` of a file that starts on line ``first``."""
    if isinstance(error, ReaderError):
        return _unreadable(error, text, first)
    if not isinstance(error, yaml.MarkedYAMLError):
        return SyntaxFault(line=first, column=1, message="this is not YAML")
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    message, remedy = _message_and_remedy(error, first)
    if _tab_at(text, line, column):
        message, remedy = "this is a tab, and YAML is indented with spaces only", "replace it with spaces"
    elif "cannot start any token" in (error.problem or ""):
        message, remedy = "a value cannot start with this character", "put it in quotes"
    elif (directive := _directive_at_end(text, line)) is not None:
        line, column = directive, 0
        message, remedy = "a line such as %YAML is read only before the first document of a file", "remove this line"
    return SyntaxFault(line=first + line, column=column + 1, message=message, remedy=remedy)


def _message_and_remedy(error: yaml.MarkedYAMLError, first: int) -> tuple[str, str]:
    problem = error.problem or "this is not YAML"
    start = error.context_mark or error.problem_mark
    context = first + (start.line if start is not None else 0)
    for part, message, remedy in EXPLAINED:
        if part in problem:
            return message.format(context=context), remedy
    return f"{error.context}: {problem}" if error.context else problem, ""


def _tab_at(text: str, line: int, column: int) -> bool:
    lines = text.split("\n")
    if line >= len(lines):
        return False
    blank = lines[line][: column + 1]
    return "\t" in blank and not blank.strip()


def _directive_at_end(text: str, line: int) -> int | None:
    """The line, from 0, of a directive at the end of ``text``, if the error on ``line`` comes after it."""
    lines = text.split("\n")
    content = [number for number, each in enumerate(lines) if each.strip() and not each.startswith("#")]
    return content[-1] if content and content[-1] < line and lines[content[-1]].startswith("%") else None


def _unreadable(error: ReaderError, text: str, first: int) -> SyntaxFault:
    before = text.encode("utf-8", "surrogatepass")[: error.position].decode("utf-8", "ignore")
    line, column = before.count("\n"), len(before) - before.rfind("\n")
    return SyntaxFault(
        line=first + line,
        column=column,
        message="a character that YAML does not allow (a control character)",
        remedy='remove it, or write it as an escape in double quotes, such as "\\u0007"',
    )
