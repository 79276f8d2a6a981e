"""``fed plan`` looks at the live members, and lists the fields that an update takes back or removes."""

import json
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fed.plan_output import field_conflicts
from federation.components.fields import observe
from federation.components.fields.field_conflicts import FieldConflict
from federation.components.fields.observe import ObservedMembers
from federation.errors.fault import FederationError
from federation.operations.engine import outputs
from federation.operations.engine.outputs import Outputs
from federation.operations.project import settings
from federation.plan.live.removed_fields import RemovedField
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.planner import plan
from tests.components.fields.test_observe import kubeconfig
from tests.fed.project import Fed, write
from tests.plan.building import NAMESPACE, deployment

WEB = "east/demo/Deployment/web"
NOTE = RemovedField(logical_name=WEB, field='metadata.annotations["note"]', manager="kubectl-annotate", value="x")
SCALED = FieldConflict(logical_name=WEB, field=".spec.replicas", manager="kubectl", live="7", planned="5")


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fed:
    """A stack whose last update registered two replicas, and whose documents ask for five."""
    monkeypatch.delenv("EKS_FEDERATION_GUARD", raising=False)
    stack = settings.read(write(tmp_path, NAMESPACE + deployment()), "dev")
    members = plan(stack.federation, stack.documents).members
    known = Observed(registered={member.name: member.index or () for member in members})
    left = Outputs(members={}, kubeconfigs=dict.fromkeys(("east", "west"), "{}"))
    monkeypatch.setattr(outputs, "observed", lambda *_: known)
    monkeypatch.setattr(outputs, "read", lambda *_: left)
    monkeypatch.setattr(observe, "reached", lambda _, __, before, *___: before)
    return Fed(write(tmp_path, NAMESPACE + deployment(replicas=5)), capsys)


def seeing(monkeypatch: pytest.MonkeyPatch, seen: ObservedMembers) -> list[Mapping[str, str]]:
    """Give the members this live state; returns the kubeconfigs that the command uses."""
    asked: list[Mapping[str, str]] = []

    def look(_: Plan, kubeconfigs: Mapping[str, str], *__: Any, **___: Any) -> ObservedMembers:
        asked.append(kubeconfigs)
        return seen

    monkeypatch.setattr(observe, "look", look)
    return asked


def test_what_an_update_takes_back_or_removes_is_named(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    seeing(monkeypatch, ObservedMembers(silent={}, conflicts=(SCALED,), removed=(NOTE,)))
    code, _, err = fed.run("plan")
    assert code == 0
    assert f"{WEB} spec.replicas: kubectl's now (7 there, 5 planned); this update takes it back" in err
    assert f'{WEB} metadata.annotations["note"] (x): set with kubectl, removed by this update' in err


def test_of_an_object_that_stays_a_field_is_taken_back_only_after_a_refresh(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(fed.root, NAMESPACE + deployment())
    seeing(monkeypatch, ObservedMembers(silent={}, conflicts=(SCALED,), removed=(NOTE,)))
    _, _, err = fed.run("plan")
    assert "`fed up --refresh` takes it back" in err
    assert "1 field set with kubectl in objects that this update does not change" in err


def test_as_a_tree_it_has_the_same_by_field(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    seeing(monkeypatch, ObservedMembers(silent={"west": "refused"}, conflicts=(SCALED,), removed=(NOTE,)))
    tree = json.loads(fed.run("plan", "--output", "json")[1])
    conflict = {"object": WEB, "field": "spec.replicas", "manager": "kubectl", "live": "7", "planned": "5"}
    assert tree["fieldConflicts"] == [{**conflict, "takenBack": True}]
    removed = {"object": WEB, "field": 'metadata.annotations["note"]', "manager": "kubectl-annotate", "value": "x"}
    assert tree["removedFields"] == [{**removed, "removed": True}]
    assert tree["notLookedAt"] == {"west": "does not answer: refused"}


def test_each_member_that_could_not_be_looked_at_has_its_line(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    left = Outputs(members={}, kubeconfigs={})
    seeing(monkeypatch, ObservedMembers(silent={"east": "refused"}))
    monkeypatch.setattr(outputs, "read", lambda *_: left)
    code, _, err = fed.run("plan")
    assert code == 0
    assert "east was not looked at (does not answer: refused): " in err
    assert "west was not looked at (the last update has left no way to reach it): " in err


def test_without_the_stacks_secrets_one_line_says_so(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> Outputs:
        raise outputs.OutputsUnavailableError("pulumi has no outputs of stack dev: passphrase must be set")

    monkeypatch.setattr(outputs, "read", read)
    code, out, err = fed.run("plan")
    assert code == 0
    assert "Deployment demo/web" in out
    assert err.count("not looked at") == 1
    assert "passphrase must be set" in err
    tree = json.loads(fed.run("plan", "--output", "json")[1])
    assert set(tree["notLookedAt"]) == {"east", "west"}


@pytest.mark.parametrize("arguments", [["--no-live"], ["--no-live", "--output", "json"]])
def test_files_alone_are_planned_without_looking(
    fed: Fed, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    asked = seeing(monkeypatch, ObservedMembers(silent={}, removed=(NOTE,)))
    _, out, err = fed.run("plan", *arguments)
    assert asked == []
    assert "removedFields" not in out
    assert "note" not in err


def test_where_nothing_stands_nobody_is_asked(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> Outputs:
        raise FederationError("nobody is to be asked")

    monkeypatch.setattr(outputs, "read", read)
    for known in (Observed(), Observed(registered={})):
        monkeypatch.setattr(outputs, "observed", lambda *_, known=known: known)
        assert fed.run("plan")[0] == 0


def test_a_member_that_hangs_costs_seconds_and_no_more(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field_conflicts, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        hanging = kubeconfig(f"http://127.0.0.1:{server.getsockname()[1]}")
        left = Outputs(members={}, kubeconfigs=dict.fromkeys(("east", "west"), hanging))
        monkeypatch.setattr(outputs, "read", lambda *_: left)
        started = time.monotonic()
        _, _, err = fed.run("plan")
    assert time.monotonic() - started < 5
    assert err.count("was not looked at (") == 2
