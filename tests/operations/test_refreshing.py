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


def excluded(
    monkeypatch: pytest.MonkeyPatch, plan: Plan, kubeconfigs: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """What the engine is told to leave out, and what is said of it."""
    ran: list[Sequence[str]] = []
    said: list[str] = []

    def run(command: Sequence[str], *_: Any) -> int:
        ran.append(command)
        return 0

    state = {"deployment": {"resources": [{"urn": urn} for urn in URNS]}}
    monkeypatch.setattr(command_line, "ask", lambda *_: json.dumps(state))
    monkeypatch.setattr(command_line, "run", run)
    monkeypatch.setattr(api_client, "client", Client)
    monkeypatch.setattr(outputs, "read", lambda *_: Outputs(members={}, kubeconfigs=kubeconfigs))
    assert refreshing.refresh(Path(), plan, said.append) == 0
    (command,) = ran
    assert command[:2] == ["pulumi", "refresh"]
    return [urn for option, urn in itertools.pairwise(command) if option == "--exclude"], said


def test_a_refresh_of_members_that_answer_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"us-east": "answers", "us-west": "forbids", "ap-northeast": "answers"}
    assert excluded(monkeypatch, planned(NAMESPACE), answers) == ([], [])


def test_a_silent_member_is_left_out_with_its_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    urns, said = excluded(monkeypatch, planned(NAMESPACE), {"us-east": "silent", "us-west": "answers"})
    assert urns == ["**::us-east/**", f"{CLUSTER}::us-east-cluster"]
    assert said == ["us-east does not answer: its state is not refreshed"]


def test_a_held_member_is_left_out_and_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(NAMESPACE, lost=("us-west",))
    urns, said = excluded(monkeypatch, plan, {"us-east": "answers", "us-west": "answers"})
    assert urns == ["**::us-west/**", f"{CLUSTER}::us-west-cluster"]
    assert said == ["us-west is held: its state is not refreshed"]


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("1", True), ("false", False), ("", False)])
def test_a_refresh_is_the_default_in_ci(value: str, expected: bool) -> None:
    assert refreshing.by_default({"CI": value}) is expected
    assert refreshing.by_default({}) is False
