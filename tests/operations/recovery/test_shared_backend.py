"""On a backend that others use: nothing is judged before Pulumi has given the lock, and no stack is made unasked."""

import datetime as dt
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from federation.api.model.members import FederationSettings
from federation.api.reading import loading
from federation.operations.engine import backends, command_line
from federation.operations.project.settings import Stack
from federation.operations.recovery import leftover_plugins, recovery, verdicts
from federation.plan import planner

STACK_URN = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
TOKEN = "kubernetes:core/v1:ConfigMap"
LOCKED = "error: the stack is currently locked by 1 lock(s)\n  s3://state/...: created by bob@ci (pid 7)"


def exported(*names: str) -> str:
    """What `pulumi stack export` writes of a stack with open creations of these names."""
    resources = [{"urn": f"urn:pulumi:dev::shop::{TOKEN}::{name}", "type": TOKEN, "custom": True} for name in names]
    operations = [{"type": "creating", "resource": each} for each in resources]
    stack = {"urn": STACK_URN, "type": "pulumi:pulumi:Stack"}
    return json.dumps({"deployment": {"resources": [stack], "pending_operations": operations}})


class Pulumi:
    """Stands in for the command line: answers in turn, and keeps what it was asked."""

    def __init__(self, **answers: list[str | Exception]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def ask(self, _: Path, *arguments: str) -> str:
        self.asked.append(" ".join(arguments))
        answers = self.answers[arguments[1] if arguments[0] == "stack" else arguments[0]]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def changing(self) -> list[str]:
        """The commands that were to change something."""
        return [each for each in self.asked if not each.startswith(("stack export", "stack ls", "whoami"))]


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://ann:hunter2@state?region=eu-west-1")
    monkeypatch.setattr(leftover_plugins, "find_plugins", lambda _: ())
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n")
    federation = FederationSettings(name="atlas", members=())
    return Stack(name="dev", root=tmp_path, federation=federation, documents=loading.load([], root=tmp_path))


Prepare = Callable[..., list[str]]


@pytest.fixture
def prepare(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    plan = planner.plan(stack.federation, stack.documents)

    def run(pulumi: Pulumi, **options: Any) -> list[str]:
        monkeypatch.setattr(command_line, "query", pulumi.ask)
        messages: list[str] = []
        recovery.recover_stack(stack, plan, messages.append, **options)
        return messages

    return run


def test_what_a_run_has_open_that_holds_the_lock_is_neither_judged_nor_cleared(
    prepare: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "judge_operation", lambda *_, **__: pytest.fail("judged"))
    pulumi = Pulumi(export=[exported("east/a")], refresh=[command_line.EngineError(f"SDK WARN\n{LOCKED}")])
    with pytest.raises(recovery.LockedError, match=r"give its lock: the stack .*bob@ci.*pulumi cancel --stack dev"):
        prepare(pulumi)
    assert pulumi.changing == [f"refresh --skip-preview --yes --stack dev --target {STACK_URN}"]


def test_what_was_closed_in_between_was_a_run_that_went_on(prepare: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "judge_operation", lambda *_, **__: pytest.fail("judged"))
    pulumi = Pulumi(export=[exported("east/a"), exported("east/b")], refresh=[""])
    assert prepare(pulumi) == []
    assert len(pulumi.changing) == 1


def test_open_operations_without_a_lock_are_judged_and_cleared(prepare: Prepare) -> None:
    pulumi = Pulumi(export=[exported("east/a")], refresh=[""])
    messages = prepare(pulumi)
    assert "the last run was killed during 1 operations" in messages[0]
    assert ["--clear-pending-creates" in each for each in pulumi.changing] == [False, True]


def test_a_preview_names_what_is_open_and_takes_no_lock(prepare: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "judge_operation", lambda *_, **__: pytest.fail("judged"))
    pulumi = Pulumi(export=[exported("east/a")])
    assert prepare(pulumi, change=False) == [
        "stack dev: 1 operations are open; a running update has begun them, or a killed one",
        f"  creating {TOKEN} east/a",
    ]
    assert pulumi.changing == []


def test_without_open_operations_the_lock_is_left_to_the_update(prepare: Prepare) -> None:
    pulumi = Pulumi(export=[exported()])
    assert prepare(pulumi) == []
    assert pulumi.asked == ["stack export --stack dev"]


def locked(stack: Stack) -> None:
    """Have this very process hold the lock of ``stack``, as in a file backend."""
    folder = stack.root / ".pulumi" / "locks" / "organization" / "shop" / "dev"
    folder.mkdir(parents=True)
    since = dt.datetime.now(dt.UTC).isoformat()
    lock = {"pid": os.getpid(), "username": "bob", "hostname": socket.gethostname(), "timestamp": since}
    (folder / "1f0c.json").write_text(json.dumps(lock))


def test_in_a_folder_a_preview_beside_a_live_run_judges_nothing(
    prepare: Prepare, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{stack.root}")
    monkeypatch.setattr(verdicts, "judge_operation", lambda *_, **__: pytest.fail("judged"))
    locked(stack)
    messages = prepare(Pulumi(export=[exported("east/a")]), change=False)
    assert "is being updated by bob@" in messages[0]
    assert "1 operations are open" in messages[1]


def test_in_a_folder_a_run_that_began_meanwhile_stops_the_update(
    prepare: Prepare, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{stack.root}")
    pulumi = Pulumi(export=[exported("east/a")])
    answer = pulumi.ask

    def ask(root: Path, *arguments: str) -> str:
        locked(stack)
        return answer(root, *arguments)

    monkeypatch.setattr(pulumi, "ask", ask)
    with pytest.raises(recovery.LockedError, match="is being updated by bob@"):
        prepare(pulumi)
    assert pulumi.changing == []


MISSING = command_line.EngineError("error: no stack named 'dev' found")


@pytest.mark.parametrize("options", [{}, {"change": False}, {"change": False, "create": True}])
def test_a_stack_that_does_not_exist_is_named_with_backend_and_neighbours(
    prepare: Prepare, options: dict[str, bool]
) -> None:
    pulumi = Pulumi(export=[MISSING], ls=[json.dumps([{"name": "staging"}, {"name": "prod"}])])
    with pytest.raises(recovery.NoStackError) as raised:
        prepare(pulumi, **options)
    assert "stack dev of project shop does not exist in s3://state?region=eu-west-1" in str(raised.value)
    assert "(stacks of this project there: prod, staging)" in str(raised.value)
    assert "fed up --create --stack dev" in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert pulumi.changing == []


def test_a_stack_that_does_not_exist_is_made_on_request(prepare: Prepare) -> None:
    pulumi = Pulumi(export=[MISSING], ls=["[]"], select=[""])
    assert prepare(pulumi, create=True) == []
    assert pulumi.changing == ["stack select --create dev"]


def test_a_state_that_cannot_be_read_is_never_taken_for_a_missing_stack(prepare: Prepare) -> None:
    corrupt = command_line.EngineError("error: failed to load checkpoint: unexpected end of JSON input")
    for listed in (json.dumps([{"name": "dev"}]), corrupt):
        pulumi = Pulumi(export=[corrupt], ls=[listed])
        with pytest.raises(command_line.EngineError, match="failed to load checkpoint"):
            prepare(pulumi, create=True)
        assert pulumi.changing == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://ann:hunter2@db:5432/state?sslmode=require", "postgres://db:5432/state?sslmode=require"),
        ("file:///srv/state", "file:///srv/state"),
        ("https://api.pulumi.com", "https://api.pulumi.com"),
    ],
)
def test_a_backends_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert backends.shown(url) == shown
