"""A cell is unchanged only if its last update succeeded and nothing has happened to its state since."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.api.model.cells import Cell
from federation.operations.cells.states import CellStates, read_states
from federation.operations.engine import command_line, exported, outputs
from federation.plan.cells.cell_outputs import BALANCERS, DIGEST, PUBLISHED
from federation.plan.model import object_index
from federation.plan.model.object_index import IndexEntry

ROOT, EAST = Cell(environment="prod"), Cell(environment="prod", member="east", part="apps")
CLUSTER = EAST.cluster
WEB = IndexEntry(logical_name="east/demo/Deployment/web", token="kubernetes:apps/v1:Deployment", digest="d", replicas=3)
END = "2026-11-28T10:00:00.000Z"
STACK_URN = "urn:pulumi:prod::p::pulumi:pulumi:Stack::p-prod"
FEDERATION_URN = "urn:pulumi:prod::p::eks-federation:index:Federation::atlas"
ZONE_URN = "urn:pulumi:prod::p::eks-federation:index:Federation$aws:route53/zone:Zone::dns/zone"


def apps(**changed: Any) -> Mapping[str, Any]:
    """The state of east's objects, as an update that succeeded has left it."""
    return {
        DIGEST: "same",
        exported.OPEN: 0,
        exported.WRITTEN: END,
        exported.URNS: [STACK_URN],
        "index": {"east": object_index.to_text([WEB])},
        "members": {"east": {BALANCERS: {"demo/web": "one.amazonaws.com"}}},
        **changed,
    }


def root(**changed: Any) -> Mapping[str, Any]:
    return {
        DIGEST: "same",
        exported.WRITTEN: END,
        PUBLISHED: {"east/demo/web": "one.amazonaws.com"},
        "members": {},
        **changed,
    }


def states(**changed: Any) -> CellStates:
    return CellStates(trees={EAST: apps(**changed), ROOT: root()}, finished={EAST: END, ROOT: END})


def test_a_cell_with_the_same_digest_is_unchanged() -> None:
    assert states().is_unchanged(EAST, "same")
    assert states().is_unchanged(ROOT, "same")


@pytest.mark.parametrize(
    "changed",
    [
        {DIGEST: "other"},
        {exported.OPEN: 1},
        {exported.WRITTEN: "2026-11-28T10:00:05.000Z"},
        {exported.WRITTEN: ""},
        {exported.WRITTEN: "yesterday"},
        {"index": {"east": object_index.to_text([object_index.failed(WEB)])}},
        {"index": {"east": object_index.to_text([replace(WEB, digest="")])}},
    ],
    ids=["digest", "open operation", "written later", "no time", "odd time", "failed object", "unknown object"],
)
def test_a_cell_is_changed_for_one_reason(changed: Mapping[str, Any]) -> None:
    assert not states(**changed).is_unchanged(EAST, "same")


def test_the_end_of_an_update_may_be_rounded_by_a_second() -> None:
    assert states(**{exported.WRITTEN: "2026-11-28T10:00:00.900Z"}).is_unchanged(EAST, "same")


def test_a_cell_whose_last_run_was_not_an_update_that_succeeded_is_changed() -> None:
    assert not replace(states(), finished={ROOT: END}).is_unchanged(EAST, "same")


@pytest.mark.parametrize("digest", ["", "other"])
def test_a_cell_without_the_digest_of_its_part_is_changed(digest: str) -> None:
    assert not states(**{DIGEST: ""}).is_unchanged(EAST, digest)


def test_a_cell_that_does_not_exist_is_changed() -> None:
    assert not states().is_unchanged(CLUSTER, "same")


@pytest.mark.parametrize("now", [{"demo/web": "two.amazonaws.com"}, {}], ids=["another", "none"])
def test_the_root_is_changed_where_a_load_balancer_has_another_hostname(now: Mapping[str, str]) -> None:
    changed = states(members={"east": {BALANCERS: now}})
    assert not changed.is_unchanged(ROOT, "same")
    assert changed.is_unchanged(EAST, "same")


def test_a_load_balancer_that_no_record_leads_to_changes_nothing() -> None:
    more = {"demo/web": "one.amazonaws.com", "demo/Ingress/shop": "two.amazonaws.com"}
    assert states(members={"east": {BALANCERS: more}}).is_unchanged(ROOT, "same")


@pytest.mark.parametrize(
    ("urns", "holds"),
    [([], False), ([STACK_URN], False), ([STACK_URN, FEDERATION_URN], False), ([STACK_URN, ZONE_URN], True)],
    ids=["never updated", "stack", "federation", "zone"],
)
def test_a_cell_holds_something_beside_what_every_program_registers(urns: list[str], holds: bool) -> None:
    assert states(**{exported.URNS: urns}).has_resources(EAST) is holds


def test_newer_states_take_the_place_of_older_ones() -> None:
    newer = CellStates(trees={EAST: apps(**{DIGEST: "newer"})})
    merged = states().updated(newer)
    assert merged.trees[EAST][DIGEST] == "newer"
    assert merged.finished == {ROOT: END}


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set what Pulumi's history has."""
    monkeypatch.setattr(outputs, "export_stack", lambda _, stack, *options: {"stack": stack, "options": options})

    def answer(text: str) -> None:
        monkeypatch.setattr(command_line, "query", lambda *_: text)

    return answer


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        (f'[{{"kind": "update", "result": "succeeded", "endTime": "{END}"}}]', {EAST: END}),
        (f'[{{"kind": "update", "result": "failed", "endTime": "{END}"}}]', {}),
        (f'[{{"kind": "refresh", "result": "succeeded", "endTime": "{END}"}}]', {}),
        (f'[{{"kind": "destroy", "result": "succeeded", "endTime": "{END}"}}]', {}),
        ("[]", {}),
    ],
    ids=["succeeded", "failed", "refresh", "destroy", "never"],
)
def test_only_an_update_that_succeeded_has_finished_a_cell(
    history: Callable[[str], None], text: str, finished: Mapping[Cell, str]
) -> None:
    history(text)
    found = read_states(Path(), [EAST])
    assert found.finished == finished
    assert found.trees == {EAST: {"stack": "prod.east.apps", "options": ()}}


def test_secrets_are_read_only_on_request(history: Callable[[str], None]) -> None:
    history("[]")
    assert read_states(Path(), [EAST], secrets=True).trees[EAST]["options"] == ("--show-secrets",)
