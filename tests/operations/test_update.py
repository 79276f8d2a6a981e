"""What an update's `pulumi` is started with."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from federation.operations import update
from federation.operations.engine import command_line
from tests.plan.building import NAMESPACE, deployment, planned

PLAN = planned(NAMESPACE + deployment())
OBJECTS = sum(len(member.objects) for member in PLAN.members)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of the `pulumi` that an update starts, once it has."""
    found: dict[str, str] = {}

    def run(command: Sequence[str], root: Path, environment: Mapping[str, str]) -> int:
        found.update(environment)
        return 0

    monkeypatch.setattr(command_line, "run", run)
    monkeypatch.delenv(update.SLOTS, raising=False)
    monkeypatch.delenv(update.GARBAGE, raising=False)
    return found


def test_every_object_may_wait_for_its_rollout_at_once(environment: dict[str, str]) -> None:
    update.update(Path(), "dev", PLAN, (), print)
    assert int(environment["PULUMI_PARALLEL"]) >= OBJECTS
    assert environment["PULUMI_CONTINUE_ON_ERROR"] == "true"


def test_the_number_of_slots_has_a_limit(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update, "MOST", OBJECTS)
    update.update(Path(), "dev", PLAN, (), print)
    assert int(environment["PULUMI_PARALLEL"]) == OBJECTS


def test_a_users_own_memory_setting_stands(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    update.update(Path(), "dev", PLAN, (), print)
    assert environment["GOGC"] == update.GARBAGE_PERCENT
    monkeypatch.setenv("GOGC", "50")
    update.update(Path(), "dev", PLAN, (), print)
    assert environment["GOGC"] == "50"


def test_a_users_own_number_of_slots_stands(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_PARALLEL", "3")
    update.update(Path(), "dev", PLAN, (), print)
    assert environment["PULUMI_PARALLEL"] == "3"
