"""``fed status`` lists what is missing, different or not ready, by member, and its exit code agrees."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fed.commands import live_diff
from fed.commands import status as status_command
from fed.terminal.output import OutputFormat
from federation.api.model.members import FederationSettings
from federation.api.reading import loading
from federation.errors.fault import FederationError
from federation.operations.members.status import MemberStatus, ObjectStatus, Status
from federation.operations.project.settings import Stack
from federation.plan.live.drift import FieldDrift
from federation.plan.live.managed_fields import ABSENT
from federation.plan.live.unplanned import Unplanned
from federation.plan.model.plan import Plan
from tests.plan.building import NAMESPACE, deployment, planned

REPLICAS = FieldDrift(path=("f:spec", "f:replicas"), place=("spec", "replicas"), planned=2, live=5)
ADDED = FieldDrift(path=("f:data", "f:a"), planned=ABSENT, live="x")
HIDDEN = FieldDrift(path=("f:data", "f:pw"), planned="[secret]", live="[secret]")
QUARANTINED = MemberStatus(
    name="west", region="w", nodes=0, nodes_ready=0, objects=(), problem="quarantined: as it was", quarantined=True
)
SILENT = MemberStatus(name="west", region="w", nodes=0, nodes_ready=0, objects=(), problem="does not answer: refused")


def web(*fields: FieldDrift, found: bool = True, ready: int = 2, problem: str = "") -> ObjectStatus:
    return ObjectStatus(
        kind="Deployment",
        namespace="demo",
        name="web",
        found=found,
        planned=2,
        ready=ready,
        fields=fields,
        problem=problem,
        logical_name="us-east/demo/Deployment/web",
    )


def status(*objects: ObjectStatus, others: tuple[MemberStatus, ...] = ()) -> Status:
    member = MemberStatus(name="us-east", region="e", nodes=1, nodes_ready=1, objects=objects)
    return Status(members=(member, *others), dns=())


def left_over(name: str, *, is_registered: bool = False, is_going: bool = False) -> Unplanned:
    return Unplanned(
        kind="ConfigMap",
        namespace="demo",
        name=name,
        logical_name=f"us-east/demo/ConfigMap/{name}",
        is_registered=is_registered,
        is_going=is_going,
    )


UNPLANNED = Status(
    members=(
        MemberStatus(
            name="us-east",
            region="e",
            nodes=1,
            nodes_ready=1,
            objects=(web(),),
            unplanned=(
                left_over("crashed"),
                left_over("going", is_going=True),
                left_over("old", is_registered=True),
            ),
        ),
    ),
    dns=(),
)
STACK = Stack(
    name="dev", root=Path(), federation=FederationSettings(name="atlas", members=()), documents=loading.parse("", "")
)
Take = Callable[..., None]


@pytest.fixture
def take(monkeypatch: pytest.MonkeyPatch) -> Take:
    """Make each look return the next of the given statuses, or fail."""

    def prepare(*found: Status | BaseException) -> None:
        looks: Iterator[Status | BaseException] = iter(found)

        def look(_: Stack) -> tuple[Plan, Status]:
            seen = next(looks)
            if isinstance(seen, BaseException):
                raise seen
            return planned(NAMESPACE + deployment()), seen

        monkeypatch.setattr(status_command, "read_status", look)
        monkeypatch.setattr(live_diff, "read_status", look)

    return prepare


@pytest.mark.parametrize(
    ("found", "as_planned", "row"),
    [
        (status(web()), True, ""),
        (status(web(), others=(QUARANTINED,)), True, ""),
        (status(web(), others=(SILENT,)), False, ""),
        (status(web(found=False)), False, "us-east Deployment demo/web - present missing"),
        (status(web(REPLICAS)), False, "us-east Deployment demo/web spec.replicas 2 5"),
        (status(web(ADDED)), False, 'us-east Deployment demo/web data["a"] - x'),
        (status(web(HIDDEN)), False, 'us-east Deployment demo/web data["pw"] [secret] [secret] differs'),
        (status(web(ready=1)), False, "us-east Deployment demo/web - ready 1/2 replicas are ready"),
        (status(web(problem="1 of 2")), False, "us-east Deployment demo/web - ready 1 of 2"),
    ],
)
def test_what_differs_is_named_and_makes_it_fail(
    take: Take, capsys: pytest.CaptureFixture[str], found: Status, as_planned: bool, row: str
) -> None:
    take(found)
    assert status_command.show(STACK, OutputFormat.TABLE) is as_planned
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert ("Differences" in lines) is bool(row)
    assert not row or row in lines
    assert "us-east Deployment demo/web as planned" not in lines


def test_what_stands_and_is_not_planned_is_a_difference_with_what_becomes_of_it(
    take: Take, capsys: pytest.CaptureFixture[str]
) -> None:
    take(UNPLANNED)
    assert not status_command.show(STACK, OutputFormat.TABLE)
    captured = capsys.readouterr()
    lines = [" ".join(line.split()) for line in captured.out.splitlines()]
    assert lines[lines.index("Differences") + 2 :][:3] == [
        "us-east ConfigMap demo/crashed - not planned present, and not in the state",
        "us-east ConfigMap demo/going - not planned is being deleted",
        "us-east ConfigMap demo/old - not planned present, until the next update",
    ]
    assert "may belong to another stack" in captured.err


def test_where_the_next_update_removes_all_of_it_nothing_is_advised(
    take: Take, capsys: pytest.CaptureFixture[str]
) -> None:
    (member,) = UNPLANNED.members
    take(Status(members=(replace(member, unplanned=(left_over("old", is_registered=True),)),), dns=()))
    assert not status_command.show(STACK, OutputFormat.TABLE)
    assert capsys.readouterr().err == ""


def test_what_may_be_another_stacks_or_is_going_is_shown_and_no_failure(
    take: Take, capsys: pytest.CaptureFixture[str]
) -> None:
    (member,) = UNPLANNED.members
    others = (left_over("theirs"), left_over("going", is_registered=True, is_going=True))
    take(Status(members=(replace(member, unplanned=others),), dns=()))
    assert status_command.show(STACK, OutputFormat.TABLE)
    assert "demo/theirs" in capsys.readouterr().out


def test_json_has_what_is_not_planned(take: Take, capsys: pytest.CaptureFixture[str]) -> None:
    take(UNPLANNED)
    assert not status_command.show(STACK, OutputFormat.JSON)
    tree = json.loads(capsys.readouterr().out)
    assert tree["asPlanned"] is False
    assert tree["members"][0]["notPlanned"][0] == {
        "kind": "ConfigMap",
        "namespace": "demo",
        "name": "crashed",
        "registered": False,
        "beingDeleted": False,
    }
    assert [each["registered"] for each in tree["members"][0]["notPlanned"]] == [False, False, True]


def test_a_live_diff_says_that_it_leaves_out_what_is_not_planned(
    take: Take, capsys: pytest.CaptureFixture[str]
) -> None:
    take(UNPLANNED)
    assert live_diff.show(STACK, OutputFormat.TABLE) == 0
    assert "us-east has 3 objects that are not planned; `fed status` lists them" in capsys.readouterr().err


def test_all_lists_what_is_as_planned_too(take: Take, capsys: pytest.CaptureFixture[str]) -> None:
    take(status(web()))
    status_command.show(STACK, OutputFormat.TABLE, every_object=True)
    assert "us-east  Deployment demo/web  as planned" in capsys.readouterr().out


def test_replicas_of_an_autoscaler_are_shown_beside_the_number_of_plan_and_dns(
    take: Take, capsys: pytest.CaptureFixture[str]
) -> None:
    take(status(replace(web(), replicas_owner="HorizontalPodAutoscaler web", weighs=9)))
    assert status_command.show(STACK, OutputFormat.TABLE)
    assert "demo/web 2/2 (set by HorizontalPodAutoscaler web; plan and DNS use 9)" in capsys.readouterr().out


def test_json_has_the_same_values(take: Take, capsys: pytest.CaptureFixture[str]) -> None:
    take(status(web(REPLICAS), web(found=False), others=(QUARANTINED,)))
    assert not status_command.show(STACK, OutputFormat.JSON)
    tree = json.loads(capsys.readouterr().out)
    east, west = tree["members"]
    assert (tree["asPlanned"], west["quarantined"]) == (False, True)
    assert (east["planned"], east["missing"], east["different"], east["nodesReady"]) == (2, 1, 1, 1)
    assert east["objects"][0]["fields"] == [{"path": "spec.replicas", "planned": 2, "live": 5}]


def test_watching_continues_after_errors_until_all_is_as_planned(
    take: Take, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = status(web(ready=1))
    take(wrong, wrong, FederationError("Route53 is away"), status(web(), others=(SILENT,)), status(web()))
    assert status_command.watch(STACK, OutputFormat.TABLE, interval=0)
    captured = capsys.readouterr()
    assert captured.out.count("NODES READY") == 3
    assert "Route53 is away" in captured.err


def test_watching_that_is_interrupted_is_not_as_planned(take: Take) -> None:
    take(status(web(ready=1)), KeyboardInterrupt())
    assert not status_command.watch(STACK, OutputFormat.TABLE, interval=0)


def test_a_live_diff_goes_from_what_stands_to_what_is_planned(take: Take, capsys: pytest.CaptureFixture[str]) -> None:
    take(status(web(REPLICAS)))
    assert live_diff.show(STACK, OutputFormat.TABLE) == 1
    lines = capsys.readouterr().out.splitlines()
    path = "us-east/3-namespaces/demo/deployment-web.yaml"
    assert lines[:2] == [f"--- live/{path}", f"+++ planned/{path}"]
    assert [line for line in lines[2:] if line[0] in "+-"] == ["-  replicas: 5", "+  replicas: 2"]


def test_a_missing_object_is_all_of_it_added(take: Take, capsys: pytest.CaptureFixture[str]) -> None:
    take(status(web(found=False)))
    assert live_diff.show(STACK, OutputFormat.TABLE) == 1
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first == "--- /dev/null"
    assert last.startswith("+")


@pytest.mark.parametrize(("other", "code"), [(QUARANTINED, 0), (SILENT, 2)])
def test_a_live_diff_says_which_members_it_leaves_out(
    take: Take, capsys: pytest.CaptureFixture[str], other: MemberStatus, code: int
) -> None:
    member = MemberStatus(
        name="us-west", region="", nodes=0, nodes_ready=0, objects=(), problem="x", quarantined=other.quarantined
    )
    take(status(web(), others=(member,)))
    assert live_diff.show(STACK, OutputFormat.JSON) == code
    assert "us-west is not compared: x" in capsys.readouterr().err
