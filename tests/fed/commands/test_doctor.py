"""``fed doctor`` makes every check, each problem with a remedy, and ends with 1 when there is one."""

import json
from pathlib import Path

import pytest

from federation.operations.engine import outputs
from federation.operations.engine.outputs import Outputs, OutputsUnavailableError
from federation.operations.members import queries
from tests.fed.project import Fed, write

PULUMI = """#!/bin/sh
case "$1 $2" in
  version*) echo v3.200.0 ;;
  "plugin ls") echo '[{"name": "kubernetes", "version": "4.23.0"}]' ;;
  whoami*) echo '{"url": "file:///state", "user": "me"}' ;;
  "stack export") cat "$(dirname "$0")/state.json" || { echo "error: no stack named 'dev' found" >&2; exit 1; } ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fed:
    """A project, a `pulumi` that answers, and two members of which one is silent."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "pulumi").write_text(PULUMI)
    (programs / "pulumi").chmod(0o755)
    (programs / "state.json").write_text('{"deployment": {"resources": [{}, {}]}}')
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    left = Outputs(members={"east": {}, "west": {}}, kubeconfigs={})
    monkeypatch.setattr(outputs, "read_outputs", lambda *_: left)
    answers = {"east": "v1.34.2", "west": queries.Unreachable(reason="does not answer within 5 s")}
    monkeypatch.setattr(queries, "query_members", lambda *_, **__: answers)
    return Fed(write(tmp_path / "project"), capsys)


def checks(fed: Fed, code: int) -> dict[str, tuple[str, str, str]]:
    ended, out, _ = fed.run("doctor", "--output", "json")
    tree = json.loads(out)
    assert (ended, tree["ok"]) == (code, code == 0)
    found = {each["what"]: (each["state"], each["found"], each["remedy"]) for each in tree["checks"]}
    assert all(remedy for state, _, remedy in found.values() if state != "ok")
    return found


def test_everything_is_checked_and_an_unreachable_member_is_a_problem(fed: Fed) -> None:
    found = checks(fed, 1)
    assert found["config and documents"][:2] == ("ok", "2 members, 2 federated documents")
    assert found["pulumi"][1].startswith("v3.200.0 at ")
    assert found["plugin kubernetes"][:2] == ("ok", "4.23.0")
    assert found["backend"][1] == "file:///state as me"
    assert found["stack dev"][:2] == ("ok", "2 resources, secrets can be read")
    assert found["member east"][:2] == ("ok", "Kubernetes v1.34.2")
    assert found["member west"][:2] == ("problem", "does not answer within 5 s")
    assert "kubectl" in found


def test_warnings_alone_are_no_problem(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "query_members", lambda *_, **__: {"east": "v1.34.2"})
    write(fed.root, members={"east": {"provider": "eks", "region": "us-east-1", "kubernetesVersion": "1.34"}})
    found = checks(fed, 0)
    assert found["plugin eks"][0] == found["plugin aws"][0] == "warning"


def test_without_pulumi_the_rest_is_still_looked_at(fed: Fed) -> None:
    (fed.root.parent / "bin" / "pulumi").unlink()
    found = checks(fed, 1)
    assert found["pulumi"][:2] == ("problem", "not on PATH")
    assert set(found) == {"config and documents", "pulumi", "kubectl"}


def test_a_stack_that_the_backend_has_not_is_a_problem(fed: Fed) -> None:
    (fed.root.parent / "bin" / "state.json").unlink()
    assert checks(fed, 1)["stack dev"][:2] == ("problem", "not in this backend")


def test_a_wrong_passphrase_is_reported_as_such(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> Outputs:
        raise OutputsUnavailableError("pulumi has no outputs of stack dev: error: incorrect passphrase")

    monkeypatch.setattr(outputs, "read_outputs", refused)
    state, found, remedy = checks(fed, 1)["stack dev"]
    assert (state, found) == ("problem", "its secrets cannot be read: the passphrase is wrong or missing")
    assert "PULUMI_CONFIG_PASSPHRASE" in remedy


def test_faults_of_the_config_do_not_end_it(fed: Fed) -> None:
    (fed.root / "workloads" / "web.yaml").write_text("a: [")
    found = checks(fed, 1)
    assert found["config and documents"] == ("problem", "1 fault", "fed validate --stack dev")
    assert found["backend"][0] == "ok"


def test_people_read_a_table(fed: Fed) -> None:
    code, out, err = fed.run("doctor")
    assert code == 1
    assert "does not answer within 5 s" in out
    assert "available: false on west" in err


def test_a_stack_without_a_config_file_is_a_wrong_command_line(fed: Fed) -> None:
    assert fed.run("doctor", "--stack", "dve")[0] == 2
