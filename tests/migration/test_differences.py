"""The operations between two trees turn one into the other, and name no path twice."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from federation.migration import differences
from federation.plan.overrides import json_patch

KEYS = st.sampled_from(["a", "b/c", "~d", "e"])
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "y"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=3,
)


@given(TREES, TREES)
@example({"a": [False]}, {"a": [0]})
@example({"a": {"e": True}}, {"a": {"e": 1}})
def test_operations_lead_from_one_tree_to_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    operations = list(differences.operations(before, after))
    tree: Any = before
    for operation in operations:
        tree = json_patch.apply(tree, operation["op"], operation["path"], operation.get("value")).tree
    assert repr(_sorted(tree)) == repr(_sorted(after))
    assert len({operation["path"] for operation in operations}) == len(operations)


def _sorted(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _sorted(tree[key]) for key in sorted(tree)}
    return [_sorted(item) for item in tree] if isinstance(tree, list) else tree
