"""``fed up`` ends with each member's result and with the right exit code."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fed.commands import up
from federation.api.model.members import FederationSettings, Member
from federation.api.reading import loading
from federation.components.aws import account
from federation.errors.fault import Fault, FaultsFoundError, FederationError, Place
from federation.operations import refreshing
from federation.operations.engine import command_line, outputs
from federation.operations.engine.engine_events import Changes
from federation.operations.members import status
from federation.operations.members.live_records import DnsStatus
from federation.operations.members.status import MemberStatus, ObjectStatus, Status
from federation.operations.project.settings import Stack
from federation.operations.recovery import recovery
from federation.operations.update import UpdateResult
from federation.plan import planner
from federation.plan.live.unplanned import Unplanned
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.model.standing import Standing
from tests.fed.project import Fed, write

DOCUMENT = """
apiVersion: types.kubefed.io/v1beta1
kind: FederatedNamespace
metadata: {name: shop, namespace: shop}
spec: {placement: {clusterSelector: {}}}
"""
LOST = MemberStatus(name="west", region="w", nodes=0, nodes_ready=0, objects=(), problem="does not answer: refused")


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """A stack of two members."""
    (tmp_path / "shop.yaml").write_text(DOCUMENT)
    members = tuple(Member(name=name, provider="kubeconfig", context=name) for name in ("east", "west"))
    federation = FederationSettings(name="atlas", members=members)
    return Stack(name="dev", root=tmp_path, federation=federation, documents=loading.load([tmp_path], root=tmp_path))


Bring = Callable[..., int]


@pytest.fixture
def bring(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Bring:
    """Bring the stack up with an engine of the given exit code, and members of the given status."""

    def run(done: UpdateResult, *members: MemberStatus, dns: tuple[DnsStatus, ...] = (), refresh: bool = False) -> int:
        monkeypatch.setattr(recovery, "recover_stack", lambda *_, **__: None)
        monkeypatch.setattr(up, "update", lambda *_: done)
        monkeypatch.setattr(outputs, "read_outputs", lambda *_: None)
        monkeypatch.setattr(status, "read_status", lambda *_: Status(members=members, dns=dns))
        return up.bring_up(stack, ["--yes"], refresh=refresh)

    return run


def updated(code: int = 0, *changes: Changes, has_begun: bool = True) -> UpdateResult:
    return UpdateResult(code=code, changes=changes, has_begun=has_begun)


def standing(name: str, *, ready: int = 3) -> MemberStatus:
    web = ObjectStatus(kind="Deployment", namespace="shop", name="web", found=True, planned=3, ready=ready)
    return MemberStatus(name=name, region="e", nodes=1, nodes_ready=1, objects=(web,))


def test_all_as_planned_is_exit_code_0_with_one_line_a_member(bring: Bring, capsys: pytest.CaptureFixture[str]) -> None:
    east, west = Changes(member="east", done={"created": 2}), Changes(member="west", done={})
    assert bring(updated(0, east, west), standing("east"), standing("west")) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["east", "2", "created"] in lines
    assert ["west", "unchanged"] in lines


def test_the_command_plans_once(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[Plan] = []
    real = planner.plan_with_stages

    def count(*given: Any) -> planner.PlanWithStages:
        made = real(*given)
        plans.append(made.plan)
        return made

    monkeypatch.setattr(planner, "plan_with_stages", count)
    bring(updated(), standing("east"), standing("west"))
    assert len(plans) == 1


def test_pulumis_exit_code_is_passed_on_after_the_tables(bring: Bring, capsys: pytest.CaptureFixture[str]) -> None:
    failed = Changes(member="west", done={}, failed=("west/a",), messages=("a", "b", "c", "d"))
    assert bring(updated(255, failed), standing("east")) == 255
    written = capsys.readouterr().out
    assert "and 1 more, above" in written
    assert "NODES READY" in written


def test_a_lost_member_without_changes_to_take_is_no_failure(bring: Bring, capsys: pytest.CaptureFixture[str]) -> None:
    silent = Changes(member="west", done={}, is_unreachable=True)
    assert bring(updated(0, silent), standing("east"), LOST) == 0
    assert "unreachable; nothing in it was changed" in capsys.readouterr().out


def test_a_member_that_answers_and_is_not_as_planned_is_a_failure(
    bring: Bring, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring(updated(), standing("east", ready=1), standing("west")) == 1
    written = capsys.readouterr().err
    assert "not as planned: east; `fed up --refresh` repairs" in written
    assert "drift is not checked" in written


@pytest.mark.parametrize("is_registered", [True, False])
def test_an_object_that_is_not_planned_is_a_failure_where_the_state_has_it(
    bring: Bring, capsys: pytest.CaptureFixture[str], is_registered: bool
) -> None:
    more = Unplanned(
        kind="ConfigMap",
        namespace="shop",
        name="old",
        logical_name="east/shop/ConfigMap/old",
        is_registered=is_registered,
    )
    assert bring(updated(), replace(standing("east"), unplanned=(more,)), standing("west")) == int(is_registered)
    captured = capsys.readouterr()
    assert "ConfigMap shop/old" in captured.out
    assert ("not as planned: east" in captured.err) is is_registered


def test_after_a_refresh_no_refresh_is_named_as_the_remedy(
    bring: Bring, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "refresh", lambda *_: 0)
    assert bring(updated(), standing("east", ready=1), refresh=True) == 1
    written = capsys.readouterr().err
    assert "not as planned: east\n" in written
    assert "--refresh" not in written


def test_a_refresh_that_fails_ends_it_before_the_update(
    bring: Bring, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "refresh", lambda *_: 255)
    assert bring(updated(), refresh=True) == 255
    captured = capsys.readouterr()
    assert "nothing was updated; --no-refresh skips the refresh" in captured.err
    assert captured.out == ""


def test_other_weights_than_planned_are_a_failure(bring: Bring) -> None:
    wrong = DnsStatus(name="web.example.com", weights={"east": 1}, planned={"east": 2})
    assert bring(updated(), standing("east"), dns=(wrong,)) == 1


def test_an_update_that_never_began_has_no_table(bring: Bring, capsys: pytest.CaptureFixture[str]) -> None:
    assert bring(updated(1, has_begun=False), standing("east")) == 1
    captured = capsys.readouterr()
    assert "before the update began" in captured.err
    assert "MEMBER" not in captured.out


def test_a_killed_pulumi_is_named_with_what_to_do(bring: Bring, capsys: pytest.CaptureFixture[str]) -> None:
    assert bring(updated(-9, Changes(member="east", done={"created": 1}))) == 128 + 9
    assert "ended by SIGKILL; run `fed up --stack dev` again" in capsys.readouterr().err


def test_outputs_that_are_missing_never_make_a_success(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any) -> None:
        raise outputs.OutputsUnavailableError("none yet")

    monkeypatch.setattr(recovery, "recover_stack", lambda *_, **__: None)
    monkeypatch.setattr(up, "update", lambda *_: updated())
    monkeypatch.setattr(outputs, "read_outputs", none)
    assert up.bring_up(stack, ["--yes"]) == 1


def test_what_stands_in_the_way_ends_it_before_pulumi_starts(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: Any, **__: Any) -> None:
        raise recovery.LockedError("held")

    monkeypatch.setattr(recovery, "recover_stack", locked)
    monkeypatch.setattr(up, "update", lambda *_: pytest.fail("pulumi was started"))
    with pytest.raises(FederationError, match="held"):
        up.bring_up(stack, [])


def test_without_the_guard_pulumi_gets_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EKS_FEDERATION_GUARD", "on")
    up.without_guard()
    assert os.environ["EKS_FEDERATION_GUARD"] == "off"


def test_the_credentials_of_another_account_stop_it_before_the_state_is_refreshed(
    bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Fault(place=Place(file="Pulumi.dev.yaml"), where="x", message="of account 1", remedy="log in")
    monkeypatch.setattr(account, "faults", lambda *_, **__: (wrong,))
    monkeypatch.setattr(refreshing, "refresh", lambda *_: pytest.fail("the state was refreshed"))
    with pytest.raises(FaultsFoundError, match="of account 1"):
        bring(updated(), refresh=True)


@pytest.mark.parametrize("refresh", [True, False])
def test_another_account_than_the_states_stops_it_before_anything_is_touched(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, refresh: bool
) -> None:
    stands = Standing(resources={"aws:ec2/vpc:Vpc": 1}, account="111111111111")
    left = Observed(registered={}, clusters={"us-east": stands}, roles_before={"us-east": ""})
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: left)
    monkeypatch.setattr(account, "_account", lambda _: "222222222222")
    for module, name in ((recovery, "recover_stack"), (refreshing, "refresh"), (up, "update")):
        monkeypatch.setattr(module, name, lambda *_, **__: pytest.fail("something was touched"))
    with pytest.raises(FaultsFoundError, match=r"of account 222222222222, .* us-east stand in account 111111111111"):
        up.bring_up(stack, ["--yes"], refresh=refresh)


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fed:
    """The command in a project whose state is empty, and whose previews are told apart by their exit code."""
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed(registered={}))
    monkeypatch.setattr(recovery, "recover_stack", lambda *_, **__: None)
    monkeypatch.setattr(refreshing, "preview", lambda *_: 3)
    monkeypatch.setattr(command_line, "run", lambda *_: 4)
    return Fed(write(tmp_path), capsys)


@pytest.mark.parametrize(
    ("options", "value", "code"),
    [((), None, 4), (("--refresh",), None, 3), ((), "woodpecker", 3), (("--no-refresh",), "true", 4)],
)
def test_a_preview_looks_at_what_stands_where_the_update_would(
    fed: Fed, options: tuple[str, ...], value: str | None, code: int
) -> None:
    found, _, err = fed.run("up", "--preview", *options, ci=value)
    assert found == code
    assert ("drift is not checked" in err) is (code == 4)


@pytest.mark.parametrize(("ended", "code"), [(0, 0), (-9, 137)])
@pytest.mark.parametrize("option", ["--refresh", "--no-refresh"])
def test_a_preview_ends_as_pulumi_did(
    fed: Fed, monkeypatch: pytest.MonkeyPatch, option: str, ended: int, code: int
) -> None:
    monkeypatch.setattr(refreshing, "preview", lambda *_: ended)
    monkeypatch.setattr(command_line, "run", lambda *_: ended)
    assert fed.run("up", "--preview", option)[0] == code


def test_the_credentials_of_another_account_stop_a_preview_that_would_find_nothing_there(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Fault(place=Place(file="Pulumi.dev.yaml"), where="x", message="of account 1", remedy="log in")
    monkeypatch.setattr(account, "faults", lambda *_, **__: (wrong,))
    code, _, err = fed.run("up", "--preview", "--refresh")
    assert code == 1
    assert "of account 1" in err
