"""Where a kubeconfig leads."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.plugins.kubernetes import kubeconfig
from sandbox.plugins.kubernetes.errors import UnreachableError


def tree(**cluster: Any) -> dict[str, Any]:
    """A kubeconfig of two clusters; `cluster` adds to the first."""
    login = {"command": "aws", "args": ["eks", "get-token"], "env": [{"name": "A", "value": "b"}]}
    return {
        "clusters": [
            {"name": "one", "cluster": {"server": "https://one/", **cluster}},
            {"name": "two", "cluster": {"server": "https://two"}},
        ],
        "users": [{"name": "me", "user": {"exec": login}}, {"name": "you", "user": {"token": "planted"}}],
        "contexts": [
            {"name": "first", "context": {"cluster": "one", "user": "me", "namespace": "demo"}},
            {"name": "second", "context": {"cluster": "two", "user": "you"}},
        ],
        "current-context": "first",
    }


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump])
def test_it_is_read_as_json_and_as_yaml(write: Any) -> None:
    found = kubeconfig.resolve(write(tree()))
    assert (found.server, found.namespace) == ("https://one", "demo")
    assert found.login is not None
    assert found.login.arguments == ("eks", "get-token")
    assert found.login.environment == {"A": "b"}


def test_it_is_read_from_a_file_with_certificates_beside_it(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("PEM")
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(tree(**{"certificate-authority": "ca.crt"})))
    assert kubeconfig.resolve(str(path)).authority == "PEM"


def test_certificates_may_be_inside(tmp_path: Path) -> None:
    encoded = base64.b64encode(b"PEM").decode()
    assert kubeconfig.resolve(json.dumps(tree(**{"certificate-authority-data": encoded}))).authority == "PEM"


def test_context_and_cluster_can_be_chosen() -> None:
    text = json.dumps(tree())
    assert kubeconfig.resolve(text, context="second").token == "planted"
    assert kubeconfig.resolve(text, context="second", cluster="one").server == "https://one"


@pytest.mark.parametrize(
    ("given", "context", "message"),
    [
        ("/nowhere", "", "/nowhere cannot be read"),
        ("a: [", "", "neither YAML nor JSON"),
        ("{}", "", "no current-context"),
        (json.dumps(tree()), "third", r'no context "third" \(it has: first, second\)'),
        (json.dumps(tree(server="http://one")), "", "must start with https"),
        (json.dumps(tree(**{"insecure-skip-tls-verify": True})), "", "not supported"),
        (json.dumps(tree(**{"certificate-authority": "/nowhere/ca"})), "", "/nowhere/ca cannot be read"),
    ],
)
def test_what_leads_nowhere_is_said(given: str, context: str, message: str) -> None:
    with pytest.raises(UnreachableError, match=message):
        kubeconfig.resolve(given, context=context)


def test_tokens_and_keys_are_not_shown() -> None:
    assert "planted" not in repr(kubeconfig.resolve(json.dumps(tree()), context="second"))
