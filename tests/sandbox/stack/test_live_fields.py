"""Fields that kubectl set on live objects are named before they are removed; injected ones stay."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

WHERE = "live-fields"
WEB, KEPT = f"us-east/{WHERE}/Deployment/web", f"us-east/{WHERE}/ConfigMap/kept"
TYPE, HOOK = "dials.live-fields.example.org", "live-fields.example.org"
GOES = (
    'metadata.annotations["note"] (hello)',
    'metadata.labels["team"] (blue)',
    "spec.minReadySeconds (1)",
    "spec.revisionHistoryLimit (3)",
    'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]',
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, cloud: Cloud) -> Project:
    """One member with a Deployment, a ConfigMap, a definition and a webhook configuration."""
    project = harness.make(tmp_path_factory.mktemp("live"), cloud, {"us-east": "shared"})
    write(project)
    project.up()
    return project


def bundle(project: Project, number: int) -> str:
    """A CA bundle that the API server takes, another one for each number."""
    authority = (project.clusters["us-east"].kubeconfig.parent / "ca.crt").read_bytes()
    return base64.b64encode(authority * number).decode()


def write(project: Project, *, image: str = "web:1", revision: str = "1") -> None:
    """Write the documents; another ``revision`` changes the definition and the webhook configuration."""
    web = documents.deployment(WHERE, "web", image=image)
    kept = documents.config_map(WHERE, "kept", a="1")
    text = documents.text(documents.namespace(WHERE), web, kept, definition(revision), webhooks(project, revision))
    project.write("live", text)


def everywhere(kind: str, name: str, template: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": f"Federated{kind}",
        "metadata": {"name": name},
        "spec": {"template": template, "placement": {"clusterSelector": {}}},
    }


def definition(revision: str) -> dict[str, Any]:
    """A type whose conversion has a webhook, without a CA bundle."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    service = {"namespace": WHERE, "name": "hook", "path": "/convert"}
    webhook = {"clientConfig": {"service": service}, "conversionReviewVersions": ["v1"]}
    spec = {
        "group": "live-fields.example.org",
        "scope": "Namespaced",
        "names": {"plural": "dials", "singular": "dial", "kind": "Dial"},
        "versions": [version],
        "conversion": {"strategy": "Webhook", "webhook": webhook},
    }
    return everywhere("CustomResourceDefinition", TYPE, {"metadata": {"labels": {"revision": revision}}, "spec": spec})


def webhooks(project: Project, revision: str) -> dict[str, Any]:
    """A webhook configuration that nothing is ever sent to, with a placeholder for its CA bundle."""
    rule = {"apiGroups": ["nowhere.example.org"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["x"]}
    hook = {
        "name": "a.live-fields.example.org",
        "clientConfig": {"service": {"namespace": WHERE, "name": "hook"}, "caBundle": bundle(project, 9)},
        "rules": [rule],
        "failurePolicy": "Ignore",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    metadata = {"labels": {"revision": revision}}
    return everywhere("ValidatingWebhookConfiguration", HOOK, {"metadata": metadata, "webhooks": [hook]})


def kubectl(project: Project, *arguments: str) -> str:
    return project.kubectl("us-east", "-n", WHERE, *arguments)


def set_by_hand(project: Project) -> None:
    """Set fields in each of the ways that people have."""
    kubectl(project, "annotate", "deploy/web", "note=hello")
    kubectl(project, "label", "deploy/web", "team=blue")
    kubectl(project, "patch", "deploy/web", "--type=merge", "-p", '{"spec": {"minReadySeconds": 1}}')
    cluster = project.clusters["us-east"]
    context = ("--kubeconfig", str(cluster.kubeconfig), "--context", harness.context(cluster))
    editor = "KUBE_EDITOR=sed -i 's/revisionHistoryLimit: 10/revisionHistoryLimit: 3/'"
    project.run("env", editor, "kubectl", *context, "-n", WHERE, "edit", "deploy/web")
    kubectl(project, "rollout", "restart", "deploy/web")
    kubectl(project, "annotate", "configmap/kept", "note=stays")


def fed_plan(project: Project, *options: str) -> str:
    """All that `fed plan` writes."""
    return project.run("sh", "-c", f"fed plan --stack dev {' '.join(options)} 2>&1")


def test_what_was_set_with_kubectl_is_named_and_goes_with_the_next_update_of_its_object(project: Project) -> None:
    set_by_hand(project)
    waiting = "6 fields set with kubectl in objects that this update does not change"
    assert waiting in project.up("--expect-no-changes")
    assert waiting in fed_plan(project)

    write(project, image="web:2")
    preview = project.pulumi("preview")
    texts = (preview, fed_plan(project), project.up())
    web = project.get("us-east", "-n", WHERE, "deploy", "web")
    for text in texts:
        for field in GOES:
            found = [line for line in text.splitlines() if f"{WEB} {field}" in line]
            assert found
            assert all(line.endswith(": set with kubectl, removed by this update") for line in found)
        assert f"{KEPT} metadata" not in text
        assert "1 field set with kubectl in objects that this update does not change" in text
    assert "note" not in web["metadata"]["annotations"]
    assert "team" not in web["metadata"]["labels"]
    assert "minReadySeconds" not in web["spec"]
    assert web["spec"]["revisionHistoryLimit"] == 10
    assert "annotations" not in web["spec"]["template"]["metadata"]
    kept = project.get("us-east", "-n", WHERE, "configmap", "kept")
    assert kept["metadata"]["annotations"]["note"] == "stays"

    tree = json.loads(project.run("fed", "plan", "--stack", "dev", "--output", "json"))
    assert [(each["object"], each["removed"]) for each in tree["removedFields"]] == [(KEPT, False)]
    assert "set with kubectl" not in fed_plan(project, "--no-live")


def inject(project: Project, number: int) -> None:
    """Do what cert-manager's injector does, as a manager of its own."""
    own = ("--field-manager=cainjector", "--type=json", "-p")
    value = bundle(project, number)
    conversion = {"op": "add", "path": "/spec/conversion/webhook/clientConfig/caBundle", "value": value}
    note = {"op": "add", "path": "/metadata/annotations/injector.example.org~1injected", "value": str(number)}
    kubectl(project, "patch", "crd", TYPE, *own, json.dumps([conversion, note]))
    hook = {"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": value}
    kubectl(project, "patch", "validatingwebhookconfiguration", HOOK, *own, json.dumps([hook]))


def standing(project: Project) -> dict[str, str]:
    """What is there of the values that are injected, and the revision."""
    crd = project.get("us-east", "crd", TYPE)
    hook = project.get("us-east", "validatingwebhookconfiguration", HOOK)
    return {
        "revision": crd["metadata"]["labels"]["revision"] + hook["metadata"]["labels"]["revision"],
        "definition": crd["spec"]["conversion"]["webhook"]["clientConfig"].get("caBundle", ""),
        "note": crd["metadata"]["annotations"].get("injector.example.org/injected", ""),
        "webhook": hook["webhooks"][0]["clientConfig"]["caBundle"],
    }


def test_what_is_injected_stays_over_updates_and_makes_none(project: Project) -> None:
    write(project)
    project.up()
    for number, revisions in ((1, "23"), (2, "4")):
        inject(project, number)
        assert "owned by" not in project.up("--expect-no-changes")
        value = bundle(project, number)
        for revision in revisions:
            write(project, revision=revision)
            assert "this update takes it back" not in project.up()
            expected = {"revision": revision * 2, "definition": value, "note": str(number), "webhook": value}
            assert standing(project) == expected
    project.pulumi("refresh", "--yes", "--skip-preview")
    project.up("--expect-no-changes")
