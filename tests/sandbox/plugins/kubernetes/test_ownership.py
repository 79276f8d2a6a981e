"""Who owns which field, and what that means for changes to be ignored."""

from typing import Any

import pytest

from sandbox.plugins.kubernetes import ownership
from sandbox.plugins.properties import Path

LIVE: dict[str, Any] = {
    "metadata": {
        "name": "web",
        "finalizers": ["x"],
        "managedFields": [
            {
                "manager": "ours",
                "fieldsV1": {
                    "f:spec": {
                        "f:replicas": {},
                        "f:template": {"f:spec": {"f:containers": {'k:{"name":"web"}': {".": {}, "f:image": {}}}}},
                    }
                },
            },
            {
                "manager": "scaler",
                "fieldsV1": {"f:spec": {"f:paused": {}}, "f:metadata": {"f:finalizers": {'v:"x"': {}}}},
            },
            {"manager": "atomic", "fieldsV1": {"f:spec": {"f:selector": {}}}},
        ],
    },
    "spec": {
        "replicas": 5,
        "paused": True,
        "selector": {"app": "web"},
        "template": {"spec": {"containers": [{"name": "side", "image": "s"}, {"name": "web", "image": "live"}]}},
    },
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("spec", "replicas"), {"ours"}),
        (("spec", "paused"), {"scaler"}),
        (("spec", "selector", "app"), {"atomic"}),
        (("metadata", "finalizers", 0), {"scaler"}),
        (("spec", "template", "spec", "containers", 1, "image"), {"ours"}),
        (("spec", "template", "spec", "containers", 0, "image"), set()),
        (("spec", "strategy"), set()),
    ],
)
def test_the_owners_of_a_field_are_found(path: Path, expected: set[str]) -> None:
    assert ownership.owners(LIVE, path) == expected


def test_an_ignored_field_of_ours_keeps_its_live_value() -> None:
    inputs = {"spec": {"replicas": 2}}
    assert ownership.settle(inputs, LIVE, [("spec", "replicas")], "ours") == {"spec": {"replicas": 5}}
    assert inputs == {"spec": {"replicas": 2}}


def test_an_ignored_field_of_another_is_left_out() -> None:
    inputs = {"metadata": {"name": "web"}, "spec": {"paused": False, "replicas": 2}}
    settled = ownership.settle(inputs, LIVE, [("spec", "paused")], "ours")
    assert settled == {"metadata": {"name": "web"}, "spec": {"replicas": 2}}


def test_an_ignored_field_that_the_cluster_does_not_have_is_applied_as_given() -> None:
    inputs = {"spec": {"strategy": {"type": "Recreate"}}}
    assert ownership.settle(inputs, LIVE, [("spec", "strategy")], "ours") == inputs


def test_what_the_inputs_never_had_is_not_taken_over() -> None:
    inputs = {"spec": {"selector": {}, "replicas": 2}}
    settled = ownership.settle(inputs, LIVE, [("spec",)], "ours")
    assert settled == {"spec": {"selector": {}, "replicas": 5}}


def test_ignoring_everything_never_loses_what_an_object_is() -> None:
    inputs = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"paused": False}}
    settled = ownership.settle(inputs, LIVE, [("*",)], "nobody")
    assert settled == {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
