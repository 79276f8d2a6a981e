"""Any input gives ``Documents`` or ``FaultsFoundError``, never anything else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from federation.api.config.stack import federation_from_config
from federation.api.model.documents import Documents
from federation.api.reading.loading import from_values, load, parse
from federation.errors.fault import FaultsFoundError
from tests.examples import examples
from tests.places import CASES

GOOD = [
    case["text"]
    for name in ("documents", "faults")
    for path in sorted((CASES / name).glob("*.yaml"))
    for case in yaml.safe_load(path.read_text())
]
KEYS = ["apiVersion", "kind", "metadata", "name", "namespace", "spec", "template", "placement", "clusters", "overrides"]
MORE = ["clusterOverrides", "clusterName", "path", "value", "valueFrom", "labels", "data", "stringData", "items", "op"]
WORDS = ["v1", "types.kubefed.io/v1beta1", "FederatedDeployment", "FederatedSecret", "Secret", "List", "web", "*", "/a"]

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(WORDS))
keys = st.one_of(st.sampled_from(KEYS + MORE), st.text(max_size=5))
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6), max_leaves=25
)


def outcome(read: Callable[[], object]) -> object:
    """What reading gives: a value, or the faults (some, each with a message); any other exception fails the test."""
    try:
        return read()
    except FaultsFoundError as error:
        return error.faults and all(fault.message for fault in error.faults)


def is_read_or_refused(text: str, file: str = "a.yaml") -> bool:
    result = outcome(lambda: parse(text, file))
    return isinstance(result, Documents) or result is True


@given(trees)
def test_any_tree_is_read_or_refused(tree: Any) -> None:
    assert is_read_or_refused(yaml.safe_dump(tree, allow_unicode=True))


@given(trees, st.sampled_from([word for word in WORDS if word[0] in "FSL"]))
def test_any_body_of_a_known_kind_is_read_or_refused(tree: Any, kind: str) -> None:
    head = {"apiVersion": "types.kubefed.io/v1beta1" if kind[0] == "F" else "v1", "kind": kind}
    body = tree if isinstance(tree, dict) else {"spec": tree}
    assert outcome(lambda: from_values([{**body, **head}]))


@given(st.text(max_size=60), st.sampled_from(["a.yaml", "a.json"]))
@example("\ud800", "a.yaml")
@example('"\\ud800"', "a.json")
@example("[" * 100_000, "a.yaml")
@example("[" * 100_000, "a.json")
@example("9" * 5000, "a.json")
@example("- " * 300, "a.yaml")
@example("%TAG ! !", "a.yaml")
def test_any_text_is_read_or_refused(text: str, file: str) -> None:
    assert is_read_or_refused(text, file)


@given(st.data())
@settings(max_examples=examples(200, 60))
def test_a_good_document_with_any_byte_changed_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(GOOD)).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        change = data.draw(st.sampled_from(["set", "drop", "double"]))
        if change == "set":
            raw[at] = data.draw(
                st.one_of(st.sampled_from(list(b" \t:-#&*!|>'\"%@`{}[],\n\x00\xff")), st.integers(0, 255))
            )
        else:
            raw[at : at + 1] = raw[at : at + 1] * (2 if change == "double" else 0)
        if not raw:
            return
    assert is_read_or_refused(raw.decode("utf-8", "surrogateescape"))


@given(raw=st.binary(max_size=40))
def test_any_bytes_in_a_file_are_read_or_refused(raw: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "a.yaml").write_bytes(raw)
    assert outcome(lambda: load([Path()], root=folder))


@given(trees, trees, trees)
def test_any_config_is_read_or_refused(federation: Any, members: Any, plan: Any) -> None:
    assert outcome(lambda: federation_from_config(federation, members, stack="dev", options={"plan": plan}))
