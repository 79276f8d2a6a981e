"""Write Markdown for a pull request comment: bounded length, and no markup from the data."""

from collections.abc import Iterator, Sequence

__all__ = ["bullets", "inline", "table"]

ROWS = 100  # of one table or list
LINE = 400  # characters of one line in a list
_ESCAPED = {ord(mark): f"&#{ord(mark)};" for mark in "<@|&"} | {ord(mark): f"\\{mark}" for mark in "\\`*_[]~"}


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; of very many rows the first ones and a count."""
    yield f"| {' | '.join(columns)} |"
    yield "|" + "---|" * len(columns)
    for row in rows[:ROWS]:
        yield f"| {' | '.join(map(inline, row))} |"
    if len(rows) > ROWS:
        yield f"\nand {len(rows) - ROWS} more"


def bullets(title: str, lines: Sequence[str]) -> str:
    """A list under a title; of very many lines the first ones and a count."""
    more = [f"- and {len(lines) - ROWS} more"] if len(lines) > ROWS else []
    return "\n".join([f"**{title}**", "", *(f"- {inline(line)}" for line in lines[:ROWS]), *more])


def inline(line: str) -> str:
    """``line`` escaped for Markdown: it can start no markup, no mention and no table cell."""
    cut = line if len(line) <= LINE else f"{line[:LINE]}..."
    return " ".join(cut.translate(_ESCAPED).split())
