"""The readiness of objects that take over is read from the objects themselves, each once."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from federation.components.kubernetes import takers
from federation.components.kubernetes.takers import NotReadyError, Takers
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan, PlannedObject
from tests.plan import building

DOCUMENT = "demo/Deployment/web"


def plan() -> Plan:
    """Replicas move from us-west to both others."""
    left = IndexEntry(logical_name=f"us-west/{DOCUMENT}", token="kubernetes:apps/v1:Deployment", digest="x")
    return building.planned(building.TALK, Observed(registered={"us-west": (replace(left, replicas=12),)}))


def web(**changes: Any) -> PlannedObject:
    found = {each.logical_name: each for each in plan().member("us-east").objects}
    return replace(found[f"us-east/{DOCUMENT}"], **changes)


@pytest.mark.parametrize(
    ("spec", "status", "said"),
    [
        ({"replicas": 6}, {"readyReplicas": 6, "observedGeneration": 2}, ""),
        ({"replicas": 6}, {"readyReplicas": 5, "observedGeneration": 2}, "5 of 6 replicas"),
        ({"replicas": 2}, {"readyReplicas": 2, "observedGeneration": 2}, "2 of 6 replicas"),
        ({"replicas": 6}, {"observedGeneration": 2}, "0 of 6 replicas"),
        ({"replicas": 6}, {"readyReplicas": 6, "observedGeneration": 1}, "its controller has not seen the update yet"),
        ({"replicas": 6}, None, "its controller has not seen the update yet"),
    ],
)
def test_a_taker_is_ready_with_all_planned_replicas(spec: Any, status: Any, said: str) -> None:
    assert takers.missing({"spec": spec, "status": status}, 2, web()) == said


def test_under_an_autoscaler_a_taker_is_ready_with_the_replicas_of_the_autoscaler() -> None:
    live = {"spec": {"replicas": 2}, "status": {"readyReplicas": 2, "observedGeneration": 1}}
    assert takers.missing(live, 1, web(ignore_changes=("spec.replicas",))) == ""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What each taker lacks, one answer after another; the last one stays."""
    found: dict[str, list[str]] = {f"{name}/{DOCUMENT}": [""] for name in ("ap-northeast", "us-east")}

    def why(_: str, planned: PlannedObject) -> str:
        answers = found[planned.logical_name]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    monkeypatch.setattr(takers, "monitor_supports_feature", lambda _: False)
    monkeypatch.setattr(takers, "_why_not_ready", why)
    monkeypatch.setattr(takers, "PAUSE", 0.0)
    return found


async def kubeconfig(_: str) -> str:
    return "{}"


def wait_before(name: str, seconds: float = 5.0) -> None:
    async def run() -> None:
        await Takers(plan(), kubeconfig, seconds).wait_before(name)

    asyncio.run(run())


def test_a_giver_waits_until_all_takers_are_ready(asked: dict[str, list[str]]) -> None:
    asked[f"us-east/{DOCUMENT}"] = ["0 of 6 replicas", "5 of 6 replicas", ""]
    wait_before(f"us-west/{DOCUMENT}")
    assert asked[f"us-east/{DOCUMENT}"] == [""]


def test_a_taker_that_is_not_ready_in_time_is_named(asked: dict[str, list[str]]) -> None:
    asked[f"us-east/{DOCUMENT}"] = ["5 of 6 replicas"]
    with pytest.raises(NotReadyError, match=r"us-east/demo/Deployment/web must take over .* \(5 of 6 replicas\)"):
        wait_before(f"us-west/{DOCUMENT}", seconds=0.0)


def test_an_object_that_gives_nothing_sends_no_request(asked: dict[str, list[str]]) -> None:
    asked[f"us-east/{DOCUMENT}"] = ["5 of 6 replicas", ""]
    wait_before(f"us-east/{DOCUMENT}", seconds=0.0)
    assert asked[f"us-east/{DOCUMENT}"] == ["5 of 6 replicas", ""]
