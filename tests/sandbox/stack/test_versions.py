"""A document's other apiVersion is an update of the live object, and not its end."""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness

pytestmark = pytest.mark.sandbox


def federated(kind: str, where: str, template: dict[str, Any]) -> dict[str, Any]:
    found = documents.config_map(where, "web")
    return {**found, "kind": f"Federated{kind}", "spec": {**found["spec"], "template": template}}


def autoscaler(where: str, **template: Any) -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "maxReplicas": 3}
    return federated("HorizontalPodAutoscaler", where, {**template, "spec": spec})


def definition() -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"size": {"type": "integer"}}}}
    versions = [
        {"name": "v1alpha1", "served": True, "storage": False, "schema": schema},
        {"name": "v1", "served": True, "storage": True, "schema": schema},
    ]
    names = {"plural": "versioned", "singular": "versioned", "kind": "Versioned"}
    spec = {"group": "versions.example.org", "scope": "Namespaced", "names": names, "versions": versions}
    found = federated("CustomResourceDefinition", "", {"spec": spec})
    return {**found, "metadata": {"name": "versioned.versions.example.org"}}


def test_the_live_objects_stay(tmp_path: Path, cloud: Cloud) -> None:
    project, where = harness.make(tmp_path, cloud, {"us-east": "shared"}), "versions"
    around = (documents.namespace(where), documents.deployment(where, "web"), definition())

    def uids() -> list[str]:
        found = (project.get("us-east", "-n", where, kind, "web") for kind in ("hpa", "versioned"))
        return [each["metadata"]["uid"] for each in found]

    def write(*, scaler: dict[str, Any], custom: str) -> None:
        own = federated("Versioned", where, {"apiVersion": f"versions.example.org/{custom}", "size": 3})
        project.write("web", documents.text(*around, autoscaler(where, **scaler), own))

    write(scaler={}, custom="v1alpha1")
    project.up()
    before = uids()

    write(scaler={"apiVersion": "autoscaling/v1"}, custom="v1")
    assert "2 to update" in project.pulumi("preview")
    assert "2 updated" in project.up()
    assert uids() == before
    project.up("--expect-no-changes")

    write(scaler={}, custom="v1alpha1")
    assert "2 updated" in project.up()
    assert uids() == before
    project.up("--expect-no-changes")
