"""What a refresh leaves out: all of the members that are held or do not answer, and nothing else."""

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from lightkube import ApiError

from federation.components.clusters import api_client
from federation.operations import refreshing
from federation.operations.engine import command_line, outputs
from federation.operations.engine.outputs import Outputs
from federation.plan.model.plan import Plan
from tests.plan.building import NAMESPACE, planned

CLUSTER = "urn:pulumi:dev::p::eks-federation:index:Federation$aws:eks/cluster:Cluster"
OBJECT = "urn:pulumi:dev::p::eks-federation:index:Federation$kubernetes:core/v1:Namespace"
URNS = [
    f"{CLUSTER}::us-east-cluster",
    f"{CLUSTER}::us-west-cluster",
    f"{OBJECT}::us-east/Namespace/demo",
    f"{OBJECT}::us-west/Namespace/demo",
]


class Client:
    """A member that answers, refuses or is silent, as its kubeconfig says."""

    def __init__(self, kubeconfig: str, _: float) -> None:
        self._kubeconfig = kubeconfig

    def get(self, *_: object) -> None:
        request = httpx2.Request("GET", "https://member.test")
        match self._kubeconfig:
            case "silent":
                raise httpx2.ConnectError("refused", request=request)
            case "forbids":
                answer = httpx2.Response(403, json={"code": 403, "message": "forbidden"}, request=request)
                raise ApiError(request, answer)


def engine_of(
    monkeypatch: pytest.MonkeyPatch, kubeconfigs: Mapping[str, str], codes: Sequence[int] = ()
) -> list[Sequence[str]]:
    """The commands that the engine is run with; it ends each with the next of the ``codes``, then with 0."""
    ran: list[Sequence[str]] = []
    left = iter(codes)

    def run(command: Sequence[str], *_: Any) -> int:
        ran.append(command)
        return next(left, 0)

    state = {"deployment": {"resources": [{"urn": urn} for urn in URNS]}}
    monkeypatch.setattr(command_line, "ask", lambda *_: json.dumps(state))
    monkeypatch.setattr(command_line, "run", run)
    monkeypatch.setattr(api_client, "client", Client)
    monkeypatch.setattr(outputs, "read", lambda *_: Outputs(members={}, kubeconfigs=kubeconfigs))
    return ran


def excluded(
    monkeypatch: pytest.MonkeyPatch, plan: Plan, kubeconfigs: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """What the engine is told to leave out, and what is said of it."""
    messages: list[str] = []
    ran = engine_of(monkeypatch, kubeconfigs)
    assert refreshing.refresh(Path(), plan, messages.append) == 0
    (command,) = ran
    assert command[:2] == ["pulumi", "refresh"]
    return [urn for option, urn in itertools.pairwise(command) if option == "--exclude"], messages


def test_a_refresh_of_members_that_answer_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"us-east": "answers", "us-west": "forbids", "ap-northeast": "answers"}
    assert excluded(monkeypatch, planned(NAMESPACE), answers) == ([], [])


def test_a_silent_member_is_left_out_with_its_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    urns, messages = excluded(monkeypatch, planned(NAMESPACE), {"us-east": "silent", "us-west": "answers"})
    assert urns == ["**::us-east/**", f"{CLUSTER}::us-east-cluster"]
    assert messages == ["us-east does not answer: its state is not refreshed"]


def test_a_held_member_is_left_out_and_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(NAMESPACE, lost=("us-west",))
    urns, messages = excluded(monkeypatch, plan, {"us-east": "answers", "us-west": "answers"})
    assert urns == ["**::us-west/**", f"{CLUSTER}::us-west-cluster"]
    assert messages == ["us-west is quarantined: its state is not refreshed"]


ANSWERS = {"us-east": "answers", "us-west": "answers", "ap-northeast": "answers"}


def test_a_preview_with_a_refresh_is_pulumis_own(monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[str] = []
    ran = engine_of(monkeypatch, ANSWERS, [7])
    assert refreshing.preview(Path(), planned(NAMESPACE), messages.append) == 7
    assert ran == [["pulumi", "preview", "--stack", "dev", "--refresh"]]
    assert messages == []


def test_where_members_are_left_out_a_preview_shows_the_refresh_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[str] = []
    ran = engine_of(monkeypatch, {**ANSWERS, "us-east": "silent"})
    assert refreshing.preview(Path(), planned(NAMESPACE), messages.append) == 0
    refresh, preview = ran
    assert refresh[:3] == ["pulumi", "refresh", "--preview-only"]
    assert [urn for option, urn in itertools.pairwise(refresh) if option == "--exclude"] == [
        "**::us-east/**",
        f"{CLUSTER}::us-east-cluster",
    ]
    assert preview == ["pulumi", "preview", "--stack", "dev"]
    assert messages[0] == "us-east does not answer: its state is not refreshed"
    assert "what the refresh shows is put right as well" in messages[1]


def test_a_refresh_that_cannot_be_shown_ends_the_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = engine_of(monkeypatch, {**ANSWERS, "us-east": "silent"}, [255])
    assert refreshing.preview(Path(), planned(NAMESPACE), lambda _: None) == 255
    assert len(ran) == 1
