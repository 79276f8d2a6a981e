"""A user's own program gets the same refusals as the stacks' program: both use the same check."""

import pulumi
import pytest

from federation.components import safety
from federation.errors.fault import FaultsFoundError
from tests.plan.changes.loss_table import ROWS, Row, compared

REFUSED = [row for row in ROWS if row.is_refused]
PASSED = [row for row in ROWS if not row.is_refused]


def ids(row: Row) -> str:
    return f"{row.kind}: {row.edit}"


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The warnings that a check logs."""
    messages: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", messages.append)
    return messages


@pytest.mark.parametrize("row", REFUSED, ids=ids)
def test_an_edit_that_the_page_calls_refused_ends_any_program(row: Row) -> None:
    with pytest.raises(FaultsFoundError, match="eks-federation:"):
        safety.check_update(*compared(row), {}, ())


@pytest.mark.parametrize("row", PASSED, ids=ids)
def test_an_edit_that_passes_ends_none(row: Row, warned: list[str]) -> None:
    federation, plan, observed = compared(row)
    safety.check_update(federation, plan, observed, {}, ())
    assert plan.warnings
    assert warned == [str(each).removeprefix("warning: ") for each in plan.warnings]


def test_the_environment_opens_the_guard_for_one_target(warned: list[str]) -> None:
    (row,) = (each for each in REFUSED if each.kind == "PersistentVolumeClaim `data`" and "removed" in each.edit)
    federation, plan, observed = compared(row)
    with pytest.raises(FaultsFoundError, match="shop/PersistentVolumeClaim/data would be removed"):
        safety.check_update(
            federation, plan, observed, {"EKS_FEDERATION_ALLOW": "shop/PersistentVolumeClaim/other"}, ()
        )
    assert warned == []
    safety.check_update(federation, plan, observed, {"EKS_FEDERATION_ALLOW": "shop/PersistentVolumeClaim/data"}, ())
    assert len(warned) == len(plan.warnings) > 0
