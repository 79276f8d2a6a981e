"""Waits between objects are registered as planned, and no object leaves before its takers are ready."""

from collections.abc import Container
from typing import Any

import pulumi
import pytest

from federation import Federation, FederationArgs
from federation.api.reading import loading
from federation.plan import planner
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from tests.components.mocks import THREE, Recorder, federation, run
from tests.plan import building

pytestmark = pytest.mark.mocks

DOCUMENT = "demo/Deployment/web"
TOKEN = "kubernetes:apps/v1:Deployment"
SPREAD = building.TALK
MOVED = building.NAMESPACE + building.deployment(spec="placement: {clusters: [{name: us-east}]}", replicas=6)
KEEPS = f"{DOCUMENT}: us-west keeps all replicas, since us-east is not ready to take over; update again"


class NoSecrets:
    def require(self, key: str) -> pulumi.Output[str]:
        raise AssertionError(f"the application has no secret called {key}")


def updated(
    text: str, *, waves: dict[str, int] | None = None, failing: Container[str] = (), preview: bool = False
) -> Recorder:
    """An update of a stack whose last one left twelve replicas in us-west and nothing elsewhere."""
    given = waves or {}
    settings = federation(*(each.model_copy(update={"wave": given.get(each.name, 0)}) for each in THREE))
    left = IndexEntry(logical_name=f"us-west/{DOCUMENT}", token=TOKEN, digest="x", replicas=12)
    plan = planner.plan(settings, loading.parse(text, "web.yaml"), Observed(registered={"us-west": (left,)}))

    def make() -> Any:
        made = Federation("atlas", FederationArgs(settings=settings, plan=plan, secrets=NoSecrets()))
        return pulumi.Output.all(*(each.urn for each in made.objects.values()))

    return run(make, preview=preview, failing=failing)


def others(recorder: Recorder, name: str) -> set[str]:
    """The Deployments of other members that a resource depends on, by their members."""
    found = {each.removesuffix(f"/{DOCUMENT}") for each in recorder.dependencies[name] if each.endswith(DOCUMENT)}
    return found - {name.partition("/")[0]}


@pytest.mark.parametrize("waves", [{}, {"us-west": 1}, {"us-east": 1, "ap-northeast": 1}])
def test_members_that_lose_replicas_depend_on_those_that_gain_them_whatever_the_waves(waves: dict[str, int]) -> None:
    recorder = updated(SPREAD, waves=waves)
    assert others(recorder, f"us-west/{DOCUMENT}") == {"ap-northeast", "us-east"}
    assert others(recorder, f"us-east/{DOCUMENT}") == set()


def test_waves_hold_among_those_that_gain() -> None:
    assert others(updated(SPREAD, waves={"us-east": 1}), f"us-east/{DOCUMENT}") == {"ap-northeast"}


def test_record_sets_of_the_name_depend_on_those_that_gain() -> None:
    recorder = updated(SPREAD)
    zone = "web.demo.atlas.svc.us-west-2.fed.example.com"
    group = f"dns/region/_weighted.{zone}/us-west"
    assert others(recorder, group) == {"ap-northeast", "us-east", "us-west"}
    assert f"dns/region/{zone}" in recorder.dependencies
    assert group in recorder.dependencies[f"dns/region/{zone}"]


def test_an_update_fails_at_its_end_where_something_would_leave_for_a_place_that_is_not_ready() -> None:
    with pytest.raises(pulumi.RunError) as caught:
        updated(MOVED, failing=[f"us-east/{DOCUMENT}"])
    assert str(caught.value) == f"{KEEPS}\nnothing is deleted in this update, in any member"


def test_an_update_ends_well_where_the_new_place_is_ready() -> None:
    assert f"us-east/{DOCUMENT}" in updated(MOVED).dependencies


def test_a_preview_knows_of_no_place_that_is_not_ready() -> None:
    assert f"us-east/{DOCUMENT}" in updated(MOVED, preview=True).dependencies
