"""Any YAML parser reads a written manifest back as the same manifest."""

from types import MappingProxyType
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from federation.api.model.secrets import SecretLiteral, SecretReference
from federation.plan.views.yaml_writer import Writer

KEYS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12) | st.sampled_from(
    ["y", "on", "1e3", "<<", "=", "x" * 140]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=("Cs", "Cc")))
    | st.text("\n a:#-'\"")
)
TREES = st.recursive(
    SCALARS, lambda inside: st.lists(inside, max_size=4) | st.dictionaries(KEYS, inside, max_size=4), max_leaves=12
)
MANIFESTS = st.fixed_dictionaries(
    {"apiVersion": st.just("v1"), "kind": st.just("ConfigMap")},
    optional={"metadata": TREES, "spec": TREES, "data": TREES, "status": TREES},
)


@given(MANIFESTS)
def test_what_is_written_is_read_back(manifest: dict[str, Any]) -> None:
    assert yaml.safe_load(Writer().text(manifest)) == manifest


@given(st.lists(MANIFESTS, min_size=2, max_size=4))
def test_a_part_that_was_written_before_reads_the_same(manifests: list[dict[str, Any]]) -> None:
    shared = Writer()
    for manifest in [*manifests, *reversed(manifests)]:
        mixed = {**manifests[0], **manifest}
        assert shared.text(mixed) == Writer().text(mixed)


@pytest.mark.parametrize("value", ["1e3", "08", "0o17", "0x1F", "1_000", "12e03", ".5", "1.", "y", "N", "yes", "null"])
def test_text_that_some_reader_takes_for_something_else_is_quoted(value: str) -> None:
    assert Writer().text({"data": {"key": value}}) == f"data:\n  key: '{value}'\n"


@pytest.mark.parametrize("value", ["1.2.3", "10.0.0.1", "nginx:1.28", "1h", "v1", "no-one", "500m"])
def test_text_that_everyone_takes_for_text_is_not(value: str) -> None:
    assert Writer().text({"data": {"key": value}}) == f"data:\n  key: {value}\n"


def test_a_number_and_a_truth_stay_what_they_are_however_alike() -> None:
    writer = Writer()
    assert writer.text({"spec": {"a": True}}) == "spec:\n  a: true\n"
    assert writer.text({"spec": {"a": 1}}) == "spec:\n  a: 1\n"
    assert writer.text({"spec": {"a": "1"}}) == "spec:\n  a: '1'\n"


def test_lines_are_kept_as_lines_and_long_ones_whole() -> None:
    long = "word " * 60 + "end"
    assert Writer().text({"data": {"a": "x\n  y\n", "b": long}}) == f"data:\n  a: |\n    x\n      y\n  b: {long}\n"


def test_a_part_that_stands_twice_is_written_twice() -> None:
    part = {"a": ["b"]}
    assert Writer().text({"spec": {"x": part, "y2": part}}) == "spec:\n  x:\n    a:\n    - b\n  y2:\n    a:\n    - b\n"


def test_keys_are_sorted_whatever_the_order_and_kind_of_mapping() -> None:
    tree = MappingProxyType({"b": 1, "a": MappingProxyType({"d": 1, "c": 2})})
    assert Writer().text({"spec": tree}) == "spec:\n  a:\n    c: 2\n    d: 1\n  b: 1\n"


@pytest.mark.parametrize("value", [SecretLiteral("PLANTED"), SecretReference(key="token")])
def test_a_secret_value_is_an_error_and_never_text(value: Any) -> None:
    with pytest.raises(yaml.representer.RepresenterError) as caught:
        Writer().text({"stringData": {"key": value}})
    assert "PLANTED" not in str(caught.value)


def test_only_a_writer_that_reveals_writes_a_literal_and_even_that_no_reference() -> None:
    assert Writer(reveal=True).text({"stringData": {"key": SecretLiteral("08")}}) == "stringData:\n  key: '08'\n"
    with pytest.raises(yaml.representer.RepresenterError):
        Writer(reveal=True).text({"stringData": {"key": SecretReference(key="token")}})
