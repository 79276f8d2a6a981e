"""How commands speak: tables where people look, JSON and YAML where programs read, messages on standard error."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table
from rich.text import Text

from federation.errors import Fault

__all__ = ["OutputFormat", "print_tree", "say", "table", "warn"]

WIDE = 200  # columns, where nobody's terminal sets a limit


class OutputFormat(StrEnum):
    """The formats of ``--output``."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def _console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    # Without emoji: the lines and columns of faults, `:100:`, would become some.
    made = partial(Console, stderr=stderr, highlight=False, emoji=False)
    if not stream.isatty():
        return made(width=WIDE, color_system=None, force_terminal=False)
    # https://no-color.org: whatever the value, but not an empty one. Without a colour system nothing is styled at all.
    return made(color_system=None if os.environ.get("NO_COLOR") else "auto")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; numbers are not aligned apart, since columns are short. Markup in cells is not interpreted."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    console = _console()
    console.print(made)
    console.print()


def print_tree(tree: Any, output: OutputFormat) -> None:
    """Print ``tree`` as JSON or YAML, keys sorted."""
    text = (
        json.dumps(tree, indent=2, sort_keys=True) + "\n"
        if output is OutputFormat.JSON
        else yaml.safe_dump(tree, sort_keys=True, allow_unicode=True)
    )
    sys.stdout.write(text)


def say(message: str) -> None:
    """One line, on standard error, so that standard output stays what was asked for."""
    _console(stderr=True).print(message, markup=False, soft_wrap=True)


def warn(faults: Iterable[Fault]) -> None:
    """Each fault on a line of its own."""
    for fault in faults:
        say(str(fault))
