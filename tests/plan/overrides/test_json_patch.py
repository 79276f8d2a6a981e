"""A JSON Patch operation gives exactly the result of KubeFed's library, and never changes the original tree."""

import copy
from typing import Any, Literal

import jsonpatch
import pytest
import yaml
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from federation.plan.overrides import json_patch
from tests import places

CASES = yaml.safe_load((places.CASES / "patch" / "patch.yaml").read_text())


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_an_operation_does_what_kubefeds_library_does(case: dict[str, Any]) -> None:
    before = copy.deepcopy(case["tree"])
    if "error" in case:
        with pytest.raises(json_patch.PatchError) as caught:
            json_patch.apply(case["tree"], case["op"], case["path"], case.get("value"))
        assert case["error"] in str(caught.value)
    else:
        patched = json_patch.apply(case["tree"], case["op"], case["path"], case.get("value"))
        assert patched.tree == case["expect"]
        assert patched.set_missing is case.get("set_missing", False)
    assert case["tree"] == before


keys = st.sampled_from(["a", "b", "0", "1", "a/b", "~"])
trees = st.dictionaries(
    keys,
    st.recursive(
        st.integers(0, 3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)
parts = st.sampled_from(["a", "b", "0", "1", "2", "-", "a~1b", "~0"])
paths = st.lists(parts, min_size=1, max_size=4).map(lambda chosen: "/" + "/".join(chosen))
operations: st.SearchStrategy[Literal["add", "remove", "replace"]] = st.sampled_from(["add", "remove", "replace"])


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])  # most paths match nothing
@given(trees, operations, paths)
def test_what_the_standard_allows_comes_out_as_the_standard_has_it(
    tree: dict[str, Any], op: Literal["add", "remove", "replace"], path: str
) -> None:
    before = copy.deepcopy(tree)
    try:
        expected = jsonpatch.apply_patch(tree, [{"op": op, "path": path, "value": "new"}])
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
        reject()
    assert json_patch.apply(tree, op, path, "new").tree == expected
    assert tree == before


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])  # most paths match nothing
@given(trees, operations, paths)
def test_what_a_path_does_not_touch_is_shared_and_not_copied(
    tree: dict[str, Any], op: Literal["add", "remove", "replace"], path: str
) -> None:
    try:
        changed = json_patch.apply(tree, op, path, "new").tree
    except json_patch.PatchError:
        reject()
    first = path.split("/")[1].replace("~1", "/").replace("~0", "~")
    others = tree.keys() - {first}
    assume(others)
    assert [key for key in others if changed[key] is not tree[key]] == []


def test_a_message_never_shows_a_value() -> None:
    with pytest.raises(json_patch.PatchError) as caught:
        json_patch.apply({"data": {"password": "hunter2"}}, "remove", "/data/user")
    assert "hunter2" not in str(caught.value)
    assert "password" in str(caught.value)
