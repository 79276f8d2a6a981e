"""A user's own program gets the same refusals as the stacks' program: both use the same check."""

import pytest

from federation.components import safety
from federation.errors.fault import FaultsFoundError
from tests.plan.changes.loss_table import ROWS, Row, compared

REFUSED = [row for row in ROWS if row.is_refused]
PASSED = [row for row in ROWS if not row.is_refused]


def ids(row: Row) -> str:
    return f"{row.kind}: {row.edit}"


@pytest.mark.parametrize("row", REFUSED, ids=ids)
def test_an_edit_that_the_page_calls_refused_ends_any_program(row: Row) -> None:
    with pytest.raises(FaultsFoundError, match="eks-federation:"):
        safety.check(*compared(row), {}, ())


@pytest.mark.parametrize("row", PASSED, ids=ids)
def test_an_edit_that_passes_ends_none(row: Row) -> None:
    safety.check(*compared(row), {}, ())


def test_the_environment_opens_the_guard_for_one_target() -> None:
    (row,) = (each for each in REFUSED if each.kind == "PersistentVolumeClaim `data`" and "removed" in each.edit)
    safety.check(*compared(row), {"EKS_FEDERATION_ALLOW": "shop/PersistentVolumeClaim/data"}, ())
