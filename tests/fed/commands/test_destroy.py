"""``fed destroy`` shows what goes, asks for the stack's name, and removes nothing without it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from federation.components.aws import account
from federation.operations import destroy_program
from federation.operations.engine import command_line, outputs
from federation.operations.recovery import recovery
from federation.plan.model.observed import Observed
from federation.plan.model.standing import Standing
from tests.fed.project import Fed, write
from tests.operations.test_destruction import FEDERATION, STATE, resource

OTHER = "arn:aws:iam::222222222222:role/deployer"
OPEN = {"resources": [each for each in STATE["resources"] if not each.get("protect")]}


class Engine:
    """Stands in for `pulumi`: its state, and the commands that were run."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state
        self.ran: list[list[str]] = []
        self.environment: Mapping[str, str] = {}
        self.config = ""
        self.code = 0

    def ask(self, _root: Path, *_arguments: str) -> str:
        return json.dumps({"deployment": self.state})

    def run(self, command: list[str], _root: Path, environment: Mapping[str, str]) -> int:
        self.ran.append(command)
        self.environment = environment
        if "--config-file" in command:
            self.config = Path(command[command.index("--config-file") + 1]).read_text()
        return self.code


@pytest.fixture
def pulumi(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine(OPEN)
    monkeypatch.setattr(command_line, "query", made.ask)
    monkeypatch.setattr(command_line, "run", made.run)
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed())
    monkeypatch.setattr(recovery, "recover_stack", lambda *_: made.ran.append(["recovery"]))
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


def test_a_stack_is_destroyed_by_its_name_after_recovery(fed: Fed, pulumi: Engine) -> None:
    code, _, err = fed.run("destroy", "--yes-destroy", "dev")
    assert code == 0
    recovered, command = pulumi.ran
    assert recovered == ["recovery"]
    assert command[:6] == ["pulumi", "destroy", "--stack", "dev", "--yes", "--skip-preview"]
    assert "--run-program" in command
    assert "stays in place, without its managed label: us-west/other/ConfigMap/kept" in err
    assert "`pulumi stack rm dev`" in err


def test_the_program_runs_only_where_an_orphan_needs_it(fed: Fed, pulumi: Engine) -> None:
    pulumi.state = {"resources": [resource("kubernetes:core/v1:ConfigMap", "us-east/shop/ConfigMap/a")]}
    assert fed.run("destroy", "--yes-destroy", "dev")[0] == 0
    assert pulumi.ran[-1] == ["pulumi", "destroy", "--stack", "dev", "--yes", "--skip-preview"]
    assert destroy_program.VARIABLE not in pulumi.environment
    assert pulumi.environment["PULUMI_RUN_PROGRAM"] == "false"


def test_what_is_protected_stops_it_before_anything_goes(fed: Fed, pulumi: Engine) -> None:
    pulumi.state = STATE
    code, _, err = fed.run("destroy", "--yes-destroy", "dev")
    assert (code, pulumi.ran) == (1, [])
    assert "nothing was removed: protected in stack dev: zone." in err
    assert "deletionProtection: false" in err


def test_an_empty_stack_is_reported_as_empty(fed: Fed, pulumi: Engine) -> None:
    pulumi.state = {}
    code, _, err = fed.run("destroy")
    assert (code, pulumi.ran) == (0, [])
    assert "is empty" in err


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
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: left)
    monkeypatch.setattr(account, "_account", lambda _: "222222222222")
    code, _, err = fed.run("destroy", "--yes-destroy", "dev")
    assert (code, pulumi.ran) == (1, [])
    assert "us-east stand in account 111111111111" in err


CONFIG_MAP = {"resources": [FEDERATION, resource("kubernetes:core/v1:ConfigMap", "east/shop/ConfigMap/a")]}
TWO_FAULTS = """
apiVersion: types.kubefed.io/v1beta1
kind: FederatedConfigMap
metadata: {name: a, namespace: demo}
spec: {template: {data: {a: 1}}, placment: {}, overides: []}
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TWO_FAULTS, "documents or config have "),
        ("kind: [", "documents or config have 1 fault: workloads/web.yaml:"),
        ("kind: Nothing\napiVersion: v9\n", "documents or config have 1 fault: workloads/web.yaml:"),
    ],
    ids=["unknown keys", "no YAML", "no such kind"],
)
def test_broken_documents_are_a_warning_of_one_line(fed: Fed, pulumi: Engine, text: str, said: str) -> None:
    pulumi.state = CONFIG_MAP
    (fed.root / "workloads" / "web.yaml").write_text(text)
    code, out, err = fed.run("destroy", "--yes-destroy", "dev")
    assert code == 0
    assert "objects in east" in out
    (line,) = (line for line in err.splitlines() if said in line)
    assert line.startswith("warning: ")
    assert line.endswith("destroying uses the state alone; `fed validate --stack dev` lists every fault")
    assert pulumi.ran == [["recovery"], ["pulumi", "destroy", "--stack", "dev", "--yes", "--skip-preview"]]


def test_of_several_faults_the_first_is_printed_with_their_number(fed: Fed, pulumi: Engine) -> None:
    pulumi.state = CONFIG_MAP
    (fed.root / "workloads" / "web.yaml").write_text(TWO_FAULTS)
    _, _, all_of_them = fed.run("validate")
    faults = [line for line in all_of_them.splitlines() if line.startswith("workloads/")]
    assert len(faults) > 1
    _, _, err = fed.run("destroy", "--yes-destroy", "dev")
    assert f"have {len(faults)} faults, the first: {faults[0]}" in err


def test_sound_documents_need_no_warning(fed: Fed, pulumi: Engine) -> None:
    pulumi.state = CONFIG_MAP
    code, _, err = fed.run("destroy", "--yes-destroy", "dev")
    assert (code, "warning" in err) == (0, False)
    assert pulumi.ran == [["recovery"], ["pulumi", "destroy", "--stack", "dev", "--yes", "--skip-preview"]]


@pytest.mark.parametrize(
    "config",
    [{"members": []}, {"federation": {"name": "atlas", "zoone": "x"}}, {"plan": {"strictness": "often"}}, {"guard": 3}],
    ids=["members", "federation", "plan", "guard"],
)
def test_a_broken_config_is_replaced_for_the_run(fed: Fed, pulumi: Engine, config: dict[str, Any]) -> None:
    pulumi.state = CONFIG_MAP
    write(fed.root, **config)
    before = (fed.root / "Pulumi.dev.yaml").read_text()
    code, _, err = fed.run("destroy", "--yes-destroy", "dev")
    assert code == 0
    assert "destroying uses the state alone" in err
    assert "--config-file" in pulumi.ran[-1]
    assert "eks-federation:members" not in pulumi.config
    assert (fed.root / "Pulumi.dev.yaml").read_text() == before


def test_the_stack_of_another_program_is_not_destroyed(fed: Fed, pulumi: Engine) -> None:
    pulumi.state = {"resources": [resource("gcp:storage/bucket:Bucket", "data")]}
    write(fed.root, members=[])
    code, _, err = fed.run("destroy", "--yes-destroy", "dev")
    assert (code, pulumi.ran) == (1, [])
    assert "nothing was removed: stack dev of" in err
    assert "has no federation" in err


@pytest.mark.parametrize("text", ["config: [1\n", "- a\n", "config: 3\n"], ids=["no YAML", "a list", "a number"])
def test_a_config_that_cannot_be_read_keeps_how_its_secrets_are_encrypted(fed: Fed, pulumi: Engine, text: str) -> None:
    pulumi.state = CONFIG_MAP
    (fed.root / "Pulumi.dev.yaml").write_text(f"encryptionsalt: v1:salt\n{text}")
    assert fed.run("destroy", "--yes-destroy", "dev")[0] == 0
    assert '"encryptionsalt": "v1:salt"' in pulumi.config


def test_a_broken_stack_is_not_removed_unconfirmed_or_while_something_is_protected(fed: Fed, pulumi: Engine) -> None:
    (fed.root / "workloads" / "web.yaml").write_text("kind: [")
    code, out, _ = fed.run("destroy")
    assert (code, pulumi.ran) == (2, [])
    assert "us-east/shop/PersistentVolumeClaim/data" in out
    pulumi.state = STATE
    assert fed.run("destroy", "--yes-destroy", "dev")[0] == 1
    assert pulumi.ran == []


def test_the_program_takes_leave_of_orphans_without_config_and_documents(fed: Fed, pulumi: Engine) -> None:
    (fed.root / "workloads" / "web.yaml").write_text("kind: [")
    assert fed.run("destroy", "--yes-destroy", "dev")[0] == 0
    assert {"--run-program", "--skip-config-validation", "--config-file"} <= set(pulumi.ran[-1])
    token = pulumi.environment[destroy_program.VARIABLE]
    assert json.loads(pulumi.config)["config"] == {f"eks-federation:{destroy_program.KEY}": token}
    assert not Path(pulumi.ran[-1][pulumi.ran[-1].index("--config-file") + 1]).exists()


def test_a_stack_that_does_not_exist_is_a_wrong_command_line(fed: Fed, pulumi: Engine) -> None:
    code, _, err = fed.run("destroy", "--stack", "prod")
    assert (code, pulumi.ran) == (2, [])
    assert "stack 'prod' has no config file" in err


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"federation": {"name": "atlas", "allowedAccountIds": ["111111111111"]}}, "of account 222222222222"),
        ({"federation": {"name": "atlas", "allowedAccountIds": ["111111111111"]}, "members": []}, "of account 2222"),
        ({"federation": {"name": "atlas", "allowedAccountIds": 111111111111}}, "allowed accounts cannot be read"),
        ({"federation": [], "members": []}, "allowed accounts cannot be read"),
        ({"federation": {"name": "atlas", "allowedAcountIds": ["222222222222"]}}, "allowed accounts cannot be read"),
        ({"federation": {"name": "atlas", "roleArn": "deployer"}}, "allowed accounts cannot be read"),
        (
            {"federation": {"name": "atlas", "roleArn": OTHER, "allowedAccountIds": ["111111111111"]}},
            "allowed accounts",
        ),
    ],
    ids=[
        "sound",
        "broken elsewhere",
        "broken accounts",
        "broken federation",
        "mistyped key",
        "mistyped role",
        "a role elsewhere",
    ],
)
def test_what_stands_on_aws_goes_only_in_an_allowed_account(
    fed: Fed, pulumi: Engine, monkeypatch: pytest.MonkeyPatch, config: dict[str, Any], says: str
) -> None:
    monkeypatch.setattr(account, "_account", lambda _: "222222222222")
    write(fed.root, **config)
    code, _, err = fed.run("destroy", "--yes-destroy", "dev")
    assert (code, pulumi.ran) == (1, [])
    assert says in err


def test_a_role_has_its_account(fed: Fed, pulumi: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "_account", lambda _: pytest.fail("the account was asked for"))
    role = {"roleArn": "arn:aws:iam::111111111111:role/deployer", "allowedAccountIds": ["111111111111"]}
    write(fed.root, federation={"name": "atlas", **role}, members=[])
    assert fed.run("destroy", "--yes-destroy", "dev")[0] == 0
