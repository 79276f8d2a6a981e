"""The order of ``overrides`` matters; that of documents and members does not (test_planner)."""

import json
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tests.plan.building import NAMESPACE, document, planned


def _entry(value: str, **whom: object) -> dict[str, object]:
    return {**whom, "clusterOverrides": [{"op": "add", "path": "/data/who", "value": value}]}


NAMED = {"clusterName": "us-east"}
SELECTED = {"clusterSelector": {"matchLabels": {"geo": "us"}}}
ENTRIES = {
    "named": _entry("named", **NAMED),
    "selected": _entry("selected", **SELECTED),
    "everyone": _entry("everyone", clusterSelector={}),
}


def _data(overrides: list[dict[str, object]], member: str = "us-east") -> object:
    body = {"template": {"data": {"first": "x"}}, "placement": {"clusterSelector": {}}, "overrides": overrides}
    made = planned(NAMESPACE + document("FederatedConfigMap", "web", json.dumps(body)), plan={"strictness": "warn"})
    return next(each.manifest["data"] for each in made.member(member).objects if each.kind == "ConfigMap")


def test_the_last_entry_in_the_list_wins_whoever_it_is_for() -> None:
    for order in permutations(ENTRIES):
        assert _data([ENTRIES[name] for name in order]) == {"first": "x", "who": order[-1]}


def test_an_operation_sees_what_those_before_it_have_made() -> None:
    add = _entry("a", **SELECTED)
    remove: dict[str, object] = {**NAMED, "clusterOverrides": [{"op": "remove", "path": "/data/who"}]}
    assert _data([add, remove]) == {"first": "x"}
    assert _data([remove, add]) == {"first": "x", "who": "a"}
    assert _data([add, remove], "us-west") == {"first": "x", "who": "a"}


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), st.integers(0, 6))
def test_an_entry_of_another_member_in_between_changes_nothing(values: list[str], place: int) -> None:
    mine = [_entry(value, **SELECTED) for value in values]
    other = _entry("elsewhere", clusterName="ap-northeast")
    assert _data([*mine[:place], other, *mine[place:]]) == _data(mine) == {"first": "x", "who": values[-1]}
