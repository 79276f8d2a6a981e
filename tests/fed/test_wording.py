"""Messages count in plain English, show letters as they are, and stay short."""

import sys
from pathlib import Path

import pytest

from federation.errors import suggestions
from federation.errors.fault import Place
from federation.errors.report import Report
from federation.errors.source import IN_PYTHON
from federation.operations.engine import outputs
from federation.plan.model.members import Members
from federation.plan.model.observed import Observed
from tests.fed.project import Fed, write
from tests.plan.building import NAMESPACE, deployment, federation


def test_one_is_no_plural() -> None:
    assert suggestions.counted(1, "file") == "1 file"
    assert suggestions.counted(0, "file") == "0 files"


def test_commands_count_so(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed())
    text = NAMESPACE + deployment().replace("replicas: 2", "replicas: 1")
    fed = Fed(write(tmp_path, text, members={"east": {"provider": "kubeconfig", "context": "east"}}), capsys)
    assert fed.run("validate")[2] == "stack dev: 2 federated documents, 1 member, no errors\n"
    assert "1 replicas" not in fed.run("explain", "deployment/web")[1]
    assert "for 1 member to" in fed.run("render", "--out", str(tmp_path / "out"))[2]


def test_letters_are_shown_and_invisible_characters_are_escaped() -> None:
    report = Report(source=IN_PYTHON)
    assert report.quoted("größe") == '"größe"'
    assert report.quoted("a\x1b[2J\u202e\x9b\ud800") == r'"a\u001b[2J\u202e\u009b\ud800"'


def test_a_files_name_cannot_move_the_cursor() -> None:
    assert str(Place(file="größe.yaml", line=3)) == "größe.yaml:3"
    assert str(Place(file="a\x1b[2J\n.yaml", line=3)) == r"a\x1b[2J\n.yaml:3"


def test_ten_thousand_members_are_not_listed() -> None:
    members = {f"m{number}": {"region": "us-east-1", "zones": ["us-east-1a"]} for number in range(1000)}
    text = str(Members.from_federation(federation(members)))
    assert len(text) < 200
    assert text.endswith("(1000 in all)")


def test_up_without_a_terminal_names_its_own_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed())
    assert not sys.stdin.isatty()
    code, _, err = Fed(write(tmp_path), capsys).run("up")
    assert code == 2
    assert "confirm with --yes, or look with --preview" in err
