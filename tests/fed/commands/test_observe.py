"""``fed observe`` records what runs; the next plan uses the record and says so."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from federation.operations.engine import outputs
from federation.operations.engine.outputs import Outputs
from federation.operations.members import observing
from federation.operations.project import observed_state
from federation.operations.project.observed_state import ObservedState, ObservedWorkload
from federation.plan.model.observed import Observed
from federation.plan.replicas.observed_replicas import ObservedReplicas
from federation.plan.views.output_schema import output_schema
from tests.fed.project import Fed, write
from tests.plan.building import NAMESPACE, deployment, preference

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
SEEN = ObservedState(
    stack="dev",
    observed_at=NOON,
    nodes={"east": 1},
    workloads={
        "demo/web": ObservedWorkload(kind="Deployment", members={"east": ObservedReplicas(current=1, capacity=1)})
    },
    unreachable={"west": "does not answer: refused"},
)


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fed:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed())
    monkeypatch.setattr(outputs, "read_outputs", lambda *_: Outputs(members={}, kubeconfigs={}))
    monkeypatch.setattr(observing, "observe_members", lambda *_, **__: SEEN)
    monkeypatch.setattr(observed_state, "now", lambda: NOON + timedelta(minutes=4))
    return Fed(write(tmp_path, NAMESPACE + deployment() + preference(spec="totalReplicas: 6")), capsys)


def test_observed_members_are_written_and_an_unreachable_one_has_a_line(fed: Fed) -> None:
    code, out, err = fed.run("observe")
    assert code == 0
    assert "demo/web  Deployment  east    1      1" in out
    assert "west: does not answer: refused" in err
    assert (fed.root / "observed" / "dev.yaml").is_file()


def test_programs_get_the_observed_state_as_a_document(fed: Fed) -> None:
    code, out, err = fed.run("observe", "--output", "json")
    assert code == 0
    tree = json.loads(out)
    Draft202012Validator(output_schema("observe")).validate(tree)
    assert (tree["kind"], tree["nodes"], tree["silent"]) == ("Observation", {"east": 1}, dict(SEEN.unreachable))
    assert "west: does not answer: refused" in err


def test_the_next_plan_goes_by_it_and_says_how_old_it_is(fed: Fed) -> None:
    before = fed.run("explain", "deploy/web")
    assert "6 replicas in all: east 3, west 3" in before[1]
    assert "observed state" not in before[2]
    fed.run("observe")
    code, out, err = fed.run("explain", "deploy/web")
    assert code == 0
    assert "6 replicas in all: east 1, west 5" in out
    assert "the observed state in observed/dev.yaml is 4 min old\n" in err


def test_an_observed_state_that_is_too_old_is_used_with_a_warning(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    fed.run("observe")
    write(fed.root, NAMESPACE + deployment() + preference(spec="totalReplicas: 6"), plan={"factsMaxAgeMinutes": 3})
    code, out, err = fed.run("explain", "deploy/web")
    assert "east 1, west 5" in out
    assert "4 min old, more than 3 min: run `fed observe --stack dev` again" in err
    assert code == 0


def test_without_an_answer_the_old_file_stays(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    fed.run("observe")
    before = (fed.root / "observed" / "dev.yaml").read_text()
    silent = ObservedState(stack="dev", observed_at=NOON, unreachable={"east": "gone", "west": "gone"})
    monkeypatch.setattr(observing, "observe_members", lambda *_, **__: silent)
    code, _, err = fed.run("observe")
    assert (code, (fed.root / "observed" / "dev.yaml").read_text()) == (1, before)
    assert "no member has answered: nothing is written" in err


def test_a_broken_observed_state_stops_a_plan_and_never_a_new_one(fed: Fed) -> None:
    (fed.root / "observed").mkdir()
    (fed.root / "observed" / "dev.yaml").write_text("nodes: 3\n")
    code, _, err = fed.run("plan")
    assert code == 1
    assert "observed/dev.yaml:1: nodes: must be a mapping" in err
    assert fed.run("observe")[0] == 0
    assert fed.run("plan")[0] == 0


def test_members_get_the_time_of_the_option(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def note(*_: Any, **options: Any) -> ObservedState:
        asked.update(options)
        return SEEN

    monkeypatch.setattr(observing, "observe_members", note)
    assert fed.run("observe", "--timeout", "2.5", "--out", str(fed.root / "elsewhere.yaml"))[0] == 0
    assert asked["seconds"] == 2.5
    assert (fed.root / "elsewhere.yaml").is_file()
    assert fed.run("observe", "--timeout", "0")[0] == 2
