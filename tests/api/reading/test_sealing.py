"""Values of Secrets are wrapped, literals get a warning, and no output shows them."""

import base64
import copy
import json
import pickle
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.api.model.secrets import HIDDEN, SecretLiteral, SecretReference
from federation.api.reading.loading import from_values, parse
from federation.errors.fault import FaultsFoundError

PLANTED = "PLANTED-s3cr3t"

FEDERATED = f"""
apiVersion: types.kubefed.io/v1beta1
kind: FederatedSecret
metadata:
  name: db
  namespace: demo
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{PLANTED}'
spec:
  template:
    metadata:
      labels: {{app: db}}
      annotations:
        kubectl.kubernetes.io/last-applied-configuration: '{PLANTED}'
    data:
      password: {base64.b64encode(PLANTED.encode()).decode()}
      token: {{valueFrom: {{config: db-token}}}}
    stringData:
      user: {PLANTED}
      pin: {{valueFrom: {{config: "other:pin"}}}}
  placement: {{clusterSelector: {{}}}}
  overrides:
    - clusterName: us-east
      clusterOverrides:
        - {{op: add, path: /stringData/user, value: {PLANTED}}}
        - {{op: add, path: /stringData/pin, valueFrom: {{config: east-pin}}}}
        - {{op: replace, path: /data, value: {{token: {{valueFrom: {{config: east-token}}}}}}}}
        - {{op: add, path: /metadata/labels/region, valueFrom: {{cluster: region}}}}
"""


def test_leaves_of_a_federated_secret_are_literals_or_references() -> None:
    (secret,) = parse(FEDERATED, "db.yaml").federated
    assert secret.template["data"]["token"] == SecretReference(key="db-token", encoded=True)
    assert secret.template["stringData"]["pin"] == SecretReference(key="other:pin", encoded=False)
    assert secret.template["stringData"]["user"] == SecretLiteral(PLANTED)
    assert isinstance(secret.template["data"]["password"], SecretLiteral)
    assert secret.template["metadata"]["labels"] == {"app": "db"}


def test_values_of_overrides_into_a_secret_are_wrapped() -> None:
    user, pin, data, region = parse(FEDERATED, "db.yaml").federated[0].overrides[0].operations
    assert user.value == SecretLiteral(PLANTED)
    assert pin.value == SecretReference(key="east-pin")
    assert data.value == {"token": SecretReference(key="east-token", encoded=True)}
    assert (region.value, region.value_from) == (None, "region")


def test_literals_are_warned_about_once_in_a_document() -> None:
    (warning,) = parse(FEDERATED, "db.yaml").warnings
    assert str(warning).startswith("warning: db.yaml:16: spec.template.data.password: literal secret in data.password")
    assert "and 2 more" in str(warning)
    assert "pulumi config set --secret <key>" in str(warning)


def test_references_alone_give_no_warning() -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\nstringData: {x: {valueFrom: {config: y}}}"
    documents = parse(text, "a.yaml")
    assert documents.warnings == ()
    assert documents.plain[0].manifest["stringData"] == {"x": SecretReference(key="y")}


def test_a_config_map_may_hold_what_looks_like_a_reference() -> None:
    data = {"x": {"valueFrom": {"config": "y"}}}
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}, "data": data}
    assert from_values([document]).plain[0].manifest["data"] == data


def test_secret_values_made_in_python_stay_what_they_are() -> None:
    data = {"a": SecretReference(key="k"), "b": SecretLiteral("text")}
    document = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "namespace": "b"}, "data": data}
    assert from_values([document]).plain[0].manifest["data"] == {
        "a": SecretReference(key="k", encoded=True),
        "b": SecretLiteral("text"),
    }


@pytest.mark.parametrize("kind", ["ConfigMap", "FederatedConfigMap"])
def test_secret_values_have_no_place_in_other_kinds(kind: str) -> None:
    api_version = "types.kubefed.io/v1beta1" if kind.startswith("Federated") else "v1"
    leaf = {"data": {"a": SecretLiteral(PLANTED)}}
    body = {"spec": {"template": leaf}} if kind.startswith("Federated") else leaf
    document = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", "namespace": "b"}, **body}
    with pytest.raises(FaultsFoundError, match="only in a Secret"):
        from_values([document])


def shown(value: object) -> str:
    return f"{value!r} {value!s} {json.dumps(value, default=repr)}"


def test_documents_show_no_secret_however_they_are_printed() -> None:
    documents = parse(FEDERATED, "db.yaml")
    encoded = base64.b64encode(PLANTED.encode())
    for text in (shown(documents), shown(copy.deepcopy(documents.federated)), str(documents.federated[0].source.lines)):
        assert PLANTED not in text
        assert encoded.decode() not in text
    pickled = pickle.dumps(documents)
    assert PLANTED.encode() not in pickled
    assert encoded not in pickled
    assert HIDDEN in repr(documents)


def test_a_traceback_with_locals_shows_no_secret() -> None:
    with pytest.raises(FaultsFoundError) as caught:
        parse(FEDERATED.replace("clusterSelector: {}", "clusterSelector: []"), "db.yaml")
    assert PLANTED not in "".join(traceback.format_exception(caught.value))


paths = st.sampled_from(["{}", "[]", "3", "true", "''", "x", "{a: b}", "[a]", "~", "&a {b: *a}", "{valueFrom: {}}"])


def mutated(lines: list[str], at: int, piece: str, how: int) -> str:
    """The document with one line dropped, doubled, unindented, or its value replaced."""
    at %= len(lines)
    line = lines[at]
    changes = {
        0: [],
        1: [line, line],
        2: [line.lstrip()],
        3: [f"{line.partition(':')[0]}: {piece}"],
        4: [line, " " * 6 + f"more: {piece}"],
        5: ["  " + line],
    }
    return "\n".join([*lines[:at], *changes[how % len(changes)], *lines[at + 1 :]])


@given(at=st.integers(0, 60), piece=paths, how=st.integers(0, 5), again=st.integers(0, 60))
def test_no_broken_secret_shows_its_values(at: int, piece: str, how: int, again: int) -> None:
    once = mutated(FEDERATED.strip().splitlines(), at, piece, how)
    messages = messages_of(mutated(once.splitlines(), again, piece, how + 1))
    assert PLANTED not in messages
    assert base64.b64encode(PLANTED.encode()).decode() not in messages


def messages_of(text: str) -> str:
    faults: Any
    try:
        faults = parse(text, "db.yaml").warnings
    except FaultsFoundError as error:
        faults = error.faults
    return "\n".join(str(fault) for fault in faults)
