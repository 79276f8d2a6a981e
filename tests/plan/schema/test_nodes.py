"""Valid objects of every kind fit each version's schemas, and trees of any form are checked without a crash."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.api.model.secrets import SecretLiteral, SecretReference
from federation.api.model.types import KNOWN
from federation.plan.schema import kubernetes_rules, nodes, openapi
from federation.plan.schema.structure import Check, SchemaNode
from federation.plan.schema.violations import find_violations
from tests.examples import examples
from tests.places import CASES

VALID = yaml.safe_load((CASES / "schemas" / "valid.yaml").read_text())
VERSIONS = ("1.25", "1.34", "1.37")
SERVED = [
    pytest.param(each, version, id=f"{number}-{each['kind']}-{version}")
    for number, each in enumerate(VALID)
    for version in each.get("versions", VERSIONS)
]


def node(version: str, api_version: str, kind: str) -> SchemaNode:
    return nodes.node_of(version, openapi.definition(version, api_version, kind))


@pytest.mark.parametrize(("given", "version"), SERVED)
def test_a_valid_object_fits(given: dict[str, Any], version: str) -> None:
    tree = {key: value for key, value in given.items() if key != "versions"}
    wanted = node(version, tree["apiVersion"], tree["kind"])
    assert list(find_violations(wanted, tree)) == []
    assert Check().fits(wanted, tree)


def test_every_known_kind_has_a_valid_object() -> None:
    assert {each["kind"] for each in VALID} == set(KNOWN)


@pytest.mark.parametrize("version", openapi.versions())
def test_what_is_listed_beside_the_schemas_is_found_in_them(version: str) -> None:
    definitions = openapi.release(version).definitions
    tables = (kubernetes_rules.WORDS, kubernetes_rules.OPTIONAL)
    absent = [
        f"{name}.{field}"
        for table in tables
        for name, fields in table.items()
        for field in fields
        if field.removesuffix("[]") not in definitions[name]["properties"]
    ]
    assert absent in ([], ["io.k8s.api.batch.v1.JobSpec.podReplacementPolicy"])


def test_an_unknown_version_is_checked_by_the_newest_that_is_older() -> None:
    known = openapi.versions()
    assert openapi.closest("v1.34.2+k3s1") == "1.34"
    assert openapi.closest("1.999") == known[-1]
    assert openapi.closest("1.9") == known[0]
    assert openapi.closest("next") == ""


def test_a_secret_value_fits_where_text_does_and_is_never_shown() -> None:
    wanted = node("1.34", "v1", "Secret")
    data = {"a": SecretLiteral("hunter2"), "b": SecretReference(key="c", encoded=True)}
    assert Check().fits(wanted, {"data": data, "stringData": data})
    shown = [
        str(each)
        for each in find_violations(wanted, {"type": data["a"], "immutable": data["a"], "metadata": data["a"]})
    ]
    assert len(shown) == 2
    assert "hunter2" not in "".join(shown)


KEYS = st.sampled_from(
    ["metadata", "spec", "template", "containers", "ports", "labels", "name", "env", "x", "replicas"]
)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(["", "Always", "1", "a\n"])
)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


@given(st.sampled_from(sorted(KNOWN)), st.dictionaries(KEYS, TREES, max_size=4))
@settings(max_examples=examples(300, 100), deadline=None)
def test_a_tree_fits_just_when_nothing_departs(kind: str, tree: dict[str, Any]) -> None:
    wanted = node("1.34", KNOWN[kind].api_version, kind)
    assert Check().fits(wanted, tree) == (not list(find_violations(wanted, tree)))


WORDS = ["type", "properties", "items", "required", "enum", "pattern", "multipleOf", "anyOf", "not", "default", "$ref"]
SCHEMAS = st.recursive(
    LEAVES | st.sampled_from(["object", "string", "array", "(", "#/x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.sampled_from(WORDS), inner, max_size=4),
)


@given(SCHEMAS, TREES)
@settings(max_examples=examples(300, 100), deadline=None)
def test_a_definition_of_any_form_is_no_traceback(schema: Any, tree: Any) -> None:
    wanted = nodes.node_of_custom(schema, "Widget", "1.34")
    messages = [each.message for each in find_violations(wanted, tree)]
    assert all(messages)
    assert not (messages and Check().fits(wanted, tree))


def test_parts_that_fit_are_not_looked_at_again() -> None:
    checking, wanted = Check(), node("1.34", "v1", "ConfigMap")
    data = {"a": "b"}
    assert checking.fits(wanted, {"data": data})
    data["c"] = 1  # type: ignore[assignment]
    assert checking.fits(wanted, {"data": data})
    assert not Check().fits(wanted, {"data": data})
