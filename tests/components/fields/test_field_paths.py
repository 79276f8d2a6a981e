"""The value at a field path of the API server is found in its object."""

from typing import Any

import pytest

from federation.components.fields.field_paths import MISSING, at

OBJECT: dict[str, Any] = {
    "metadata": {"annotations": {"a": "short", "a.b/c": "long"}},
    "spec": {
        "replicas": 6,
        "containers": [
            {"name": "side", "image": "side:1"},
            {"name": "web", "image": "web:1", "ports": [{"containerPort": 80, "protocol": "TCP", "hostPort": 8080}]},
        ],
    },
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (".spec.replicas", 6),
        ('.spec.containers[name="web"].image', "web:1"),
        ('.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].hostPort', 8080),
        (".metadata.annotations.a.b/c", "long"),
        (".metadata.annotations.a", "short"),
        (".spec.paused", MISSING),
        ('.spec.containers[name="gone"].image', MISSING),
        (".spec.replicas.more", MISSING),
        (".spec.containers[=3]", MISSING),
    ],
)
def test_what_stands_at_a_field(path: str, value: Any) -> None:
    assert at(OBJECT, path) == value
