"""Tables are laid out so that names stay whole, in pipes and on terminals of any width."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fed.terminal import layout

NAME = "_weighted.web.demo.atlas.svc.ap-northeast-1a.ap-northeast-1.dev.fed.example.com"
ROWS = [("us-east", NAME, "add us-east 6\nadd us-west 6"), ("us-west", "short", "")]
COLUMNS = ("MEMBER", "NAME", "CHANGE")


def laid(width: int | None) -> list[str]:
    return ["".join(cells) for cells in layout.lines(COLUMNS, ROWS, width)]


def test_without_a_width_each_row_is_a_line_and_nothing_trails() -> None:
    lines = laid(None)
    assert lines[0].split() == list(COLUMNS)
    assert lines[1] == f"us-east  {NAME}  add us-east 6"
    assert lines[2].strip() == "add us-west 6"
    assert lines[3] == "us-west  short"
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("width", [20, 40, 80, 100, 120])
def test_no_name_is_broken_over_lines(width: int) -> None:
    assert sum(NAME in line for line in laid(width)) == 1


def test_prose_wraps_between_its_words() -> None:
    why = "it is not gone after 40 s; finalizers left: example.com/block"
    lines = ["".join(cells) for cells in layout.lines(("MEMBER", "WHY"), [("us-east", why)], 40)]
    assert max(map(len, lines)) <= 40
    assert " ".join(" ".join(line.replace("us-east", "").split()) for line in lines[1:]).split() == why.split()


def test_a_row_that_does_not_fit_is_stacked() -> None:
    assert laid(40)[2:] == ["us-east", f"  {NAME}", "  add us-east 6", "  add us-west 6", "us-west", "  short"]


CELLS = st.text(alphabet="ab-. \n", max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=4), st.none() | st.integers(8, 60))
def test_every_word_of_every_cell_is_printed_whole(rows: list[tuple[str, ...]], width: int | None) -> None:
    printed = " ".join(" ".join(cells) for cells in layout.lines(COLUMNS, rows, width)).split()
    words = [word for row in rows for cell in row for word in re.split(r"\s+", cell) if word]
    assert sorted(printed) == sorted([*COLUMNS, *words])
