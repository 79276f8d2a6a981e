"""Objects on a real API server: made, looked at, changed and removed as the engine would have it."""

import base64
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.properties import decode, encode
from tests.sandbox.plugins.kubernetes import objects
from tests.sandbox.plugins.kubernetes.harness import Provider, Refusal, Resource

pytestmark = pytest.mark.sandbox

Kubectl = Callable[..., Any]
DIFF = provider_pb2.DiffResponse


def test_an_object_is_created_read_updated_and_deleted(provider: Provider, namespace: str, kubectl: Kubectl) -> None:
    made = provider.create(objects.config_map(namespace, "web", a="1"))
    assert made.id == f"{namespace}/web"
    assert provider.read(made).inputs == made.inputs
    provider.update(made, objects.config_map(namespace, "web", a="2"))
    assert kubectl("-n", namespace, "get", "configmap", "web", "-o", "json")["data"] == {"a": "2"}
    provider.delete(made)
    assert provider.read(made).id == ""


def test_the_state_names_the_manager_and_leaves_managed_fields_out(provider: Provider, namespace: str) -> None:
    live = provider.create(objects.config_map(namespace, "web", a="1")).live
    assert live["__fieldManager"] == objects.MANAGER
    assert live["__initialApiVersion"] == "v1"
    assert "managedFields" not in live["metadata"]


def test_without_the_annotation_the_manager_is_random_and_stays(provider: Provider, namespace: str) -> None:
    tree = objects.config_map(namespace, "web", a="1")
    del tree["metadata"]["annotations"]
    made = provider.create(tree)
    manager = made.live["__fieldManager"]
    assert manager.startswith("pulumi-kubernetes-")
    assert provider.update(made, {**tree, "data": {"a": "2"}}).live["__fieldManager"] == manager


def test_a_refresh_right_after_a_create_finds_nothing(provider: Provider, namespace: str) -> None:
    made = provider.create(objects.deployment(namespace, "web"))
    assert provider.read(made).inputs == made.inputs


def test_a_refresh_shows_what_others_have_changed(provider: Provider, namespace: str, kubectl: Kubectl) -> None:
    tree = objects.deployment(namespace, "web")
    made = provider.create(tree)
    kubectl("-n", namespace, "set", "image", "deployment/web", "web=other:2")
    kubectl("-n", namespace, "rollout", "status", "deployment/web", "--timeout=30s")
    refreshed = provider.read(made)
    diff = provider.diff(refreshed, tree)
    assert list(diff.detailedDiff) == ["spec.template.spec.containers[0].image"]
    assert not diff.replaces


def test_a_refresh_shows_a_changed_secret_that_was_given_as_string_data(
    provider: Provider, namespace: str, kubectl: Kubectl
) -> None:
    made = provider.create(objects.secret(namespace, "s", password="before"), secrets=[("stringData",)])
    assert provider.read(made).inputs == made.inputs
    other = base64.b64encode(b"after").decode()
    kubectl("-n", namespace, "patch", "secret", "s", "--type=merge", "-p", f'{{"data":{{"password":"{other}"}}}}')
    found = decode(provider.read(made).inputs)
    assert found.tree["stringData"] == {"password": "after"}
    assert ("stringData",) in found.secrets


def test_all_that_a_secret_holds_is_secret_in_the_state(provider: Provider, namespace: str) -> None:
    made = provider.create(objects.secret(namespace, "s", password="planted"))
    assert ("data",) in decode(made.state).secrets


def test_what_exists_is_refused_without_upsert(
    make_provider: Callable[..., Provider], namespace: str, kubectl: Kubectl
) -> None:
    kubectl("-n", namespace, "create", "configmap", "web", "--from-literal=a=theirs")
    strict = make_provider()
    with pytest.raises(Refusal, match=r"exists already.*upsertExistingObjects"):
        strict.create(objects.config_map(namespace, "web", b="ours"))
    assert kubectl("-n", namespace, "get", "configmap", "web", "-o", "json")["data"] == {"a": "theirs"}


def test_a_field_of_another_manager_is_a_conflict_without_force(
    make_provider: Callable[..., Provider], provider: Provider, namespace: str
) -> None:
    provider.create(objects.config_map(namespace, "web", a="1"))
    tree = objects.config_map(namespace, "web", a="2")
    tree["metadata"]["annotations"] = {"pulumi.com/patchFieldManager": "another"}
    gentle = make_provider(upsertExistingObjects="true")
    with pytest.raises(Refusal, match=r"conflicts with \"eks-federation\".*\n- \.data\.a[\s\S]*enablePatchForce"):
        gentle.create(tree)
    tree["metadata"]["annotations"]["pulumi.com/patchForce"] = "true"
    assert gentle.create(tree).live["data"] == {"a": "2"}


def test_an_ignored_field_is_left_to_the_one_who_took_it(provider: Provider, namespace: str, kubectl: Kubectl) -> None:
    made = provider.create(objects.deployment(namespace, "web", replicas=1))
    kubectl("-n", namespace, "scale", "deployment/web", "--replicas=2")
    tree = objects.deployment(namespace, "web", replicas=1, image="web:2")
    provider.update(made, tree, ignore=["spec.replicas"])
    live = kubectl("-n", namespace, "get", "deployment", "web", "-o", "json")
    assert live["spec"]["replicas"] == 2
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "web:2"


def test_an_ignored_field_that_nobody_took_keeps_its_last_value(
    provider: Provider, namespace: str, kubectl: Kubectl
) -> None:
    made = provider.create(objects.deployment(namespace, "web", replicas=2))
    provider.update(made, objects.deployment(namespace, "web", replicas=1, image="web:2"), ignore=["spec.replicas"])
    assert kubectl("-n", namespace, "get", "deployment", "web", "-o", "json")["spec"]["replicas"] == 2


def test_an_object_that_is_gone_is_not_made_by_an_update(provider: Provider, namespace: str, kubectl: Kubectl) -> None:
    made = provider.create(objects.config_map(namespace, "web", a="1"))
    kubectl("-n", namespace, "delete", "configmap", "web")
    with pytest.raises(Refusal, match=r"gone from the cluster.*pulumi refresh"):
        provider.update(made, objects.config_map(namespace, "web", a="2"))


def test_a_custom_resource_follows_its_definition(provider: Provider, namespace: str) -> None:
    kind = f"Kind{secrets.token_hex(3)}"
    plural = f"{kind.lower()}s"
    thing = {"apiVersion": "example.org/v1", "kind": kind, "metadata": objects.metadata(namespace, "x"), "a": {"b": 1}}
    assert decode(provider.check(thing)).tree["a"] == {"b": 1}
    assert "uid" not in provider.preview(thing).tree["metadata"]
    made = provider.create(objects.definition(plural, kind))
    assert provider.create(thing).live["a"] == {"b": 1}
    provider.delete(made)


def test_an_import_gives_inputs_that_are_no_change(provider: Provider, namespace: str, kubectl: Kubectl) -> None:
    kubectl("-n", namespace, "create", "deployment", "web", "--image=web:1")
    kind = "kubernetes:apps/v1:Deployment"
    found = provider.read(Resource(type=kind, id=f"{namespace}/web", inputs=None, state=None))
    tree = decode(found.inputs).tree
    assert "status" not in tree
    assert "uid" not in tree["metadata"]
    assert provider.diff(found, tree).changes == DIFF.DIFF_NONE


def test_an_import_of_what_is_not_there_finds_nothing(provider: Provider, namespace: str) -> None:
    missing = Resource(type="kubernetes:core/v1:ConfigMap", id=f"{namespace}/none", inputs=None, state=None)
    assert provider.read(missing).id == ""


def test_deleting_a_namespace_waits_until_it_is_gone(provider: Provider, kubectl: Kubectl) -> None:
    name = f"gone-{secrets.token_hex(3)}"
    made = provider.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    provider.create(objects.config_map(name, "inside", a="1"))
    provider.delete(made)
    assert name not in kubectl("get", "namespaces", "-o", "name")


def test_deleting_what_is_gone_already_is_no_error(provider: Provider, namespace: str, kubectl: Kubectl) -> None:
    made = provider.create(objects.config_map(namespace, "web", a="1"))
    kubectl("-n", namespace, "delete", "configmap", "web")
    provider.delete(made)


def test_a_deployment_is_waited_for(provider: Provider, namespace: str) -> None:
    made = provider.create(objects.deployment(namespace, "web", replicas=2))
    assert made.live["status"]["availableReplicas"] == 2


def test_a_deployment_that_does_not_get_ready_is_kept_with_the_reason(provider: Provider, namespace: str) -> None:
    tree = objects.deployment(namespace, "web")
    tree["spec"]["template"]["spec"]["nodeSelector"] = {"no": "such-node"}
    with pytest.raises(Refusal, match="not ready after 1 s") as caught:
        provider.create(tree, timeout=1)
    detail = caught.value.detail
    assert detail.id == f"{namespace}/web"
    assert decode(detail.properties).tree["metadata"]["name"] == "web"
    assert any("Unschedulable" in reason for reason in detail.reasons)


def test_waiting_can_be_skipped_by_annotation(provider: Provider, namespace: str) -> None:
    tree = objects.deployment(namespace, "web", __skipAwait="true")
    tree["spec"]["template"]["spec"]["nodeSelector"] = {"no": "such-node"}
    assert provider.create(tree).id == f"{namespace}/web"


def test_a_service_without_pods_times_out_by_annotation(provider: Provider, namespace: str) -> None:
    with pytest.raises(Refusal, match="not ready after 1 s") as caught:
        provider.create(objects.service(namespace, "web", __timeoutSeconds="1"), timeout=0)
    assert any("no ready pods" in reason for reason in caught.value.detail.reasons)


def test_a_load_balancer_is_waited_for(provider: Provider, namespace: str) -> None:
    provider.create(objects.deployment(namespace, "web"))
    made = provider.create(objects.service(namespace, "web", kind="LoadBalancer"))
    assert made.live["status"]["loadBalancer"]["ingress"]
    assert provider.read(made).inputs == made.inputs


def test_a_refresh_reports_what_is_not_ready(provider: Provider, namespace: str) -> None:
    tree = objects.deployment(namespace, "web")
    tree["spec"]["template"]["spec"]["nodeSelector"] = {"no": "such-node"}
    with pytest.raises(Refusal) as caught:
        provider.create(tree, timeout=1)
    detail = caught.value.detail
    made = Resource(type="kubernetes:apps/v1:Deployment", id=detail.id, inputs=detail.inputs, state=detail.properties)
    with pytest.raises(Refusal, match="it is not ready") as caught:
        provider.read(made)
    assert caught.value.detail.inputs == made.inputs


def test_cancelling_ends_a_wait_and_keeps_the_object(provider: Provider, namespace: str) -> None:
    provider.call("Cancel", None)
    tree = objects.deployment(namespace, "web")
    tree["spec"]["template"]["spec"]["nodeSelector"] = {"no": "such-node"}
    with pytest.raises(Refusal, match="was cancelled") as caught:
        provider.create(tree, timeout=60)
    assert caught.value.detail.id == f"{namespace}/web"


def test_a_name_is_made_for_an_object_without_one_and_kept(provider: Provider, namespace: str) -> None:
    tree = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace}, "data": {"a": "1"}}
    made = provider.create(tree)
    name = made.live["metadata"]["name"]
    assert name.startswith("thing-")
    assert made.live["metadata"]["annotations"]["pulumi.com/autonamed"] == "true"
    assert decode(provider.check(tree, old=made.inputs)).tree["metadata"]["name"] == name


@pytest.mark.parametrize("kind", ["kubernetes:core/v1:ConfigMapList", "kubernetes:apps/v1:DeploymentPatch"])
def test_lists_and_patches_are_refused_by_name(provider: Provider, kind: str) -> None:
    with pytest.raises(Refusal, match=kind):
        provider.check({"metadata": {"name": "x"}}, kind=kind)


def test_a_function_is_refused_by_name(provider: Provider) -> None:
    with pytest.raises(Refusal, match="kubernetes:yaml:decode"):
        provider.call("Invoke", provider_pb2.InvokeRequest(tok="kubernetes:yaml:decode", args=encode({})))
