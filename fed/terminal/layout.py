"""Lay tables out in plain text, so that every name can be read and copied whole.

A name is never broken over lines. In a narrow terminal, prose wraps between words. In a still narrower one, each row is
stacked: its first cell on a line, the others below it.
"""

import textwrap
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

__all__ = ["fits", "lines"]

GAP = 2  # blanks between columns

Row = Sequence[str]


def fits(columns: Row, rows: Sequence[Row], width: int | None) -> bool:
    """Whether a table fits ``width`` terminal columns without wrapping."""
    return width is None or _total(_natural([columns, *rows])) <= width


def lines(columns: Row, rows: Sequence[Row], width: int | None = None) -> Iterator[tuple[str, ...]]:
    """The lines of a table, header first, each as its padded cells. ``width`` of ``None`` means no limit."""
    table = [tuple(columns), *map(tuple, rows)]
    natural, least = _natural(table), _least(table)
    if width is None or _total(natural) <= width:
        yield from _in_columns(table, natural)
    elif _total(least) <= width:
        yield from _in_columns(table, _shrunk(natural, least, width))
    else:
        yield from _stacked(table, width)


def _natural(table: Sequence[Row]) -> list[int]:
    """By column, the width of its longest line."""
    return [max(_longest(cell.split("\n")) for cell in cells) for cells in zip(*table, strict=True)]


def _least(table: Sequence[Row]) -> list[int]:
    """By column, the width of its longest word; headers are not wrapped."""
    header, *rows = table
    return [
        max([cell_len(name), *(_longest(cell.split()) for cell in cells)])
        for name, *cells in zip(header, *rows, strict=True)
    ]


def _longest(texts: Sequence[str]) -> int:
    return max(map(cell_len, texts), default=0)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _shrunk(natural: list[int], least: Sequence[int], width: int) -> list[int]:
    """Shrink the widest columns first, until the table fits ``width``."""
    widths = list(natural)
    while _total(widths) > width:
        place = max((each for each in range(len(widths)) if widths[each] > least[each]), key=widths.__getitem__)
        widths[place] -= 1
    return widths


def _in_columns(table: Sequence[Row], widths: Sequence[int]) -> Iterator[tuple[str, ...]]:
    for row in table:
        wrapped = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        for number in range(max(map(len, wrapped))):
            cells = [some[number] if number < len(some) else "" for some in wrapped]
            yield tuple(_padded(cells, widths))


def _padded(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Cells padded to their columns, without blanks after the last non-empty one."""
    last = max((place for place, cell in enumerate(cells) if cell), default=-1)
    for place, cell in enumerate(cells[: last + 1]):
        yield cell if place == last else cell + " " * (widths[place] + GAP - cell_len(cell))


def _wrapped(cell: str, width: int) -> list[str]:
    found: list[str] = []
    for line in cell.split("\n"):
        short = cell_len(line) <= width
        found += [line] if short else textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)
    return found


def _stacked(table: Sequence[Row], width: int) -> Iterator[tuple[str, ...]]:
    for first, *others in table:
        yield (first,)
        cells = [line for cell in others for line in cell.split("\n") if line]
        together = (" " * GAP).join(cells)
        if not together:
            continue
        for line in [together] if cell_len(together) + GAP <= width else cells:
            yield (" " * GAP, line)
