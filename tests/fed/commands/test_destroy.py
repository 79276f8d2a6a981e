"""``fed destroy`` shows what goes, asks for the stack's name, and removes nothing without it."""

import json
from pathlib import Path
from typing import Any

import pytest

from federation.components.aws import account
from federation.operations.engine import command_line, outputs
from federation.operations.recovery import recovery
from federation.plan.model.observed import Observed
from federation.plan.model.standing import Standing
from tests.fed.project import Fed, write
from tests.operations.test_destruction import STATE, resource

OPEN = {"resources": [each for each in STATE["resources"] if not each.get("protect")]}


class Engine:
    """Stands in for `pulumi`: its state, and the commands that were run."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state
        self.ran: list[list[str]] = []
        self.code = 0

    def ask(self, _root: Path, *_arguments: str) -> str:
        return json.dumps({"deployment": self.state})

    def run(self, command: list[str], _root: Path, _environment: object) -> int:
        self.ran.append(command)
        return self.code


@pytest.fixture
def pulumi(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine(OPEN)
    monkeypatch.setattr(command_line, "ask", made.ask)
    monkeypatch.setattr(command_line, "run", made.run)
    monkeypatch.setattr(outputs, "observed", lambda *_: Observed())
    monkeypatch.setattr(recovery, "prepare", lambda *_: made.ran.append(["recovery"]))
    return made


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Fed:
    return Fed(write(tmp_path), capsys)


def test_without_a_terminal_the_name_has_to_be_given(fed: Fed, pulumi: Engine) -> None:
    code, out, err = fed.run("destroy")
    assert (code, pulumi.ran) == (2, [])
    assert "atlas-dev-us-east" in out
    assert "us-east/shop/PersistentVolumeClaim/data" in out
    assert "confirm with --yes-destroy dev" in err


@pytest.mark.parametrize("name", ["prod", "DEV", " dev"])
def test_another_name_removes_nothing(fed: Fed, pulumi: Engine, name: str) -> None:
    code, _, err = fed.run("destroy", "--yes-destroy", name)
    assert (code, pulumi.ran) == (2, [])
    assert "is not the name of the stack, dev" in err


def test_by_its_name_it_goes_once_a_killed_run_is_seen_to(fed: Fed, pulumi: Engine) -> None:
    code, _, err = fed.run("destroy", "--yes-destroy", "dev")
    assert code == 0
    command = ["pulumi", "destroy", "--stack", "dev", "--yes", "--skip-preview", "--run-program"]
    assert pulumi.ran == [["recovery"], command]
    assert "stays where it is, without its managed label: us-west/other/ConfigMap/kept" in err
    assert "`pulumi stack rm dev`" in err


def test_the_program_runs_only_where_an_orphan_needs_it(fed: Fed, pulumi: Engine) -> None:
    pulumi.state = {"resources": [resource("kubernetes:core/v1:ConfigMap", "us-east/shop/ConfigMap/a")]}
    assert fed.run("destroy", "--yes-destroy", "dev")[0] == 0
    assert "--run-program" not in pulumi.ran[-1]


def test_what_is_protected_stops_it_before_anything_goes(fed: Fed, pulumi: Engine) -> None:
    pulumi.state = STATE
    code, _, err = fed.run("destroy", "--yes-destroy", "dev")
    assert (code, pulumi.ran) == (1, [])
    assert "nothing was removed: protected in stack dev: zone." in err
    assert "deletionProtection: false" in err


def test_an_empty_stack_is_said_to_hold_nothing(fed: Fed, pulumi: Engine) -> None:
    pulumi.state = {}
    code, _, err = fed.run("destroy")
    assert (code, pulumi.ran) == (0, [])
    assert "holds nothing" in err


@pytest.mark.parametrize(("ended", "code"), [(255, 255), (-9, 137)])
def test_a_failure_keeps_its_exit_code_and_says_how_to_go_on(fed: Fed, pulumi: Engine, ended: int, code: int) -> None:
    pulumi.code = ended
    found, _, err = fed.run("destroy", "--yes-destroy", "dev")
    assert found == code
    assert "run `fed destroy` again" in err


def test_with_the_credentials_of_another_account_nothing_goes(
    fed: Fed, pulumi: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stands = Standing(resources={"aws:ec2/vpc:Vpc": 1}, account="111111111111")
    left = Observed(registered={}, clusters={"us-east": stands}, roles_before={"us-east": ""})
    monkeypatch.setattr(outputs, "observed", lambda *_: left)
    monkeypatch.setattr(account, "_account", lambda _: "222222222222")
    code, _, err = fed.run("destroy", "--yes-destroy", "dev")
    assert (code, pulumi.ran) == (1, [])
    assert "us-east stand in account 111111111111" in err
