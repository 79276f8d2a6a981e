"""A manual change in a member: status and refresh report it; the update names the manager and reverts it."""

import json
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

# One group: the stack is made once.
pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("drift")]

WHERE = "drift"
FIELD = f"us-east/{WHERE}/Deployment/web spec.replicas: owned by kubectl (5 live, 2 planned)"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, cloud: Cloud) -> Project:
    """One member with a Deployment of two replicas. The tests go by what the one before has left."""
    project = harness.make(tmp_path_factory.mktemp("drift"), cloud, {"us-east": "shared"})
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
    assert "owned by" not in project.pulumi("preview")
    project.kubectl("us-east", "-n", WHERE, "scale", "deploy/web", "--replicas=5")

    unseen = project.up()
    assert f"{FIELD}; run `fed up --refresh` to take it back" in unseen
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
    assert "owned by" not in project.up("--expect-no-changes")


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
    secret = documents.federated("Secret", WHERE, "key", template={"stringData": {"word": "planted", "other": ""}})
    changed = {"path": "/stringData/word", "value": {"valueFrom": {"config": "word"}}}
    secret["spec"]["overrides"] = [{"clusterName": "us-east", "clusterOverrides": [changed]}]
    return documents.text(
        documents.namespace(WHERE),
        documents.config_map(WHERE, "web", a="1"),
        web,
        secret,
        *(documents.federated(kind, WHERE, "web", template=template) for kind, template in others().items()),
    )


def others() -> dict[str, dict[str, Any]]:
    """Templates of kinds in which the API server fills in or respells much."""
    pods: dict[str, Any] = {
        "metadata": {"labels": {"app": "own"}},
        "spec": {"containers": [{"name": "a", "image": "a:1"}]},
    }
    once = {**pods, "spec": {**pods["spec"], "restartPolicy": "Never"}}
    service = {"name": "web", "port": {"number": 80}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": {"service": service}}]
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "none"}
    ports = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "more", "port": 53}]
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}
    unwaited = {"annotations": {"pulumi.com/skipAwait": "true"}}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "web"}
    return {
        "NetworkPolicy": {
            "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"ports": [{"port": 53}]}]}
        },
        "Service": {
            "metadata": unwaited,
            "spec": {"selector": {"app": "web"}, "ports": ports, "publishNotReadyAddresses": False},
        },
        "Ingress": {"spec": {"rules": [{"host": "a.example.com", "http": {"paths": paths}}]}},
        "HorizontalPodAutoscaler": {"spec": {"scaleTargetRef": target, "maxReplicas": 9, "metrics": [cpu]}},
        "DaemonSet": {"spec": {"selector": {"matchLabels": {"app": "own"}}, "template": pods}},
        "CronJob": {"spec": {"schedule": "0 3 * * *", "suspend": False, "jobTemplate": {"spec": {"template": once}}}},
        "PodDisruptionBudget": {"spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}},
        "ResourceQuota": {"spec": {"hard": {"requests.storage": "1024Gi", "pods": 50}}},
        "LimitRange": {"spec": {"limits": [{"type": "Container", "default": {"cpu": "500m"}}]}},
        "ServiceAccount": {"automountServiceAccountToken": False},
        "Role": {"rules": [rule]},
        "RoleBinding": {"roleRef": role, "subjects": [{"kind": "ServiceAccount", "name": "web"}]},
    }


def differences(project: Project, *, fails: bool) -> dict[str, list[str]]:
    """By object, what `fed status` finds different."""
    (member,) = json.loads(project.run("fed", "status", "--stack", "dev", "--output", "json", fails=fails))["members"]
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
    diff = project.run("sh", "-c", "fed diff --live --stack dev 2>&1", fails=True)
    changes = [line for line in diff.splitlines() if line.startswith(("-", "+"))]
    assert [line for line in changes if "replicas" in line] == ["-  replicas: 5", "+  replicas: 2"]
    assert [line for line in changes if "another" in line] == ["-  word: '[secret], another one'"]
    assert [line for line in changes if line.startswith("+++")] == [
        f"+++ planned/us-east/3-namespaces/{WHERE}/{name}.yaml"
        for name in ("configmap-web", "deployment-web", "secret-key")
    ]

    assert not [word for word in ("by-hand", "from-the-config", "YnktaGFuZA", "planted") if word in diff]

    project.run("fed", "up", "--yes", "--skip-preview", "--refresh", "--stack", "dev")
    assert scaled(project) == 2
    assert differences(project, fails=False) == {}
    project.up("--expect-no-changes")
