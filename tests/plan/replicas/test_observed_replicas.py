"""The replicas of a workload that run in a member, and how many it can take."""

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from federation.plan.replicas import observed_replicas
from federation.plan.replicas.observed_replicas import ObservedReplicas
from tests import places

CASES = yaml.safe_load((places.CASES / "sightings" / "sightings.yaml").read_text())
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_what_is_seen_is(case: dict[str, Any]) -> None:
    live = {"spec": {"replicas": case["asks"]}, "status": {"readyReplicas": case["ready"]}}
    current, capacity = case["expect"]
    found = observed_replicas.from_status(live)
    if case["pods"] == "not asked":
        assert found == ObservedReplicas(current=current, capacity=capacity)
    else:
        assert found is None
        pods = [{"status": status} for status in case["pods"]]
        assert observed_replicas.from_pods(live, pods, NOON) == ObservedReplicas(current=current, capacity=capacity)


def test_an_object_without_a_status_has_nothing_ready() -> None:
    assert observed_replicas.from_status({"spec": {"replicas": 2}}) is None
    assert observed_replicas.from_status({"spec": {"replicas": 0}}) == ObservedReplicas(current=0)
