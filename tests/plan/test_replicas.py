"""Division of replicas: KubeFed's to the rounding, and the monotone one by its promises."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.api.scheduling import ClusterPreference, ReplicaSchedulingPreference
from federation.plan import hashing, replicas
from federation.plan.result import Distribution
from tests.plan import kubefed_by_the_book

CASES = Path(__file__).parent.parent / "cases" / "replicas"
MEMBERS = ["A", "B", "C", "D", "ap-northeast", "us-east", "us-west"]


def _cases() -> list[Any]:
    read = [(path.stem, case) for path in sorted(CASES.glob("*.yaml")) for case in yaml.safe_load(path.read_text())]
    return [pytest.param(stem, case, id=f"{stem}: {case['name']}") for stem, case in read]


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
    answer = replicas.distribute(
        preference,
        case["members"],
        current=case.get("current"),
        capacity=case.get("capacity"),
        key=case.get("key", ""),
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


def _random_question(rng: random.Random) -> tuple[ReplicaSchedulingPreference, list[str], dict[str, Any]]:
    def count(most: int) -> int:
        return rng.randrange(most + 1)

    def entry() -> ClusterPreference:
        least = count(6) if rng.random() < 0.5 else 0
        most = count(25) if rng.random() < 0.5 else None
        return ClusterPreference(weight=count(rng.choice([1, 3, 9])), min_replicas=least, max_replicas=most)

    members = rng.sample(MEMBERS, rng.randrange(len(MEMBERS) + 1))
    names = [*rng.sample(MEMBERS, rng.randrange(5)), *(["*"] if rng.random() < 0.7 else [])]
    preference = ReplicaSchedulingPreference(
        total_replicas=count(rng.choice([4, 20, 90])),
        clusters={name: entry() for name in names},
        rebalance=rng.random() < 0.4,
    )
    facts = {
        "current": {name: count(30) for name in members if rng.random() < 0.4},
        "capacity": {name: count(20) for name in members if rng.random() < 0.25},
        "key": rng.choice(["", "demo/web", "a/b", "shop/checkout"]),
    }
    return preference, members, facts


@pytest.mark.parametrize("seed", range(8))
def test_twenty_thousand_divisions_are_those_of_kubefed_by_the_book(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  # cases, not keys
    for _ in range(2500):
        preference, members, facts = _random_question(rng)
        answer = replicas.distribute(preference, members, **facts)
        plan, overflow = kubefed_by_the_book.divide(
            preference.total_replicas, preference.clusters, members, rebalance=preference.rebalance, **facts
        )
        assert (dict(answer.replicas), dict(answer.overflow)) == (plan, overflow), (preference, members, facts)
        assert answer.unplaced == preference.total_replicas - sum(plan.values())


entries = st.builds(
    ClusterPreference,
    weight=st.integers(0, 9),
    min_replicas=st.integers(0, 6),
    max_replicas=st.none() | st.integers(6, 40),
)
preferences = st.builds(
    ReplicaSchedulingPreference,
    total_replicas=st.integers(0, 120),
    clusters=st.dictionaries(st.sampled_from([*MEMBERS, "*"]), entries, max_size=6),
    rebalance=st.booleans(),
    strategy=st.sampled_from(["kubefed", "monotone"]),
)
some_members = st.lists(st.sampled_from(MEMBERS), unique=True)
facts_by_member = st.dictionaries(st.sampled_from(MEMBERS), st.integers(0, 40))


@given(preferences, some_members, facts_by_member, facts_by_member)
def test_the_order_of_members_and_of_entries_is_no_matter(
    preference: ReplicaSchedulingPreference, members: list[str], current: dict[str, int], capacity: dict[str, int]
) -> None:
    turned = _with(preference, clusters=dict(reversed(list(preference.clusters.items()))))
    one = replicas.distribute(preference, members, current=current, capacity=capacity, key="demo/web")
    other = replicas.distribute(turned, members[::-1], current=current, capacity=capacity, key="demo/web")
    assert (one, list(one.replicas)) == (other, list(other.replicas))


@given(preferences, some_members, facts_by_member, facts_by_member)
def test_what_came_out_and_runs_now_changes_nothing_unless_something_overflowed(
    preference: ReplicaSchedulingPreference, members: list[str], current: dict[str, int], capacity: dict[str, int]
) -> None:
    first = replicas.distribute(preference, members, current=current, capacity=capacity, key="demo/web")
    if first.overflow:
        return
    again = replicas.distribute(preference, members, current=first.replicas, capacity=capacity, key="demo/web")
    assert again.replicas == first.replicas


@given(preferences, some_members, facts_by_member, facts_by_member)
def test_every_member_has_a_number_within_its_limits_and_a_reason(
    preference: ReplicaSchedulingPreference, members: list[str], current: dict[str, int], capacity: dict[str, int]
) -> None:
    answer = replicas.distribute(preference, members, current=current, capacity=capacity)
    assert set(answer.replicas) == set(answer.reasons) == set(members)
    assert sum(answer.replicas.values()) + answer.unplaced == preference.total_replicas
    assert answer.unplaced >= 0
    for name, (_, entry) in replicas.preferences_of(preference, members).items():
        assert entry.max_replicas is None or answer.replicas[name] <= entry.max_replicas
        assert name not in capacity or answer.replicas[name] <= capacity[name]
        assert answer.reasons[name]
        assert answer.landed[name] == answer.replicas[name] + answer.overflow.get(name, 0)


@given(preferences, some_members, facts_by_member)
def test_monotone_takes_from_nobody_when_the_total_grows(
    preference: ReplicaSchedulingPreference, members: list[str], capacity: dict[str, int]
) -> None:
    smaller = _with(preference, strategy="monotone")
    larger = _with(smaller, total_replicas=smaller.total_replicas + 1)
    before = replicas.distribute(smaller, members, capacity=capacity).replicas
    after = replicas.distribute(larger, members, capacity=capacity).replicas
    assert all(after[name] >= before[name] for name in members)
    assert sum(after.values()) - sum(before.values()) in {0, 1}


@given(preferences, some_members, st.integers(0, 5000))
@settings(max_examples=200)
def test_monotone_keeps_the_averages_of_any_two_members_apart_by_less_than_a_replica(
    preference: ReplicaSchedulingPreference, members: list[str], total: int
) -> None:
    preference = _with(preference, strategy="monotone", total_replicas=total)
    answer = replicas.distribute(preference, members)
    matched = {name: entry for name, (_, entry) in replicas.preferences_of(preference, members).items()}
    weighed = {name: entry for name, entry in matched.items() if entry.weight}
    above = [name for name, entry in weighed.items() if answer.replicas[name] > entry.min_replicas]
    below = [
        name
        for name, entry in weighed.items()
        if entry.max_replicas is None or answer.replicas[name] < entry.max_replicas
    ]
    for one in above:
        for other in below:
            taken = (2 * answer.replicas[one] - 1) * weighed[other].weight
            offered = (2 * answer.replicas[other] + 1) * weighed[one].weight
            assert taken <= offered
    if below:
        assert answer.unplaced == 0


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
    assert "no preference matches" in replicas.distribute(preference, ["A", "B"]).reasons["B"][0]


def _talk(members: list[str]) -> Distribution:
    clusters = {
        "*": ClusterPreference(weight=2, max_replicas=12),
        "ap-northeast": ClusterPreference(weight=1, min_replicas=1, max_replicas=3),
    }
    return replicas.distribute(
        ReplicaSchedulingPreference(total_replicas=15, clusters=clusters), members, key="demo/web"
    )


def _with(preference: ReplicaSchedulingPreference, **changes: Any) -> ReplicaSchedulingPreference:
    return replace(preference, **changes)
