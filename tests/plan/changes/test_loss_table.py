"""Ordinary edits that remove something are refused, or pass for a reason; `docs/safety.md` lists them."""

import pytest

from tests.plan.changes.loss_table import PAGE, ROWS, Row, page, refusals


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.kind}: {row.edit}") for row in ROWS])
def test_the_guard_says_what_the_page_says(row: Row) -> None:
    assert bool(refusals(row)) is row.is_refused


def test_the_page_lists_every_edit() -> None:
    assert len(ROWS) > 100
    assert len({(row.kind, row.edit) for row in ROWS}) == len(ROWS)
    assert PAGE.read_text(encoding="utf-8") == page(), "write it again: python -m tests.plan.changes.loss_table"
