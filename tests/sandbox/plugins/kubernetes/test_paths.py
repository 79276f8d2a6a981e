"""Property paths."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.plugins import properties
from sandbox.plugins.kubernetes import paths
from sandbox.plugins.kubernetes.errors import RefusedError

TREE: dict[str, Any] = {"spec": {"replicas": 1, "containers": [{"image": "a"}, {"image": "b"}]}}
steps = st.text(min_size=1).filter(lambda text: "\\" not in text and text != "*") | st.integers(0, 99)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("spec.replicas", ("spec", "replicas")),
        ("spec.containers[0].image", ("spec", "containers", 0, "image")),
        ('metadata.labels["a.b/c"]', ("metadata", "labels", "a.b/c")),
        ('["a"].b', ("a", "b")),
        ("*", ("*",)),
        ("spec.containers[*].image", ("spec", "containers", "*", "image")),
    ],
)
def test_a_path_is_read(written: str, expected: properties.Path) -> None:
    assert paths.parse(written) == expected


@given(st.lists(steps, min_size=1, max_size=5).filter(lambda path: isinstance(path[0], str)))
def test_a_path_is_read_as_it_was_written(path: list[str | int]) -> None:
    assert paths.parse(properties.text(tuple(path))) == tuple(path)


@pytest.mark.parametrize("written", ["a[", "a[x]", 'a["b]', "a..b"])
def test_what_is_no_path_is_refused(written: str) -> None:
    with pytest.raises(RefusedError, match="is no property path"):
        paths.parse(written)


def test_a_star_stands_for_every_step() -> None:
    found = paths.expand(TREE, ("spec", "containers", "*", "image"))
    assert found == [("spec", "containers", 0, "image"), ("spec", "containers", 1, "image")]
    assert paths.expand(TREE, ("spec", "missing")) == []


def test_what_stands_at_a_path_is_found_or_missing() -> None:
    assert paths.value_at(TREE, ("spec", "containers", 1, "image")) == "b"
    assert paths.value_at(TREE, ("spec", "containers", 2)) is paths.MISSING
    assert paths.value_at(TREE, ("spec", "replicas", "x")) is paths.MISSING


def test_a_dropped_value_takes_the_mappings_along_that_it_leaves_empty() -> None:
    tree = {"a": {"b": {"c": 1}}, "d": 2}
    paths.drop(tree, ("a", "b", "c"))
    assert tree == {"d": 2}


def test_a_value_is_put_only_where_something_leads() -> None:
    tree = copy.deepcopy(TREE)
    paths.put(tree, ("spec", "containers", 0, "image"), "new")
    paths.put(tree, ("nowhere", "x"), 1)
    assert tree["spec"]["containers"][0] == {"image": "new"}
    assert "nowhere" not in tree


def test_a_path_is_covered_by_those_above_it() -> None:
    assert paths.covered(("spec", "replicas"), [("spec",)])
    assert paths.covered(("spec", "replicas"), [("*",)])
    assert not paths.covered(("spec",), [("spec", "replicas")])
