"""A member scaled by hand: refresh sees it, the update says from whom it takes what, and puts it right."""

import json
from pathlib import Path

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

WHERE = "drift"
FIELD = f"us-east/{WHERE}/Deployment/web spec.replicas: kubectl's now (5 there, 2 planned)"


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """One member with a Deployment of two replicas."""
    project = harness.make(tmp_path, cloud, {"us-east": "shared"})
    web = documents.deployment(WHERE, "web", replicas=2)
    project.write("web", documents.text(documents.namespace(WHERE), documents.config_map(WHERE, "web", a="1"), web))
    project.up()
    return project


def scaled(project: Project) -> int:
    return int(project.get("us-east", "-n", WHERE, "deploy", "web")["spec"]["replicas"])


def owners(project: Project) -> set[tuple[str, str]]:
    """Who owns the number of replicas, and how it was written."""
    arguments = ("-n", WHERE, "deploy", "web", "--show-managed-fields")
    entries = project.get("us-east", *arguments)["metadata"]["managedFields"]
    return {
        (each["manager"], each["operation"]) for each in entries if "f:replicas" in each["fieldsV1"].get("f:spec", {})
    }


def test_what_was_scaled_by_hand_is_seen_named_and_put_right(project: Project) -> None:
    assert "now (" not in project.pulumi("preview")
    project.kubectl("us-east", "-n", WHERE, "scale", "deploy/web", "--replicas=5")

    unseen = project.up()
    assert f"{FIELD}; to take it back, run `pulumi refresh` first" in unseen
    assert scaled(project) == 5

    drift = project.pulumi("refresh", "--preview-only", "--diff")
    assert "~ replicas: 2 => 5" in drift
    project.pulumi("refresh", "--yes", "--skip-preview")
    assert f"{FIELD}; this update takes it back" in project.pulumi("preview")

    taken = project.up()
    assert f"{FIELD}; this update takes it back" in taken
    assert "1 updated" in taken
    assert scaled(project) == 2
    assert owners(project) == {("eks-federation", "Apply")}
    assert "now (" not in project.up("--expect-no-changes")


def test_a_value_of_a_secret_is_not_shown_and_what_is_left_to_others_not_listed(project: Project) -> None:
    web = documents.deployment(WHERE, "web", replicas=2)
    web["spec"]["retainReplicas"] = True
    secret = {**documents.config_map(WHERE, "key", word="cGxhbnRlZA=="), "kind": "FederatedSecret"}
    project.write("web", documents.text(documents.namespace(WHERE), web, secret))
    project.up()
    project.kubectl("us-east", "-n", WHERE, "scale", "deploy/web", "--replicas=5")
    project.kubectl("us-east", "-n", WHERE, "label", "secret/key", "kubefed.io/managed=true", "--overwrite")
    patch = json.dumps({"data": {"word": "b3RoZXI="}})
    project.kubectl("us-east", "-n", WHERE, "patch", "secret/key", "--type=merge", "-p", patch)
    text = project.pulumi("preview", "--diff")
    assert "spec.replicas" not in text
    assert "b3RoZXI" not in text
    assert "cGxhbnRlZA" not in text
