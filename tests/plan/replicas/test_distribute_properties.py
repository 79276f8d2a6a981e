"""Properties of every division of valid preferences, and comparisons with plain planners over random requests.

A preference is valid when no minimum is above its maximum, and the minimums add up to no more than the total.
"""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from federation.api.model.scheduling import ClusterPreference, ReplicaSchedulingPreference
from federation.plan.model.plan import Distribution
from federation.plan.replicas import distribute
from tests.examples import examples
from tests.plan.replicas import averages_by_the_book, kubefed_by_the_book

MEMBERS = ["A", "B", "C", "D", "ap-northeast", "us-east", "us-west"]


def _random_entry(rng: random.Random) -> ClusterPreference:
    least = rng.randrange(7) if rng.random() < 0.5 else 0
    most = rng.randrange(26) if rng.random() < 0.5 else None
    return ClusterPreference(weight=rng.randrange(rng.choice([1, 3, 9]) + 1), min_replicas=least, max_replicas=most)


def _random_request(rng: random.Random) -> tuple[ReplicaSchedulingPreference, list[str], dict[str, Any]]:
    members = rng.sample(MEMBERS, rng.randrange(len(MEMBERS) + 1))
    names = [*rng.sample(MEMBERS, rng.randrange(5)), *(["*"] if rng.random() < 0.7 else [])]
    preference = ReplicaSchedulingPreference(
        total_replicas=rng.randrange(rng.choice([4, 20, 90]) + 1),
        clusters={name: _random_entry(rng) for name in names},
        rebalance=rng.random() < 0.4,
    )
    facts = {
        "current": {name: rng.randrange(31) for name in members if rng.random() < 0.4},
        "capacity": {name: rng.randrange(21) for name in members if rng.random() < 0.25},
        "key": rng.choice(["", "demo/web", "a/b", "shop/checkout"]),
    }
    return preference, members, facts


@pytest.mark.parametrize("seed", range(examples(10, 2)))
def test_random_divisions_are_those_of_kubefed_by_the_book(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  # cases, not keys
    for _ in range(10_000):
        preference, members, facts = _random_request(rng)
        distribution = distribute.distribute(preference, members, **facts)
        plan, overflow = kubefed_by_the_book.divide(
            preference.total_replicas, preference.clusters, members, rebalance=preference.rebalance, **facts
        )
        assert (dict(distribution.replicas), dict(distribution.overflow)) == (plan, overflow), (
            preference,
            members,
            facts,
        )
        assert distribution.unplaced == preference.total_replicas - sum(plan.values())


@pytest.mark.parametrize("seed", range(examples(4, 1)))
def test_random_monotone_divisions_are_those_of_highest_averages_by_the_book(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  # cases, not keys
    for _ in range(5_000):
        preference, members, facts = _random_request(rng)
        distribution = distribute.distribute(replace(preference, strategy="monotone"), members, **facts)
        plan = averages_by_the_book.divide(
            preference.total_replicas, preference.clusters, members, capacity=facts["capacity"]
        )
        assert (dict(distribution.replicas), dict(distribution.overflow)) == (plan, {}), (preference, members, facts)


def _is_valid(preference: ReplicaSchedulingPreference, members: list[str]) -> bool:
    entries = [entry for _, entry in distribute.preferences_of(preference, members).values()]
    return sum(entry.min_replicas for entry in entries) <= preference.total_replicas


entries = st.tuples(st.integers(0, 9), st.integers(0, 6), st.none() | st.integers(0, 34)).map(
    lambda values: ClusterPreference(
        weight=values[0],
        min_replicas=values[1],
        max_replicas=None if values[2] is None else values[1] + values[2],
    )
)
preferences = st.builds(
    ReplicaSchedulingPreference,
    total_replicas=st.integers(0, 120),
    clusters=st.dictionaries(st.sampled_from([*MEMBERS, "*"]), entries, max_size=6),
    rebalance=st.booleans(),
    strategy=st.sampled_from(["kubefed", "monotone"]),
)
some_members = st.lists(st.sampled_from(MEMBERS), unique=True)
questions = st.tuples(preferences, some_members).filter(lambda pair: _is_valid(*pair))
facts_by_member = st.dictionaries(st.sampled_from(MEMBERS), st.integers(0, 40))
Question = tuple[ReplicaSchedulingPreference, list[str]]


def _weighed(preference: ReplicaSchedulingPreference, members: list[str]) -> dict[str, ClusterPreference]:
    entries = distribute.preferences_of(preference, members).items()
    return {name: entry for name, (_, entry) in entries if entry.weight}


two_members = st.lists(st.sampled_from(MEMBERS), unique=True, min_size=2)
weighed_questions = st.tuples(preferences, two_members).filter(lambda pair: len(_weighed(*pair)) > 1)
little_room = st.fixed_dictionaries({name: st.integers(0, 9) for name in MEMBERS})


@given(questions, facts_by_member)
def test_without_capacity_every_matched_member_is_between_its_minimum_and_its_maximum(
    question: Question, current: dict[str, int]
) -> None:
    preference, members = question
    distribution = distribute.distribute(preference, members, current=current, key="demo/web")
    for name, (_, entry) in distribute.preferences_of(preference, members).items():
        assert distribution.replicas[name] >= entry.min_replicas
        assert entry.max_replicas is None or distribution.replicas[name] <= entry.max_replicas
    assert distribution.overflow == {}


@given(preferences, some_members, facts_by_member, facts_by_member)
def test_nobody_gets_more_than_fits_and_everybody_has_a_number_and_a_reason(
    preference: ReplicaSchedulingPreference, members: list[str], current: dict[str, int], capacity: dict[str, int]
) -> None:
    distribution = distribute.distribute(preference, members, current=current, capacity=capacity)
    assert set(distribution.replicas) == set(distribution.reasons) == set(members)
    assert sum(distribution.replicas.values()) + distribution.unplaced == preference.total_replicas
    assert distribution.unplaced >= 0
    for name, (_, entry) in distribute.preferences_of(preference, members).items():
        assert entry.max_replicas is None or distribution.replicas[name] <= entry.max_replicas
        assert name not in capacity or distribution.replicas[name] <= capacity[name]
        assert distribution.assigned[name] == distribution.replicas[name] + distribution.overflow.get(name, 0)
        assert distribution.reasons[name]


@given(weighed_questions, facts_by_member, facts_by_member | little_room)
def test_replicas_find_no_place_only_when_everybody_with_a_weight_is_full(
    question: Question, current: dict[str, int], capacity: dict[str, int]
) -> None:
    preference, members = question
    distribution = distribute.distribute(preference, members, current=current, capacity=capacity, key="demo/web")
    assume(distribution.unplaced)
    for name, entry in _weighed(preference, members).items():
        limits = [limit for limit in (entry.max_replicas, capacity.get(name)) if limit is not None]
        assert distribution.replicas[name] == min(limits)


@given(preferences, some_members, facts_by_member, facts_by_member)
def test_the_order_of_members_and_of_entries_is_no_matter(
    preference: ReplicaSchedulingPreference, members: list[str], current: dict[str, int], capacity: dict[str, int]
) -> None:
    turned = replace(preference, clusters=dict(reversed(list(preference.clusters.items()))))
    one = distribute.distribute(preference, members, current=current, capacity=capacity, key="demo/web")
    other = distribute.distribute(turned, members[::-1], current=current, capacity=capacity, key="demo/web")
    assert (one, list(one.replicas)) == (other, list(other.replicas))


@given(preferences, some_members, facts_by_member, facts_by_member)
def test_what_came_out_and_runs_now_changes_nothing_unless_something_overflowed(
    preference: ReplicaSchedulingPreference, members: list[str], current: dict[str, int], capacity: dict[str, int]
) -> None:
    first = distribute.distribute(preference, members, current=current, capacity=capacity, key="demo/web")
    assume(not first.overflow)
    again = distribute.distribute(preference, members, current=first.replicas, capacity=capacity, key="demo/web")
    assert again.replicas.keys() == set(members)
    assert again.replicas == first.replicas


def test_a_minimum_above_its_maximum_does_not_keep_what_came_out() -> None:
    """Why the property above is for minimums below their maximums: KubeFed takes back what is above the maximum only
    while there are replicas left to divide."""
    clusters = {"A": ClusterPreference(min_replicas=1, max_replicas=0, weight=1), "B": ClusterPreference(weight=1)}
    preference = ReplicaSchedulingPreference(total_replicas=2, clusters=clusters)
    first = distribute.distribute(preference, ["A", "B"])
    again = distribute.distribute(preference, ["A", "B"], current=first.replicas)
    assert (first.replicas, again.replicas) == ({"A": 0, "B": 2}, {"A": 1, "B": 1})


@given(preferences, some_members, facts_by_member)
def test_monotone_takes_from_nobody_when_the_total_grows(
    preference: ReplicaSchedulingPreference, members: list[str], capacity: dict[str, int]
) -> None:
    smaller = replace(preference, strategy="monotone")
    larger = replace(smaller, total_replicas=smaller.total_replicas + 1)
    before = distribute.distribute(smaller, members, capacity=capacity).replicas
    after = distribute.distribute(larger, members, capacity=capacity).replicas
    assert all(after[name] >= before[name] for name in members)
    assert sum(after.values()) - sum(before.values()) in {0, 1}


@given(weighed_questions, facts_by_member, st.integers(0, 5000))
@settings(max_examples=examples(200, 75))
def test_monotone_keeps_the_averages_of_any_two_members_apart_by_less_than_a_replica(
    question: Question, capacity: dict[str, int], total: int
) -> None:
    preference, members = replace(question[0], strategy="monotone", total_replicas=total), question[1]
    distribution = distribute.distribute(preference, members, capacity=capacity)
    weighed = _weighed(preference, members)
    above = [name for name, entry in weighed.items() if distribution.replicas[name] > entry.min_replicas]
    below = [name for name, entry in weighed.items() if _has_room(entry, distribution, name, capacity)]
    assert not (below and distribution.unplaced)
    pairs = [(one, other) for one in above for other in below if one != other]
    assume(pairs)
    for one, other in pairs:
        taken = (2 * distribution.replicas[one] - 1) * weighed[other].weight
        offered = (2 * distribution.replicas[other] + 1) * weighed[one].weight
        assert taken <= offered


def _has_room(entry: ClusterPreference, distribution: Distribution, name: str, capacity: Mapping[str, int]) -> bool:
    limits = [limit for limit in (entry.max_replicas, capacity.get(name)) if limit is not None]
    return all(distribution.replicas[name] < limit for limit in limits)
