"""Print tables for people, JSON and YAML for programs, and messages on standard error."""

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from fed.terminal import layout, markdown_text
from federation.errors.fault import Fault, FederationError, Severity
from federation.plan.model import serialise
from federation.plan.model.serialise import API_VERSION
from federation.plan.views import yaml_writer

__all__ = [
    "OutputFormat",
    "PlanFormat",
    "fits",
    "print_document",
    "print_tree",
    "reporting",
    "say",
    "say_result",
    "table",
    "warn",
]

WIDE = 200  # columns, when the output is not a terminal
_LOST: Final = re.compile(
    r"\b(?:FAILED|NOT in effect|will fail|NOTHING)\b|^(?:REMOVE|remove)\b|(?:^|-> |, |\d )(?:remove|removed|replace)$"
)
_QUARANTINED: Final = re.compile(r"(?:^|\d )quarantined$|\(quarantined\)$|^pending$")


class OutputFormat(StrEnum):
    """The formats of ``--output``."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


class PlanFormat(StrEnum):
    """The formats of ``fed plan --output``: markdown is for the comment on a pull request."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    MARKDOWN = "markdown"


def _console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    # Without emoji: rich would turn a fault's line number, `:100:`, into one.
    made = partial(Console, stderr=stderr, highlight=False, emoji=False)
    if not stream.isatty():
        return made(width=WIDE, color_system=None, force_terminal=False)
    # https://no-color.org: any non-empty value counts. Without a colour system nothing is styled at all.
    return made(color_system=None if os.environ.get("NO_COLOR") else "auto")


def _width(console: Console) -> int | None:
    return console.width if console.is_terminal else None


def fits(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the table fits the terminal without wrapping; always true when there is no terminal."""
    return layout.fits(columns, rows, _width(_console()))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table. Markup in cells is not interpreted; removals and failures stand out."""
    console = _console()
    _write(console, Text(title, style="bold"))
    for number, cells in enumerate(layout.lines(columns, list(rows), _width(console))):
        line = Text()
        for cell in cells:
            line.append(cell, style="bold" if number == 0 else _style(cell.strip()))
        _write(console, line)
    _write(console, Text())


def _write(console: Console, line: Text) -> None:
    # Never wrap here: a line that the terminal wraps is still copied whole.
    console.print(line, soft_wrap=True)


def _style(cell: str) -> str:
    if _LOST.search(cell):
        return "bold red"
    return "yellow" if _QUARANTINED.search(cell) else ""


def print_document(kind: str, tree: Mapping[str, Any], output: OutputFormat) -> None:
    """Print ``tree`` as a document of ``kind``, with its apiVersion."""
    print_tree({"apiVersion": API_VERSION, "kind": kind, **tree}, output)


@contextmanager
def reporting(output: str) -> Iterator[None]:
    """Print the faults that end a command as a document too, when the output format is for programs."""
    try:
        yield
    except FederationError as error:
        faults = getattr(error, "faults", ())
        if faults and output in (OutputFormat.JSON, OutputFormat.YAML):
            print_document("Faults", {"faults": list(map(serialise.fault_tree, faults))}, OutputFormat(output))
        elif faults and output == PlanFormat.MARKDOWN:
            sys.stdout.write("### no plan\n\n" + markdown_text.bullets("Faults", [*map(str, faults)]) + "\n")
        raise


def print_tree(tree: Any, output: OutputFormat) -> None:
    """Print ``tree`` as JSON or YAML, keys sorted."""
    text = (
        json.dumps(tree, indent=2, sort_keys=True) + "\n"
        if output is OutputFormat.JSON
        else yaml_writer.text_of(tree, sort_keys=True)
    )
    sys.stdout.write(text)


def say(message: str, style: str = "") -> None:
    """Print one line on standard error, so that standard output has only the result."""
    _console(stderr=True).print(Text(message, style=style), soft_wrap=True)


def say_result(message: str) -> None:
    """Print one line on standard output: the result of a command."""
    _write(_console(), Text(message, style="bold"))


def warn(faults: Iterable[Fault]) -> None:
    """Print each fault on a line of its own."""
    for fault in faults:
        say(str(fault), "red" if fault.severity is Severity.ERROR else "yellow")
