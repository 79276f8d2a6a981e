"""A live cluster's objects are found by discovery, whatever its types are called; a server of our own answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from fed.main import app
from federation.operations.members.discovery import LiveCluster, LiveClusterError

VERBS = ["get", "list"]
CORE = [
    {"name": "namespaces", "singularName": "namespace", "shortNames": ["ns"], "kind": "Namespace", "verbs": VERBS},
    {"name": "configmaps", "shortNames": ["cm"], "kind": "ConfigMap", "namespaced": True, "verbs": VERBS},
    {"name": "pods", "kind": "Pod", "namespaced": True, "verbs": VERBS},
    {"name": "pods/log", "kind": "Pod", "namespaced": True, "verbs": VERBS},
    {"name": "bindings", "kind": "Binding", "namespaced": True, "verbs": ["create"]},
]
WIDGETS = [{"name": "widgets", "singularName": "widget", "kind": "Widget", "namespaced": True, "verbs": VERBS}]
OWNED = {
    "name": "web-1",
    "namespace": "shop",
    "ownerReferences": [{"kind": "ReplicaSet", "name": "web", "controller": True}],
}
ANSWERS: dict[str, Any] = {
    "/apis": {
        "groups": [
            {"preferredVersion": {"groupVersion": "example.com/v1"}},
            {"preferredVersion": {"groupVersion": "down.example.com/v1"}},
        ]
    },
    "/api/v1": {"resources": CORE},
    "/apis/example.com/v1": {"resources": WIDGETS},
    "/api/v1/namespaces/shop": {"metadata": {"name": "shop", "uid": "x"}, "spec": {"finalizers": ["kubernetes"]}},
    "/api/v1/namespaces/shop/configmaps": {"items": [], "metadata": {"continue": "more"}},
    "/api/v1/namespaces/shop/configmaps?more": {"items": [{"metadata": {"name": "a", "namespace": "shop"}}]},
    "/api/v1/namespaces/shop/pods": {"items": [{"metadata": OWNED}]},
    "/apis/example.com/v1/namespaces/shop/widgets": {
        "items": [{"metadata": {"name": "gear", "namespace": "shop"}, "spec": {"size": 3}}]
    },
    "/apis/example.com/v1/namespaces/shop/widgets/gear": {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "gear", "namespace": "shop"},
    },
}


class Handler(BaseHTTPRequestHandler):
    """Answers from the table above."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        answer = ANSWERS.get(path + ("?more" if "continue=more" in query else ""))
        status = 503 if path.startswith("/apis/down") else 404 if answer is None else 200
        body = json.dumps(answer or {"message": "no"}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Iterator[Path]:
    """A kubeconfig whose context ``here`` leads to the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    tree = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "here", "cluster": {"server": address}}],
        "users": [{"name": "here", "user": {}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "here", "namespace": "shop"}}],
    }
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(tree))
    yield path
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("word", ["widget", "widgets", "Widget", "widgets.example.com"])
def test_a_type_is_found_by_whatever_people_call_it(kubeconfig: Path, word: str) -> None:
    found = LiveCluster(kubeconfig, "").one(word, "gear", "shop")
    assert found.tree["kind"] == "Widget"
    assert found.source.file == "here/shop/Widget/gear"


def test_a_namespace_is_federated_with_its_contents(kubeconfig: Path) -> None:
    command = ["federate", "ns", "shop", "--contents", "--kubeconfig", str(kubeconfig)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    documents = list(yaml.safe_load_all(result.stdout))
    assert [document["kind"] for document in documents] == [
        "FederatedNamespace",
        "FederatedConfigMap",
        "FederatedWidget",
    ]
    assert documents[2]["spec"]["template"] == {"apiVersion": "example.com/v1", "spec": {"size": 3}}
    assert "Pod shop/web-1 is left out: ReplicaSet web creates it" in result.stderr


def test_types_can_be_left_out(kubeconfig: Path) -> None:
    command = ["federate", "namespace", "shop", "--contents", "--kubeconfig", str(kubeconfig)]
    result = CliRunner().invoke(
        app, [*command, "--skip-api-resources", "widgets", "--skip-api-resources", "configmaps"]
    )
    assert [document["kind"] for document in yaml.safe_load_all(result.stdout)] == ["FederatedNamespace"]


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("widget", "wheel", "here has no Widget wheel in namespace shop"),
        ("namespace", "stop", "here has no Namespace stop"),
        ("gadget", "a", 'here has no type "gadget" (it has: configmaps, namespaces, pods, widgets)'),
    ],
)
def test_a_missing_object_is_reported(kubeconfig: Path, kind: str, name: str, message: str) -> None:
    with pytest.raises(LiveClusterError) as caught:
        LiveCluster(kubeconfig, "").one(kind, name, "shop")
    assert str(caught.value) == message


def test_a_kubeconfig_without_a_cluster_is_reported(kubeconfig: Path, tmp_path: Path) -> None:
    with pytest.raises(LiveClusterError, match="Context 'there' not found"):
        LiveCluster(kubeconfig, "there")
    with pytest.raises(LiveClusterError, match="name it with --kubeconfig"):
        LiveCluster(tmp_path / "none", "")


def test_a_cluster_that_does_not_answer_is_reported(tmp_path: Path, kubeconfig: Path) -> None:
    tree = yaml.safe_load(kubeconfig.read_text())
    tree["clusters"][0]["cluster"]["server"] = "http://127.0.0.1:1"
    (tmp_path / "dead").write_text(yaml.safe_dump(tree))
    with pytest.raises(LiveClusterError, match="here does not answer"):
        LiveCluster(tmp_path / "dead", "").one("pod", "a", "shop")
