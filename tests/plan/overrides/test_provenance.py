"""A path in a manifest is traced to the line that set its value."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors.source import PathKey
from federation.plan.overrides import json_patch, provenance
from federation.plan.overrides.operations import Operation
from tests.examples import examples

NAMES = st.sampled_from("abc")
LEAVES = st.integers(0, 99)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))
PARTS = st.lists(NAMES | st.sampled_from(["0", "1", "2", "-1", "-"]), min_size=1, max_size=3)
OPERATIONS = st.builds(
    Operation,
    op=st.sampled_from(["add", "remove", "replace"]),
    path=PARTS.map(lambda parts: "/" + "/".join(parts)),
    value=TREES,
)


def leaves(tree: Any, path: PathKey = ()) -> Iterator[tuple[PathKey, Any]]:
    """Every leaf with its path."""
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, part in entries:
        yield from leaves(part, (*path, key))
    if not isinstance(tree, dict | list):
        yield path, tree


def at(tree: Any, path: PathKey) -> Any:
    for part in path:
        tree = tree[part]
    return tree


@given(st.dictionaries(NAMES, TREES), st.lists(OPERATIONS, max_size=6))
@settings(max_examples=examples(1000, 100), deadline=None)
def test_what_stands_in_a_manifest_stands_where_it_was_written(tree: dict[str, Any], given_: list[Operation]) -> None:
    operations = [
        Operation(op=each.op, path=each.path, value=each.value, at=("overrides", index))
        for index, each in enumerate(given_)
    ]
    manifest: Any = tree
    for each in operations:
        try:
            manifest = json_patch.apply(manifest, each.op, each.path, each.value).tree
        except json_patch.PatchError:
            continue
    trail = provenance.Trail(tree, operations)
    document = {"spec": {"template": tree}, "overrides": [{"value": each.value} for each in operations]}
    assert [(path, at(document, trail.back(path))) for path, _ in leaves(manifest)] == list(leaves(manifest))
    for path, _ in leaves(manifest):
        named, back = trail.named_by(path), trail.back(path)
        assert back[:2] == named.at if named else back[:1] == ("spec",)


def test_names_are_the_documents_and_what_a_preference_sets_is_nobodys_line() -> None:
    trail = provenance.Trail({"spec": {}}, [Operation(op="replace", path="/spec/replicas", value=3)])
    assert trail.back(("metadata", "name")) == ("metadata", "name")
    assert trail.back(("spec", "replicas")) == ("spec", "template")
    assert trail.back(("spec", "paused")) == ("spec", "template", "spec", "paused")
