"""When a change of settings means another cluster."""

import json
from typing import Any

import pytest

from sandbox.plugins.kubernetes import configuring
from sandbox.plugins.properties import UNKNOWN
from tests.sandbox.plugins.kubernetes.test_kubeconfig import tree

ID = "clusterIdentifier"
ONE = json.dumps(tree())
OTHER_USER = json.dumps(tree() | {"users": []})
MOVED = json.dumps(tree(server="https://elsewhere"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"kubeconfig": ONE}, {"kubeconfig": ONE}, []),
        ({"kubeconfig": ONE}, {"kubeconfig": OTHER_USER}, []),
        ({"kubeconfig": ONE}, {"kubeconfig": MOVED}, ["kubeconfig"]),
        ({"kubeconfig": ONE}, {"kubeconfig": UNKNOWN}, ["kubeconfig"]),
        ({"kubeconfig": ONE}, {"kubeconfig": ONE, "context": "second"}, ["context"]),
        ({"kubeconfig": ONE, ID: "a"}, {"kubeconfig": UNKNOWN, ID: "a"}, []),
        ({"kubeconfig": ONE, ID: "a"}, {"kubeconfig": MOVED, ID: "a"}, []),
        ({"kubeconfig": ONE, ID: "a"}, {"kubeconfig": ONE, ID: "b"}, [ID]),
        ({"kubeconfig": ONE}, {"kubeconfig": ONE, ID: "a"}, []),
    ],
)
def test_only_another_cluster_replaces_everything(
    old: dict[str, Any], new: dict[str, Any], expected: list[str]
) -> None:
    assert configuring.replaced(old, new) == expected


def test_changed_keys_are_listed() -> None:
    assert configuring.changed({"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"}) == ["b", "c"]
