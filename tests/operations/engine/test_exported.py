"""The outputs of several stacks read as those of one."""

from collections.abc import Mapping
from typing import Any

import pytest

from federation.operations.engine.exported import joined


@pytest.mark.parametrize(
    ("trees", "whole"),
    [
        ([], {}),
        ([{"a": 1}], {"a": 1}),
        ([{"members": {"east": 1}}, {"members": {"west": 2}}], {"members": {"east": 1, "west": 2}}),
        ([{"members": {"east": 1}}, {"members": {"east": 2}}], {"members": {"east": 2}}),
        ([{"names": ["a"]}, {"names": ["b"]}, {"names": []}], {"names": ["a", "b"]}),
        ([{"zone": "a.test"}, {"zone": "b.test"}], {"zone": "a.test"}),
        ([{"zone": ""}, {"zone": "b.test"}], {"zone": "b.test"}),
        ([{"open": 0}, {"open": 2}, {"open": 0}], {"open": 2}),
        ([{"records": None}, {"records": "text"}], {"records": "text"}),
        ([{"members": {"east": 1}}, {"members": "odd"}], {"members": {"east": 1}}),
        ([{"members": {}}, {"members": ["odd"]}], {"members": ["odd"]}),
    ],
    ids=str,
)
def test_mappings_and_lists_are_joined_and_of_other_values_the_first_one_counts(
    trees: list[Mapping[str, Any]], whole: Mapping[str, Any]
) -> None:
    assert joined(trees) == whole


def test_no_tree_is_changed() -> None:
    first, second = {"index": {"east": "x"}, "names": ["a"]}, {"index": {"west": "y"}, "names": ["b"]}
    joined([first, second])
    assert (first, second) == (
        {"index": {"east": "x"}, "names": ["a"]},
        {"index": {"west": "y"}, "names": ["b"]},
    )
