"""Cells run side by side; what was done is counted by member, and one that fails stops no other."""

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from federation.api.model.cells import Cell
from federation.operations.cells import running
from federation.operations.cells.running import CellRun, run_cells
from federation.operations.engine.automation import Engine, Ran
from federation.operations.engine.engine_events import FEDERATION

ROOT = Cell(environment="prod")
EAST, WEST = (Cell(environment="prod", member=each, part="apps") for each in ("east", "west"))
PATIENCE = 60.0


def event(name: str, op: str, kind: str = "kubernetes:apps/v1:Deployment") -> Mapping[str, Any]:
    urn = f"urn:pulumi:prod::p::eks-federation:index:Federation${kind}::{name}"
    return {"timestamp": 1, "resOutputsEvent": {"metadata": {"op": op, "type": kind, "urn": urn}, "planning": False}}


EVENTS: Mapping[str, list[Mapping[str, Any]]] = {
    "prod.east.apps": [event("east/demo/Deployment/web", "create"), event("east/demo/Deployment/api", "update")],
    "prod.west.apps": [event("west/demo/Deployment/web", "same")],
    "prod": [event("dns/zone", "create", "aws:route53/zone:Zone")],
}


class Recorded(Engine):
    """Sends the events of each stack; ``meeting`` is passed only when several runs are at it."""

    def __init__(self, codes: Mapping[str, int], meeting: Barrier | None = None) -> None:
        # Not Engine's own: there is no `pulumi` to look for.
        self.codes = codes
        self.meeting = meeting
        self.options: dict[str, Mapping[str, Any]] = {}

    def update(  # type: ignore[override]  # of the options, only the events
        self, _root: Path, stack: str, *, on_event: Callable[[Mapping[str, Any]], None], **options: Any
    ) -> Ran:
        self.options[stack] = options
        if self.meeting:
            self.meeting.wait(PATIENCE)
        for each in EVENTS[stack]:
            on_event(each)
        return Ran(code=self.codes.get(stack, 0), output=f"error: {stack} broke\n")


def ran(engine: Recorded, *cells: Cell, preview: bool = False) -> Mapping[str, CellRun]:
    lines: list[str] = []
    counts = {each: number for number, each in enumerate(cells, 1)}
    found = {each.cell.stack: each for each in run_cells(Path(), counts, engine, lines.append, preview=preview)}
    assert sorted(lines) == sorted(f"{stack}: {each.summary}" for stack, each in found.items())
    return found


def test_what_was_done_is_counted_by_member() -> None:
    found = ran(Recorded({}), EAST, WEST, ROOT)
    done = {stack: {each.member: dict(each.done) for each in run.changes} for stack, run in found.items()}
    assert done == {
        "prod.east.apps": {"east": {"created": 1, "updated": 1}},
        "prod.west.apps": {"west": {}},
        "prod": {FEDERATION: {"created": 1}},
    }
    summaries = {stack: each.summary for stack, each in found.items()}
    assert summaries["prod.east.apps"] == "1 created, 1 updated (0 s)"
    assert summaries["prod.west.apps"] == "unchanged (0 s)"


def test_a_cell_that_fails_stops_no_other_and_says_what_pulumi_wrote() -> None:
    found = ran(Recorded({"prod.west.apps": 255}), EAST, WEST)
    assert {stack: each.code for stack, each in found.items()} == {"prod.east.apps": 0, "prod.west.apps": 255}
    assert found["prod.west.apps"].messages == ("prod.west.apps broke",)
    assert found["prod.west.apps"].summary == "failed (0 s)"
    assert found["prod.east.apps"].messages == ()


def test_cells_run_at_the_same_time() -> None:
    found = ran(Recorded({}, Barrier(3)), EAST, WEST, ROOT)
    assert [each.code for each in found.values()] == [0, 0, 0]


def test_each_run_has_the_config_of_the_environment_and_a_slot_for_each_object(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in (running.SLOTS, *running.DEFAULTS):
        monkeypatch.delenv(name, raising=False)
    engine = Recorded({})
    ran(engine, EAST, ROOT, preview=True)
    assert {str(each["config_file"]) for each in engine.options.values()} == {"Pulumi.prod.yaml"}
    assert all(each["preview"] for each in engine.options.values())
    slots = {stack: int(each["environment"][running.SLOTS]) for stack, each in engine.options.items()}
    assert slots == {"prod.east.apps": running.SPARE + 1, "prod": running.SPARE + 2}
    assert {each["environment"]["PULUMI_CONTINUE_ON_ERROR"] for each in engine.options.values()} == {"true"}


def test_a_users_own_number_of_slots_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(running.SLOTS, "3")
    engine = Recorded({})
    ran(engine, EAST)
    assert running.SLOTS not in engine.options["prod.east.apps"]["environment"]


def test_a_skipped_cell_says_why_and_has_not_failed() -> None:
    run = CellRun(cell=EAST, skipped="quarantined: not run")
    assert (run.summary, run.code, run.messages) == ("quarantined: not run", 0, ())
