"""A custom type and its object come in one update on two of three members, change, and go."""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

WHERE = "custom"
CLUSTERS = {"ap-northeast": "shared", "us-east": "second", "us-west": "third"}
THERE = ("ap-northeast", "us-east")
PLACEMENT = {"clusters": [{"name": name} for name in THERE]}
SPEC_SCHEMA = {
    "type": "object",
    "required": ["size"],
    "properties": {"size": {"type": "integer", "minimum": 1}, "colour": {"type": "string", "enum": ["red", "green"]}},
}


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """Three members."""
    return harness.make(tmp_path, cloud, CLUSTERS)


def definition() -> dict[str, Any]:
    """The type, on two members."""
    schema = {"type": "object", "properties": {"spec": SPEC_SCHEMA}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    spec = {
        "group": "custom.example.org",
        "scope": "Namespaced",
        "names": {"plural": "gauges", "singular": "gauge", "kind": "Gauge"},
        "versions": [version],
    }
    return {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": "FederatedCustomResourceDefinition",
        "metadata": {"name": "gauges.custom.example.org"},
        "spec": {"template": {"spec": spec}, "placement": PLACEMENT},
    }


def gauge(**spec: Any) -> dict[str, Any]:
    """An object of the type; it names no version: its definition does."""
    change = {"path": "/spec/colour", "op": "add", "value": "green"}
    return {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": "FederatedGauge",
        "metadata": {"name": "depth", "namespace": WHERE},
        "spec": {
            "template": {"spec": spec},
            "placement": PLACEMENT,
            "overrides": [{"clusterName": "us-east", "clusterOverrides": [change]}],
        },
    }


def write(project: Project, *others: dict[str, Any]) -> None:
    project.write("custom", documents.text(documents.namespace(WHERE), *others))


def specs(project: Project) -> dict[str, Any]:
    """By member, what `kubectl` finds of the objects; no entry where the API server has no such type."""
    found = {}
    for member in project.clusters:
        definitions = project.kubectl(member, "get", "crd", "-o", "name")
        if "gauges.custom.example.org" not in definitions:
            continue
        items = project.get(member, "-n", WHERE, "gauges.custom.example.org")["items"]
        found[member] = [item["spec"] for item in items]
    return found


def test_it_comes_with_its_objects_in_one_update_changes_and_goes(project: Project) -> None:
    write(project, definition(), gauge(size=3))
    assert "to create" in project.pulumi("preview")
    project.up()
    assert specs(project) == {"ap-northeast": [{"size": 3}], "us-east": [{"size": 3, "colour": "green"}]}

    write(project, definition(), gauge(size=5))
    assert "2 updated" in project.up()
    assert specs(project) == {"ap-northeast": [{"size": 5}], "us-east": [{"size": 5, "colour": "green"}]}

    write(project, definition(), gauge(size=0))
    refused = project.up(fails=True)
    assert (
        "spec.template.spec.size: is too small (by Gauge custom.example.org/v1) (in ap-northeast, us-east)" in refused
    )
    assert specs(project)["ap-northeast"] == [{"size": 5}]

    write(project)
    gone = f"CustomResourceDefinition/{definition()['metadata']['name']}"
    assert f"{gone} would be removed in ap-northeast, us-east, with every object of its kind" in project.up(fails=True)
    assert project.get("us-east", "-n", WHERE, "gauges")["items"]
    project.run("fed", "up", "--yes", "--skip-preview", "--stack", "dev", "--allow", gone)
    assert specs(project) == {}
