"""A member changed by hand: status and refresh see it, the update says from whom it takes what, and puts it right."""

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
    assert f"{FIELD}; to take it back, run `fed up --refresh`" in unseen
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


def various() -> str:
    """Objects whose values the API server spells in another way, fills in, or keeps elsewhere."""
    web = documents.deployment(WHERE, "web", replicas=2)
    (container,) = web["spec"]["template"]["spec"]["template"]["spec"]["containers"]
    container["resources"]["limits"] = {"cpu": "1000m", "memory": "1024Mi"}
    container["ports"] = [{"containerPort": 80}]
    egress = [{"ports": [{"port": 53}]}]
    policy = {"spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": egress}}
    secret = documents.federated("Secret", WHERE, "key", template={"stringData": {"word": "planted", "other": ""}})
    changed = {"path": "/stringData/word", "value": {"valueFrom": {"config": "word"}}}
    secret["spec"]["overrides"] = [{"clusterName": "us-east", "clusterOverrides": [changed]}]
    return documents.text(
        documents.namespace(WHERE),
        documents.config_map(WHERE, "web", a="1"),
        web,
        documents.federated("NetworkPolicy", WHERE, "dns", template=policy),
        secret,
    )


def differences(project: Project, *, fails: bool) -> dict[str, list[str]]:
    """By object, what `fed status` finds different."""
    text = project.run("sh", "-c", "fed status --stack dev --output json 2>&1", fails=fails)
    (member,) = json.loads(text)["members"]
    return {
        f"{each['kind']}/{each['name']}": [field["path"] for field in each["fields"]] or ["missing"]
        for each in member["objects"]
        if not each["found"] or each["fields"]
    }


def test_status_names_what_was_changed_by_hand_and_one_update_puts_it_right(project: Project) -> None:
    project.pulumi("config", "set", "--secret", "word", "from-the-config")
    project.write("web", various())
    project.up()
    assert differences(project, fails=False) == {}

    project.kubectl("us-east", "-n", WHERE, "delete", "cm", "web")
    project.kubectl("us-east", "-n", WHERE, "scale", "deploy/web", "--replicas=5")
    patch = json.dumps({"stringData": {"word": "by-hand"}})
    project.kubectl("us-east", "-n", WHERE, "patch", "secret/key", "--type=merge", "-p", patch)
    found = {"ConfigMap/web": ["missing"], "Deployment/web": ["spec.replicas"], "Secret/key": ['data["word"]']}
    assert differences(project, fails=True) == found
    text = project.run("sh", "-c", "fed status --stack dev 2>&1", fails=True)
    assert "Deployment drift/web" in text
    assert not [word for word in ("by-hand", "from-the-config", "YnktaGFuZA", "planted") if word in text]

    diff = project.run("sh", "-c", "fed diff --live --stack dev 2>&1", fails=True)
    changes = [line for line in diff.splitlines() if line.startswith(("-", "+"))]
    assert [line for line in changes if "replicas" in line] == ["-  replicas: 5", "+  replicas: 2"]
    assert [line for line in changes if "another" in line] == ["-  word: '[secret], another one'"]
    assert [line for line in changes if line.startswith("+++")] == [
        f"+++ planned/us-east/3-namespaces/{WHERE}/{name}.yaml"
        for name in ("configmap-web", "deployment-web", "secret-key")
    ]

    update = ("fed", "up", "--yes", "--skip-preview", "--stack", "dev")
    unseen = project.run(*update, fails=True)
    assert "drift is not looked at" in unseen
    assert "not as planned: us-east; `fed up --refresh` puts right" in unseen
    project.run(*update, "--refresh")
    assert scaled(project) == 2
    assert differences(project, fails=False) == {}
    project.up("--expect-no-changes")
