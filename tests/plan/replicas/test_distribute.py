"""Division of replicas and its reasons, case by case; test_distribute_properties has what holds for all."""

from typing import Any

import pytest
import yaml

from federation.api.model.scheduling import ClusterPreference, ReplicaSchedulingPreference
from federation.plan.model.plan import Distribution
from federation.plan.replicas import distribute, hashing
from federation.plan.replicas.distribute import WorkloadState
from tests import places

CASES = places.CASES / "replicas"


def _cases() -> list[Any]:
    read = [(path.stem, case) for path in sorted(CASES.glob("*.yaml")) for case in yaml.safe_load(path.read_text())]
    single = [(stem, each) for stem, case in read for each in _each_total(case)]
    return [pytest.param(stem.partition("-")[0], case, id=f"{stem}: {case['name']}") for stem, case in single]


def _each_total(case: dict[str, Any]) -> list[dict[str, Any]]:
    """A case that has a row for each of many totals, as one case for each; any other one as it is."""
    if "totals" not in case:
        return [case]
    return [
        {
            **case,
            "name": f"{case['name']}, {total} in all",
            "total": total,
            "expect": dict(zip(case["members"], counts, strict=True)),
            "unplaced": total - sum(counts),
        }
        for total, counts in case["totals"].items()
    ]


def _entry(values: dict[str, int]) -> ClusterPreference:
    return ClusterPreference(
        weight=values.get("weight", 0), min_replicas=values.get("min", 0), max_replicas=values.get("max")
    )


@pytest.mark.parametrize(("strategy", "case"), _cases())
def test_a_case_is_divided_as_expected(strategy: Any, case: dict[str, Any]) -> None:
    preference = ReplicaSchedulingPreference(
        total_replicas=case["total"],
        clusters={name: _entry(values) for name, values in case["clusters"].items()},
        rebalance=case.get("rebalance", False),
        strategy=strategy,
    )
    answer = distribute.distribute(
        preference,
        case["members"],
        WorkloadState(current=case.get("current", {}), capacity=case.get("capacity", {}), key=case.get("key", "")),
    )
    assert answer.replicas == case["expect"]
    assert answer.overflow == case.get("overflow", {})
    assert answer.unplaced == case.get("unplaced", 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0x811C9DC5),
        ("A", 0x050C5D5E),
        ("B", 0x050C5D5D),
        ("us-east-1demo/web", 0x0644F079),
        ("us-west-2demo/web", 0x4E1D26DC),
    ],
)
def test_the_hash_is_fnv_1_however_the_text_is_cut(text: str, expected: int) -> None:
    assert {hashing.fnv1(text[:cut], text[cut:]) for cut in range(len(text) + 1)} == {expected}


def test_every_number_of_the_talk_has_its_reason() -> None:
    answer = _talk(["ap-northeast", "us-east", "us-west"])
    assert answer.reasons["us-east"][-1] == "round 1: weight 2 of 5 -> ceil(14*2/5) = 6 -> 6"
    assert answer.reasons["ap-northeast"] == (
        'preference "ap-northeast" (<python>): weight 1, min 1, max 3',
        "minimum 1 of 15 -> 1",
        "round 1: weight 1 of 5 -> ceil(14*1/5) = 3, 2 left -> 3",
    )


def test_the_reasons_of_a_lost_region_name_both_rounds() -> None:
    answer = _talk(["ap-northeast", "us-west"])
    assert answer.reasons["us-west"][1:] == (
        "round 1: weight 2 of 3 -> ceil(14*2/3) = 10 -> 10",
        "round 2: weight 2 of 2 -> ceil(2*2/2) = 2 -> 12",
    )
    assert "5 is over the maximum 3 -> 3" in answer.reasons["ap-northeast"][-1]


def test_a_member_without_a_preference_says_so() -> None:
    preference = ReplicaSchedulingPreference(total_replicas=3, clusters={"A": ClusterPreference(weight=1)})
    assert "no preference matches" in distribute.distribute(preference, ["A", "B"]).reasons["B"][0]


def _talk(members: list[str]) -> Distribution:
    clusters = {
        "*": ClusterPreference(weight=2, max_replicas=12),
        "ap-northeast": ClusterPreference(weight=1, min_replicas=1, max_replicas=3),
    }
    return distribute.distribute(
        ReplicaSchedulingPreference(total_replicas=15, clusters=clusters), members, WorkloadState(key="demo/web")
    )
