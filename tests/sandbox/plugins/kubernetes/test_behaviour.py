"""Facts of the official Kubernetes provider that the program relies on, each tested by the engine and kubectl.

One stack serves all tests. Its first update takes a minute, because every wait of the provider runs in it at once.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.toolchain.tools import Toolchain
from tests.sandbox.cloud import MemberCluster
from tests.sandbox.plugins import engine
from tests.sandbox.plugins.engine import EngineError, Project
from tests.sandbox.plugins.kubernetes.conftest import make_namespace

pytestmark = pytest.mark.sandbox

Kubectl = Callable[..., Any]
SETTLING = 10.0
"""Seconds that the provider waits for a Service's endpoints to stay the same."""
WITHOUT_SERVICE = 60.0
"""Seconds after which an Ingress without its Service counts as ready, in a namespace that has no Service at all."""
PATIENCE = 25.0
"""Seconds that the Deployment which fails is given; its own progress deadline is a second."""

PROGRAM = """
    import json, pathlib, pulumi, pulumi_kubernetes as k8s
    config = pulumi.Config()
    member = k8s.Provider("member", kubeconfig=config.require("kubeconfig"), cluster_identifier="one",
                          enable_patch_force=True, enable_config_map_mutable=True, enable_secret_mutable=True)
    class Thing(pulumi.CustomResource):
        def __init__(self, name, manifest, seconds):
            timeouts = pulumi.CustomTimeouts(create=f"{seconds}s", update=f"{seconds}s")
            super().__init__(manifest.pop("token"), name, manifest, pulumi.ResourceOptions(
                provider=member, version="4.34.2", delete_before_replace=True, custom_timeouts=timeouts))
    for name, (manifest, seconds) in json.loads(pathlib.Path("objects.json").read_text()).items():
        Thing(name, manifest, seconds)
"""


def thing(token: str, name: str, namespace: str, **fields: Any) -> dict[str, Any]:
    """An object as the program registers it: the type's token, and the manifest."""
    api_version, kind = token.removeprefix("kubernetes:").removeprefix("core/").split(":")
    metadata = {
        "name": name,
        "namespace": namespace,
        "annotations": {"pulumi.com/patchFieldManager": "eks-federation"},
    }
    return {"token": token, "apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def deployment(name: str, namespace: str, image: str = "web:1", **spec: Any) -> dict[str, Any]:
    labels = {"app": name}
    pods = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": image}]}}
    made = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pods, **spec}
    return thing("kubernetes:apps/v1:Deployment", name, namespace, spec=made)


def service(name: str, namespace: str) -> dict[str, Any]:
    spec = {"selector": {"app": name}, "ports": [{"port": 80}]}
    return thing("kubernetes:core/v1:Service", name, namespace, spec=spec)


def ingress(name: str, namespace: str, backend: str) -> dict[str, Any]:
    target = {"service": {"name": backend, "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": target}]
    return thing(
        "kubernetes:networking.k8s.io/v1:Ingress", name, namespace, spec={"rules": [{"http": {"paths": paths}}]}
    )


def claim(name: str, namespace: str) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return thing("kubernetes:core/v1:PersistentVolumeClaim", name, namespace, spec=spec)


def secret(namespace: str, **words: str) -> dict[str, Any]:
    return thing("kubernetes:core/v1:Secret", "words", namespace, stringData=words)


def settings(namespace: str, **fields: Any) -> dict[str, Any]:
    return thing("kubernetes:core/v1:ConfigMap", "settings", namespace, **fields)


def first(namespace: str) -> dict[str, tuple[dict[str, Any], int]]:
    """The objects of the first update, and the seconds that each is given."""
    return {
        "web": (deployment("web", namespace), 60),
        "web-service": (service("web", namespace), 60),
        "lonely-service": (service("nobody", namespace), 60),
        "served": (ingress("served", namespace, "web"), 120),
        "unserved": (ingress("unserved", f"{namespace}-bare", "missing"), 120),
        "claim": (claim("idle", namespace), 60),
        "words": (secret(namespace, kept="a", gone="b"), 60),
        "settings": (settings(namespace, data={"a": "1"}, dta={"b": "2"}), 60),
        "failing": (deployment("failing", namespace, "does-not-exist/web:1", progressDeadlineSeconds=1), int(PATIENCE)),
    }


@dataclass(frozen=True, kw_only=True)
class First:
    """The stack after its first update: what was written, and the seconds that each object took."""

    project: Project
    namespace: str
    text: str
    seconds: Mapping[str, float]

    def register(self, objects: Mapping[str, tuple[dict[str, Any], int]]) -> None:
        (self.project.folder / "objects.json").write_text(json.dumps(objects))


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, kubeconfig_cluster: MemberCluster, kubectl: Kubectl
) -> First:
    """The stack with everything up but the Deployment that fails."""
    project = engine.make(tmp_path_factory.mktemp("behaviour"), toolchain)
    namespace = make_namespace(kubectl)
    kubectl("create", "namespace", f"{namespace}-bare")
    project.program(PROGRAM)
    project.pulumi("config", "set", "kubeconfig", str(kubeconfig_cluster.kubeconfig))
    log = project.folder / "events.json"
    made = First(project=project, namespace=namespace, text="", seconds={})
    made.register(first(namespace))
    with pytest.raises(EngineError) as caught:
        project.up("--event-log", str(log), "--continue-on-error")
    return First(project=project, namespace=namespace, text=str(caught.value), seconds=durations(log.read_text()))


def durations(log: str) -> dict[str, float]:
    """The seconds between the begin and the end of each resource's operation, by name."""
    begun: dict[str, float] = {}
    found: dict[str, float] = {}
    for line in log.splitlines():
        event = json.loads(line)
        at = float(event["timestamp"])
        for kind in ("resourcePreEvent", "resOutputsEvent", "resOpFailedEvent"):
            if kind in event:
                name = event[kind]["metadata"]["urn"].rpartition("::")[2]
                found[name] = at - begun.setdefault(name, at)
    return found


def test_the_plugin_is_the_official_one_and_nothing_warns_of_its_version(stack: First) -> None:
    assert "expected to have version" not in stack.text
    assert "4.34.2" in stack.project.pulumi("plugin", "ls")


def test_a_deployment_is_waited_for(stack: First, kubectl: Kubectl) -> None:
    assert kubectl("-n", stack.namespace, "get", "deploy", "web", "-o", "json")["status"]["readyReplicas"] == 1


@pytest.mark.parametrize("name", ["web-service", "lonely-service"])
def test_a_service_is_ready_when_its_endpoints_have_settled_also_without_any_pod(stack: First, name: str) -> None:
    assert SETTLING - 1 <= stack.seconds[name] < 2 * SETTLING


def test_an_ingress_waits_a_minute_for_a_service_that_is_not_there_and_then_counts_as_ready(stack: First) -> None:
    assert WITHOUT_SERVICE - 1 <= stack.seconds["unserved"] < WITHOUT_SERVICE + 15
    assert stack.seconds["served"] < WITHOUT_SERVICE / 2


def test_a_claim_that_waits_for_its_first_consumer_counts_as_ready(stack: First, kubectl: Kubectl) -> None:
    found = kubectl("-n", stack.namespace, "get", "pvc", "idle", "-o", "json")
    assert (found["status"]["phase"], found["spec"]["storageClassName"]) == ("Pending", "standard")
    assert stack.seconds["claim"] < SETTLING


def test_a_rollout_past_its_progress_deadline_is_waited_for_to_the_timeout(stack: First, kubectl: Kubectl) -> None:
    assert PATIENCE - 2 <= stack.seconds["failing"] < PATIENCE + 10
    assert "'failing' timed out waiting to be Ready" in stack.text
    found = kubectl("-n", stack.namespace, "get", "deploy", "failing", "-o", "json")["status"]["conditions"]
    assert "ProgressDeadlineExceeded" in {each["reason"] for each in found}


def test_a_field_that_nobody_knows_is_dropped_without_a_word(stack: First, kubectl: Kubectl) -> None:
    assert "dta" not in kubectl("-n", stack.namespace, "get", "configmap", "settings", "-o", "json")
    assert "dta" not in stack.text


def test_a_value_of_the_wrong_type_is_refused(stack: First) -> None:
    wrong = deployment("wrong", stack.namespace, replicas="three")
    stack.register({**first(stack.namespace), "wrong": (wrong, 10)})
    urn = "urn:pulumi:dev::trial::kubernetes:apps/v1:Deployment::wrong"
    with pytest.raises(EngineError, match=r"replicas|three"):
        stack.project.up("--target", urn)


def test_a_key_that_leaves_string_data_leaves_the_cluster(stack: First, kubectl: Kubectl) -> None:
    stack.register({**first(stack.namespace), "words": (secret(stack.namespace, kept="a"), 60)})
    stack.project.up("--target", "urn:pulumi:dev::trial::kubernetes:core/v1:Secret::words")
    assert sorted(kubectl("-n", stack.namespace, "get", "secret", "words", "-o", "json")["data"]) == ["kept"]
    written = json.dumps(stack.project.state())
    assert "YQ==" not in written


def test_a_preview_asks_nothing_where_the_namespace_is_still_to_come(stack: First) -> None:
    broken = deployment("early", "not-there-yet")
    del broken["spec"]["template"]["spec"]["containers"][0]["image"]
    stack.register({**first(stack.namespace), "early": (broken, 10)})
    urn = "urn:pulumi:dev::trial::kubernetes:apps/v1:Deployment::early"
    assert "1 to create" in stack.project.pulumi("preview", "--target", urn)


def previewed(stack: First, name: str, changed: dict[str, Any]) -> list[Any]:
    """The outputs that a preview has for one object, a tree for each step."""
    stack.register({**first(stack.namespace), name: (changed, 60)})
    urn = f"urn:pulumi:dev::trial::{changed['token']}::{name}"
    log = stack.project.folder / f"{name}.json"
    stack.project.pulumi("preview", "--target", urn, "--event-log", str(log))
    done = [json.loads(line).get("resOutputsEvent", {}).get("metadata", {}) for line in log.read_text().splitlines()]
    outputs = [each["new"]["outputs"] for each in done if each.get("urn") == urn and each.get("new")]
    return [each for each in outputs if "metadata" in each]


def test_a_preview_of_a_creation_tells_the_uid_of_its_dry_run_as_if_it_were_known(stack: First) -> None:
    (outputs,) = previewed(
        stack,
        "soon",
        {**settings(stack.namespace, data={}), "metadata": {"name": "soon", "namespace": stack.namespace}},
    )
    assert len(outputs["metadata"]["uid"]) == 36


def test_a_preview_of_a_replacement_gives_the_object_a_name_of_its_own(stack: First) -> None:
    typed = {**secret(stack.namespace, kept="a"), "type": "example.com/words"}
    found = previewed(stack, "words", typed)
    assert len(found) > 0
    names = {each["metadata"]["name"] for each in found}
    assert all(name.startswith("words") and name != "words" for name in names), names


@pytest.mark.soak
def test_a_custom_object_whose_type_never_comes_fails_after_a_minute(stack: First) -> None:
    unknown = thing("kubernetes:nowhere.example/v1:Nothing", "lost", stack.namespace, spec={})
    stack.register({**first(stack.namespace), "lost": (unknown, 120)})
    started = time.monotonic()
    with pytest.raises(EngineError, match=r"nowhere\.example/v1"):
        stack.project.up("--target", "urn:pulumi:dev::trial::kubernetes:nowhere.example/v1:Nothing::lost")
    assert time.monotonic() - started > 50
