"""All members are asked at once what runs there; a silent one costs a line."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from federation.operations.members import observing
from federation.operations.project.facts import Facts
from federation.plan.model.plan import Plan
from federation.plan.replicas.observed_replicas import ObservedReplicas
from tests.plan.building import TALK, deployment, planned

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
PLAN = planned(TALK + deployment("undivided"))
READY = {"type": "Ready", "status": "True"}
STUCK = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "lastTransitionTime": "2030-01-01T11:00:00Z",
}
Handler = Callable[[httpx2.Request], httpx2.Response | Awaitable[httpx2.Response]]


def kubeconfig(member: str) -> str:
    return json.dumps(
        {
            "current-context": "x",
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": f"https://{member}.test"}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
        }
    )


KUBECONFIGS = {member.name: kubeconfig(member.name) for member in PLAN.members}


def web(*, asks: int, ready: int, name: str = "web", namespace: str = "demo") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": asks,
            "selector": {
                "matchLabels": {"app": "web"},
                "matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["b", "a"]}],
            },
        },
        "status": {"readyReplicas": ready},
    }


def pod(phase: str, condition: dict[str, str]) -> dict[str, Any]:
    return {"metadata": {"name": "p", "namespace": "demo"}, "status": {"phase": phase, "conditions": [condition]}}


class World:
    """Members that answer listings, and what they were asked for."""

    def __init__(self) -> None:
        self.deployments: dict[str, list[dict[str, Any]]] = {name: [] for name in KUBECONFIGS}
        self.pods: list[dict[str, Any]] = []
        self.asked: list[httpx2.URL] = []
        self.instead: dict[str, Handler] = {}

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        member = request.url.host.removesuffix(".test")
        self.asked.append(request.url)
        if member in self.instead:
            answer = self.instead[member](request)
            return answer if isinstance(answer, httpx2.Response) else await answer
        items = {
            "/api/v1/nodes": [{"metadata": {"name": "n1"}}, {"metadata": {"name": "n2"}}],
            "/apis/apps/v1/deployments": self.deployments[member],
            "/api/v1/namespaces/demo/pods": self.pods,
        }[request.url.path]
        return httpx2.Response(200, json={"items": items, "metadata": {}})

    def facts(self, plan: Plan = PLAN, *, seconds: float = 30.0, kubeconfigs: Mapping[str, str] = KUBECONFIGS) -> Facts:
        transport = httpx2.MockTransport(self.answer)
        return observing.facts(plan, kubeconfigs, at=NOON, seconds=seconds, transport=transport)


@pytest.fixture
def world() -> World:
    return World()


def test_a_workload_that_is_as_it_should_be_costs_no_listing_of_pods(world: World) -> None:
    world.deployments["us-west"] = [web(asks=6, ready=6)]
    found = world.facts()
    assert found.nodes == {"ap-northeast": 2, "us-east": 2, "us-west": 2}
    assert found.workloads["demo/web"].members == {"us-west": ObservedReplicas(current=6)}
    assert {url.path for url in world.asked} == {"/api/v1/nodes", "/apis/apps/v1/deployments"}
    assert len(world.asked) == 6
    assert (found.stack, found.observed_at, found.silent) == ("dev", NOON, {})


def test_otherwise_its_pods_are_looked_at_by_its_whole_selector(world: World) -> None:
    world.deployments["us-east"] = [web(asks=6, ready=2)]
    world.pods = [pod("Running", READY), pod("Running", READY), pod("Pending", STUCK)]
    assert world.facts().workloads["demo/web"].members == {"us-east": ObservedReplicas(current=2, capacity=5)}
    (asked,) = [url for url in world.asked if url.path.endswith("/pods")]
    assert asked.params["labelSelector"] == "app=web,tier notin (a,b)"


def test_only_our_objects_are_listed_and_only_what_a_preference_divides_is_kept(world: World) -> None:
    others = [web(asks=1, ready=1, name="undivided"), web(asks=1, ready=1, namespace="other")]
    world.deployments["us-east"] = [*others, web(asks=1, ready=1)]
    assert {key: set(each.members) for key, each in world.facts().workloads.items()} == {"demo/web": {"us-east"}}
    (selector,) = {url.params["labelSelector"] for url in world.asked if url.path.endswith("/deployments")}
    assert selector == "kubefed.io/managed=true"


def refused(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("refused", request=request)


def forbidden(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(403, json={"message": "no", "code": 403, "status": "Failure"})


def no_kubernetes(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, text="<html>")


async def never(_: httpx2.Request) -> httpx2.Response:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize(
    ("instead", "why"),
    [(refused, "does not answer: refused"), (forbidden, "does not answer: no"), (no_kubernetes, "does not answer: ")],
)
def test_a_member_that_cannot_be_asked_is_silent_and_the_others_are_heard(
    world: World, instead: Handler, why: str
) -> None:
    world.instead["us-east"] = instead
    world.deployments["us-west"] = [web(asks=6, ready=6)]
    found = world.facts()
    assert why in found.silent["us-east"]
    assert set(found.nodes) == {"ap-northeast", "us-west"}
    assert set(found.workloads["demo/web"].members) == {"us-west"}


def test_a_member_that_never_answers_is_given_up_on(world: World) -> None:
    world.instead["us-east"] = never
    assert world.facts(seconds=0.2).silent["us-east"] == "does not answer within 0.2 s"


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"clusters": [], "contexts": []}', '{"current-context": "x"}']
)
def test_a_kubeconfig_that_leads_nowhere_is_a_line(world: World, text: str) -> None:
    found = world.facts(kubeconfigs={**KUBECONFIGS, "us-east": text})
    assert set(found.silent) == {"us-east"}


def test_members_that_are_held_or_not_up_yet_are_not_asked(world: World) -> None:
    known = {"us-east": kubeconfig("us-east"), "us-west": kubeconfig("us-west")}
    found = world.facts(planned(TALK, lost=("us-west",)), kubeconfigs=known)
    assert found.silent == {"us-west": "quarantined: no request is sent", "ap-northeast": "not up yet"}
    assert {url.host for url in world.asked} == {"us-east.test"}


def test_a_type_that_a_member_does_not_serve_is_no_silence(world: World) -> None:
    def none(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/nodes"):
            return httpx2.Response(200, json={"items": [], "metadata": {}})
        return httpx2.Response(404, json={"message": "no such type", "code": 404, "status": "Failure"})

    world.instead["us-east"] = none
    found = world.facts()
    assert found.nodes["us-east"] == 0
    assert found.silent == {}
