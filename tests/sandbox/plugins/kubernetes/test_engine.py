"""The official Kubernetes provider under the real engine, as a user sees it at the terminal."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.cloud import MemberCluster
from tests.sandbox.plugins.engine import EngineError, Project

pytestmark = pytest.mark.sandbox

Kubectl = Callable[..., Any]

PROGRAM = """
    import pulumi, pulumi_kubernetes as k8s
    config = pulumi.Config()
    member = k8s.Provider("member", kubeconfig=config.require("kubeconfig"), cluster_identifier="one",
                          enable_patch_force=True, enable_config_map_mutable=True)
    own = pulumi.ResourceOptions(provider=member)
    def metadata(name):
        return {"name": name, "namespace": config.require("namespace"),
                "annotations": {"pulumi.com/patchFieldManager": "eks-federation"}}
    labels = {"app": config.get("label") or "web"}
    settings = k8s.core.v1.ConfigMap("settings", metadata=metadata("web"), data={"a": config.get("a") or "1"}, opts=own)
    web = k8s.apps.v1.Deployment("web", metadata=metadata("web"), spec={
        "replicas": 1, "selector": {"match_labels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [{
            "name": "web", "image": config.get("image") or "web:1",
            "resources": {"requests": {"cpu": "0.01"}}}]}}}, opts=own)
    secret = k8s.core.v1.Secret("secret", metadata=metadata("s"),
                                string_data={"word": pulumi.Output.secret("planted")}, opts=own)
    pulumi.export("uid", settings.metadata["uid"])
    pulumi.export("available", web.status["available_replicas"])
"""


@pytest.fixture
def member(project: Project, kubeconfig_cluster: MemberCluster, namespace: str) -> Project:
    """The project with the program above, configured for a namespace of its own."""
    project.program(PROGRAM)
    project.pulumi("config", "set", "kubeconfig", str(kubeconfig_cluster.kubeconfig))
    project.pulumi("config", "set", "namespace", namespace)
    return project


def test_the_whole_life_of_a_stack(member: Project, namespace: str, kubectl: Kubectl) -> None:
    assert "5 to create" in member.pulumi("preview")
    assert "5 created" in member.up()
    assert member.pulumi("stack", "output", "available").strip() == "1"
    assert "5 unchanged" in member.pulumi("preview", "--expect-no-changes")
    assert "5 unchanged" in member.pulumi("refresh", "--yes", "--expect-no-changes")
    kubectl("-n", namespace, "patch", "configmap", "web", "--type=merge", "-p", '{"data":{"a":"theirs"}}')
    drift = member.pulumi("refresh", "--preview-only", "--diff")
    assert '~ a: "1" => "theirs"' in drift
    member.pulumi("refresh", "--yes", "--skip-preview")
    assert '~ a: "theirs" => "1"' in member.pulumi("preview", "--diff")
    assert "1 updated" in member.up()
    member.pulumi("config", "set", "label", "other")
    assert "1 replaced" in member.up()
    assert "5 deleted" in member.pulumi("destroy", "--yes", "--skip-preview")
    assert kubectl("-n", namespace, "get", "deployments,secrets", "-o", "json")["items"] == []


def test_no_secret_lies_plain_in_what_pulumi_writes(member: Project) -> None:
    written = member.pulumi("preview", "--diff") + member.up("--diff") + json.dumps(member.state())
    assert "planted" not in written
    assert "cGxhbnRlZA" not in written


def test_an_object_can_be_imported(member: Project, namespace: str, kubectl: Kubectl) -> None:
    kubectl("-n", namespace, "create", "deployment", "old", "--image=web:1")
    member.program(
        """
        import pulumi, pulumi_kubernetes as k8s
        k8s.Provider("member", kubeconfig=pulumi.Config().require("kubeconfig"))
        """
    )
    member.up()
    provider = next(item["urn"] for item in member.state()["resources"] if "providers" in item["type"])
    what = ["kubernetes:apps/v1:Deployment", "old", f"{namespace}/old"]
    options = ["--skip-preview", "--generate-code=false", "--protect=false", "--provider", f"member={provider}"]
    member.pulumi("import", *what, "--yes", *options)
    imported = next(item for item in member.state()["resources"] if item["urn"].endswith("::old"))
    assert imported["id"] == f"{namespace}/old"
    assert imported["inputs"]["spec"]["template"]["spec"]["containers"][0]["image"] == "web:1"


def test_an_unready_object_is_kept_and_continued_by_the_next_update(member: Project) -> None:
    member.program(PROGRAM.replace('"containers"', '"node_selector": {"no": "such"}, "containers"').replace(
        "opts=own)\n    secret", "opts=pulumi.ResourceOptions(provider=member, custom_timeouts="
        "pulumi.CustomTimeouts(create='1s')))\n    secret"))  # fmt: skip
    with pytest.raises(EngineError, match="timed out waiting to be Ready"):
        member.up()
    member.program(PROGRAM)
    assert "1 updated" in member.up()


HELD = """
    import pulumi, pulumi_kubernetes as k8s
    config = pulumi.Config()
    member = k8s.Provider("member", kubeconfig=config.require("kubeconfig"), cluster_identifier="one",
                          upsert_existing_objects=True)
    class Thing(pulumi.CustomResource):
        def __init__(self, manifest, **options):
            super().__init__("kubernetes:core/v1:ConfigMap", "thing", manifest,
                             pulumi.ResourceOptions(provider=member, version="4.34.2", **options))
    identity = {"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": "web", "namespace": config.require("namespace")}}
"""
FULL = HELD + '    Thing({**identity, "data": {"a": "1"}})\n'


def test_an_object_that_is_held_is_no_change_and_neither_is_letting_it_go(member: Project) -> None:
    member.program(FULL)
    member.up()
    before = [item["inputs"] for item in member.state()["resources"] if item["urn"].endswith("::thing")]
    member.program(HELD + '    Thing(identity, ignore_changes=["*"])\n')
    member.up("--expect-no-changes")
    member.program(FULL)
    member.up("--expect-no-changes")
    assert before == [item["inputs"] for item in member.state()["resources"] if item["urn"].endswith("::thing")]
