"""Property values of the engine's, as trees and back."""

import pulumi
import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.property_value import PropertyValue

from sandbox.plugins import properties
from sandbox.plugins.properties import UNKNOWN, decode, encode

leaves = st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
trees = st.dictionaries(
    st.text(),
    st.recursive(leaves, lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4)),
    max_size=5,
)


@given(trees)
def test_a_tree_comes_back_as_it_was(tree: dict[str, object]) -> None:
    assert decode(encode(tree)).tree == tree


def test_nulls_are_left_out_of_mappings_and_kept_in_lists() -> None:
    assert decode(encode({"a": None, "b": [None]})).tree == {"b": [None]}


def test_secrets_are_unwrapped_and_their_places_kept() -> None:
    wrapped = PropertyValue({"a": PropertyValue("x", is_secret=True), "b": PropertyValue([PropertyValue(1.0)])})
    found = decode(wrapped.marshal().struct_value)
    assert found.tree == {"a": "x", "b": [1]}
    assert found.secrets == {("a",)}


def test_a_marked_place_is_written_as_pulumis_own_library_reads_secrets() -> None:
    written = PropertyValue.unmarshal_map(encode({"data": {"k": "v"}, "n": [1, 2]}, {("data", "k"), ("n", 1)}))
    assert written["data"] == PropertyValue({"k": PropertyValue("v", is_secret=True)})
    assert written["n"] == PropertyValue([PropertyValue(1.0), PropertyValue(2.0, is_secret=True)])


def test_a_mark_that_leads_nowhere_is_ignored() -> None:
    assert encode({"a": 1}, {("b", "c")}) == encode({"a": 1})


def test_a_secret_within_a_secret_is_wrapped_once() -> None:
    found = decode(encode({"a": {"b": "c"}}, {("a",), ("a", "b")}))
    assert found.secrets == {("a",)}
    assert found.tree == {"a": {"b": "c"}}


def test_unknown_values_are_found_and_written_back() -> None:
    struct = struct_pb2.Struct()
    struct.update({"a": pulumi.runtime.rpc.UNKNOWN})
    found = decode(struct)
    assert found.unknown
    assert found.tree["a"] is UNKNOWN
    assert encode(found.tree) == struct


def test_an_asset_is_refused_with_its_place() -> None:
    asset = PropertyValue({"files": PropertyValue([PropertyValue(pulumi.StringAsset("x"))])})
    with pytest.raises(ValueError, match=r"files\[0\] is an asset"):
        decode(asset.marshal().struct_value)


def test_properties_do_not_show_their_values() -> None:
    assert "planted" not in repr(decode(encode({"a": "planted"}, {("a",)})))


def test_paths_are_written_as_pulumi_does() -> None:
    assert properties.text(("spec", "containers", 0, "image")) == "spec.containers[0].image"
    assert properties.text(("metadata", "labels", "a.b/c")) == 'metadata.labels["a.b/c"]'
