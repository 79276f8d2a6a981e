"""One kubeconfig leads to all members of a stack whose address is known."""

import json
from pathlib import Path

import pytest
import yaml

from federation.operations.engine import outputs
from federation.operations.engine.outputs import Outputs
from tests.fed.project import Fed, write


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Fed:
    return Fed(write(tmp_path), capsys)


def reached(server: str) -> str:
    """A member's kubeconfig."""
    return json.dumps({"clusters": [{"cluster": {"server": server}}], "users": [{"user": {"token": "t"}}]})


def left(monkeypatch: pytest.MonkeyPatch, **kubeconfigs: str) -> None:
    """The last update knew two members, and how to reach some."""
    found = Outputs(members={"east": {}, "west": {}}, kubeconfigs=kubeconfigs)
    monkeypatch.setattr(outputs, "read_outputs", lambda *_: found)


def test_each_member_has_a_context_of_its_name(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    left(monkeypatch, west=reached("https://two"), east=reached("https://one"))
    code, out, err = fed.run("kubeconfig")
    made = yaml.safe_load(out)
    assert (code, err) == (0, "")
    assert [each["name"] for each in made["contexts"]] == ["east", "west"]
    assert made["clusters"][1] == {"name": "west", "cluster": {"server": "https://two"}}
    assert made["current-context"] == "east"


def test_a_member_without_a_kubeconfig_is_left_out_and_reported(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    left(monkeypatch, west=reached("https://two"))
    code, out, err = fed.run("kubeconfig")
    assert code == 0
    assert [each["name"] for each in yaml.safe_load(out)["contexts"]] == ["west"]
    assert err == "east is left out: the last update has no kubeconfig of it; run `fed up --stack dev`\n"
