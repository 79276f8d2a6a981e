"""Fields that others set stay at every moment: addresses of a Service, and replicas that are handed over."""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project
from tests.sandbox.stack.watching import Watch, watched
from tests.sandbox.waiting import wait_for

pytestmark = pytest.mark.sandbox


def project_of(tmp_path: Path, cloud: Cloud) -> Project:
    return harness.make(tmp_path, cloud, {"us-east": "shared"})


def autoscaler(where: str, name: str, *, low: int, high: int) -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    spec = {"scaleTargetRef": target, "minReplicas": low, "maxReplicas": high}
    found = documents.config_map(where, name)
    return {
        **found,
        "kind": "FederatedHorizontalPodAutoscaler",
        "spec": {**found["spec"], "template": {"spec": spec}},
    }


def test_a_service_keeps_its_addresses_over_an_update(tmp_path: Path, cloud: Cloud) -> None:
    project, where = project_of(tmp_path, cloud), "addresses"
    service = documents.service(where, "web")
    service["spec"]["template"]["spec"]["type"] = "NodePort"
    ports = service["spec"]["template"]["spec"]["ports"]
    ports.append({"name": "fixed", "port": 443, "nodePort": 30443})
    project.write("web", documents.text(documents.namespace(where), service, documents.deployment(where, "web")))
    project.up()
    before = project.get("us-east", "-n", where, "svc", "web")["spec"]
    assert before["clusterIP"]
    assert [each["nodePort"] for each in before["ports"]][1] == 30443

    ports[1]["nodePort"] = 30444
    ports[1]["targetPort"] = 8443
    service["spec"]["template"]["metadata"] = {"labels": {"app": "web"}}
    project.write("web", documents.text(documents.namespace(where), service, documents.deployment(where, "web")))
    project.up()
    after = project.get("us-east", "-n", where, "svc", "web")
    assert after["metadata"]["labels"]["app"] == "web"
    assert after["spec"]["ports"][1]["targetPort"] == 8443
    for field in ("clusterIP", "clusterIPs"):
        assert after["spec"][field] == before[field]
    assert [each["nodePort"] for each in after["spec"]["ports"]] == [each["nodePort"] for each in before["ports"]]
    project.up("--expect-no-changes")


@pytest.mark.soak
def test_replicas_that_are_handed_over_are_never_taken_back_for_a_moment(tmp_path: Path, cloud: Cloud) -> None:
    project, where = project_of(tmp_path, cloud), "handover"

    def apply(*, image: str, retain: bool, scaler: bool) -> None:
        web = documents.deployment(where, "web", image=image, replicas=6)
        web["spec"]["retainReplicas"] = retain
        extra = [autoscaler(where, "web", low=3, high=20)] if scaler else []
        project.write("web", documents.text(documents.namespace(where), web, *extra))
        project.up()
        container = project.get("us-east", "-n", where, "deploy", "web")["spec"]["template"]["spec"]["containers"][0]
        assert container["image"] == image

    apply(image="web:1", retain=False, scaler=False)
    with watched(project, "us-east", "-n", where, "deploy", "web") as seen:
        apply(image="web:1", retain=True, scaler=False)
        project.kubectl("us-east", "-n", where, "scale", "deploy/web", "--replicas=9")
        apply(image="web:2", retain=True, scaler=False)
        apply(image="web:3", retain=False, scaler=True)
        apply(image="web:4", retain=False, scaler=True)
        apply(image="web:5", retain=True, scaler=False)
        wait_for(lambda: last_image(seen) == "web:5")
        assert seen.replicas() == [6, 9]


def test_what_stands_of_a_type_that_is_not_propagated_rests(tmp_path: Path, cloud: Cloud) -> None:
    project, where = project_of(tmp_path, cloud), "resting"
    target = {"version": "v1", "kind": "ConfigMap", "pluralName": "configmaps", "scope": "Namespaced"}
    own = {"group": "types.kubefed.io", "version": "v1beta1", "kind": "FederatedConfigMap", "scope": "Namespaced"}
    disabled = {
        "apiVersion": "core.kubefed.io/v1beta1",
        "kind": "FederatedTypeConfig",
        "metadata": {"name": "configmaps", "namespace": "kube-federation-system"},
        "spec": {"targetType": target, "federatedType": own, "propagation": "Disabled"},
    }

    def standing() -> dict[str, Any]:
        found = project.get("us-east", "-n", where, "configmaps", "-l", "kubefed.io/managed=true")["items"]
        return {each["metadata"]["name"]: each["data"] for each in found}

    def apply(*found: dict[str, Any]) -> None:
        project.write("maps", documents.text(documents.namespace(where), *found))
        project.up()

    apply(documents.config_map(where, "kept", a="1"), documents.config_map(where, "changed", a="1"))
    apply(disabled, documents.config_map(where, "changed", a="2"), documents.config_map(where, "new", a="1"))
    assert standing() == {"kept": {"a": "1"}, "changed": {"a": "1"}}
    project.up("--expect-no-changes")
    apply(documents.config_map(where, "changed", a="2"), documents.config_map(where, "new", a="1"))
    assert standing() == {"changed": {"a": "2"}, "new": {"a": "1"}}


def test_an_object_that_is_labelled_as_nobodys_is_refused_before_anything_is_touched(
    tmp_path: Path, cloud: Cloud
) -> None:
    project, where = project_of(tmp_path, cloud), "nobodys"
    project.write("maps", documents.text(documents.namespace(where), documents.config_map(where, "first", a="1")))
    project.up()
    project.kubectl("us-east", "-n", where, "create", "configmap", "theirs", "--from-literal=a=theirs")
    project.kubectl("us-east", "-n", where, "label", "configmap/theirs", "kubefed.io/managed=false")
    more = (documents.config_map(where, "first", a="2"), documents.config_map(where, "theirs", a="ours"))
    project.write("maps", documents.text(documents.namespace(where), *more))
    for refused in (project.pulumi("preview", fails=True), project.up(fails=True)):
        assert f'us-east/{where}/ConfigMap/theirs exists there with the label kubefed.io/managed: "false"' in refused
    assert project.get("us-east", "-n", where, "configmap", "theirs")["data"] == {"a": "theirs"}
    assert project.get("us-east", "-n", where, "configmap", "first")["data"] == {"a": "1"}

    project.kubectl("us-east", "-n", where, "label", "configmap/theirs", "kubefed.io/managed-")
    project.up()
    assert project.get("us-east", "-n", where, "configmap", "theirs")["data"] == {"a": "ours"}


def last_image(seen: Watch) -> str:
    """Every event before this one has been written, too: a watch keeps their order."""
    found = seen.objects()
    return str(found[-1]["spec"]["template"]["spec"]["containers"][0]["image"]) if found else ""
