"""``fed get`` and ``fed logs`` query every member; a silent one has a line of its own."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from fed.commands import live
from federation.operations.engine import outputs
from federation.operations.engine.outputs import Outputs
from federation.operations.members import everywhere
from federation.operations.members.discovery import LiveCluster, LiveClusterError
from tests.fed.project import Fed, write

VERBS = ["get", "list"]
TYPES = [
    {"name": "pods", "shortNames": ["po"], "kind": "Pod", "namespaced": True, "verbs": VERBS},
    {"name": "secrets", "kind": "Secret", "namespaced": True, "verbs": VERBS},
    {"name": "services", "shortNames": ["svc"], "kind": "Service", "namespaced": True, "verbs": VERBS},
]
POD = {
    "metadata": {"name": "web-1", "namespace": "shop", "managedFields": []},
    "spec": {"containers": [{"name": "web"}, {"name": "proxy"}]},
}
SECRET = {
    "metadata": {"name": "token", "namespace": "shop", "annotations": {"last": "PLANTED"}},
    "data": {"pw": "PLANTED"},
}
SERVICE = {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": {"app": "web", "tier": "a"}}}
TABLE = {
    "kind": "Table",
    "columnDefinitions": [{"name": "Name"}, {"name": "Restarts"}, {"name": "Wide", "priority": 1}],
    "rows": [{"cells": ["web-1", 3, "x"], "object": {"metadata": {"name": "web-1", "namespace": "shop"}}}],
}


class Handler(BaseHTTPRequestHandler):
    """One API server that all members lead to."""

    def do_GET(self) -> None:
        url = urlparse(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        is_pods = url.path in ("/api/v1/pods", "/api/v1/namespaces/shop/pods")
        if url.path.endswith("/log"):
            self._send(f"{query['container']} {query.get('tailLines')} {query.get('sinceSeconds')}\nsecond\n".encode())
        elif url.path == "/version":
            self._json({"gitVersion": "v1.34.2"})
        elif url.path == "/apis":
            self._json({"groups": []})
        elif url.path == "/api/v1":
            self._json({"resources": TYPES})
        elif is_pods and "as=Table" in self.headers.get("Accept", ""):
            self._json(TABLE)
        elif is_pods:
            is_asked = query.get("labelSelector", "app=web,tier=a") == "app=web,tier=a"
            is_named = query.get("fieldSelector", "metadata.name=web-1") == "metadata.name=web-1"
            self._json({"items": [POD] if is_asked and is_named else []})
        elif url.path == "/api/v1/secrets":
            self._json({"items": [SECRET]})
        elif url.path == "/api/v1/services":
            self._json({"items": [SERVICE] if query.get("fieldSelector") == "metadata.name=web" else []})
        else:
            self._json({"message": "no"}, 404)

    def _json(self, tree: Any, status: int = 200) -> None:
        self._send(json.dumps(tree).encode(), status)

    def _send(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


def kubeconfig(address: str) -> str:
    return json.dumps(
        {
            "current-context": "x",
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": address}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
        }
    )


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outputs]:
    """Two members that answer, one with a closed port, one that is quarantined and one without a known address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    closed = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    closed.server_close()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = kubeconfig(f"http://127.0.0.1:{server.server_address[1]}")
    gone = kubeconfig(f"http://127.0.0.1:{closed.server_address[1]}")
    members = ("east", "held", "lost", "new", "west")
    found = Outputs(
        members={name: {} for name in members},
        kubeconfigs={"east": here, "west": here, "lost": gone, "held": here},
        held=("held",),
    )
    monkeypatch.setattr(outputs, "read", lambda *_: found)
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], left: Outputs) -> Fed:
    return Fed(write(tmp_path), capsys)


def test_rows_are_the_servers_own_with_their_member(fed: Fed) -> None:
    code, out, err = fed.run("get", "pods")
    assert [line.split() for line in out.splitlines() if line.strip()] == [
        ["MEMBER", "NAMESPACE", "NAME", "RESTARTS"],
        ["east", "shop", "web-1", "3"],
        ["west", "shop", "web-1", "3"],
    ]
    assert code == 1
    lines = err.splitlines()
    assert lines[0] == "held: quarantined: no request is sent"
    assert lines[1].startswith("lost: does not answer: ")
    assert lines[2] == "new: not reachable: the last update does not tell how"


def test_one_member_and_one_namespace_can_be_chosen(fed: Fed) -> None:
    code, out, err = fed.run("get", "po", "--namespace", "shop", "--member", "west")
    assert (code, err) == (0, "")
    assert [line.split() for line in out.splitlines() if line.strip()] == [
        ["MEMBER", "NAME", "RESTARTS"],
        ["west", "web-1", "3"],
    ]


def test_programs_read_the_objects_and_no_secret(fed: Fed) -> None:
    code, out, _ = fed.run("get", "secrets", "--output", "json")
    tree = json.loads(out)["members"]
    assert code == 1
    assert tree["east"]["items"][0]["data"] == {"pw": "(hidden)"}
    assert tree["held"] == {"problem": "quarantined: no request is sent"}
    assert "PLANTED" not in out


def test_an_object_that_no_member_has_is_an_error(fed: Fed) -> None:
    code, out, err = fed.run("get", "svc", "api", "-m", "east", "-o", "json")
    assert (code, json.loads(out)["members"]) == (1, {"east": {"items": []}})
    assert err == "no member has svc api\n"


def test_a_type_that_is_not_served_and_a_member_that_is_none_are_told(fed: Fed) -> None:
    code, _, err = fed.run("get", "widgets", "-m", "east")
    assert code == 1
    assert 'has no type "widgets" (it has: pods, secrets, services)' in err
    code, _, err = fed.run("get", "pods", "-m", "eastt")
    assert code == 2
    assert 'did you mean "east"?' in err


def test_logs_of_what_a_service_selects_come_in_order_with_member_and_pod(fed: Fed) -> None:
    code, out, err = fed.run("logs", "svc/web", "--tail", "5", "--since", "2m")
    expected = [
        f"{member} web-1/{container}: {text}"
        for member in ("east", "west")
        for container in ("web", "proxy")
        for text in (f"{container} 5 120", "second")
    ]
    assert (code, out.splitlines()) == (1, expected)
    assert "lost: does not answer" in err


def test_logs_of_one_container_of_a_pod_can_be_followed(fed: Fed) -> None:
    code, out, _ = fed.run("logs", "pod/web-1", "-c", "web", "--follow", "-m", "east", "--tail", "-1")
    assert (code, out) == (0, "east web-1/web: web None None\neast web-1/web: second\n")


def test_logs_that_are_interrupted_end_well(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    def lines(*_: Any, **__: Any) -> Iterator[str]:
        yield "east web-1/web: first"
        raise KeyboardInterrupt

    monkeypatch.setattr(live, "_lines", lines)
    code, out, _ = fed.run("logs", "pod/web-1", "--follow", "-m", "east")
    assert (code, out) == (0, "east web-1/web: first\n")


def test_a_log_that_breaks_off_is_named_and_fails(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    def lines(self: LiveCluster, path: str, *_: Any, **__: Any) -> Iterator[str]:
        yield "first"
        raise LiveClusterError(f"{self.name} does not answer: {path}")

    monkeypatch.setattr(LiveCluster, "lines", lines)
    code, out, err = fed.run("logs", "pod/web-1", "-c", "web", "-m", "east")
    assert (code, out) == (1, "east web-1/web: first\n")
    assert err == "east does not answer: /api/v1/namespaces/shop/pods/web-1/log\n"


@pytest.mark.parametrize("arguments", [["web"], ["/web"], ["pod/"], ["pod/web-1", "--since", "soon"]])
def test_what_is_no_question_is_a_wrong_command_line(fed: Fed, arguments: list[str]) -> None:
    assert fed.run("logs", *arguments)[0] == 2


def test_a_member_that_says_nothing_costs_its_time_only(left: Outputs) -> None:
    gate = threading.Event()
    answers = everywhere.ask(left, lambda cluster: gate.wait() if cluster.name == "west" else cluster.name, seconds=3)
    gate.set()
    assert answers["east"] == "east"
    assert answers["west"] == everywhere.Silent(reason="does not answer within 3 s")


def test_selectors_are_written_as_the_api_takes_them() -> None:
    tree = {
        "matchLabels": {"app": "web"},
        "matchExpressions": [
            {"key": "a", "operator": "In", "values": ["x", "y"]},
            {"key": "b", "operator": "NotIn", "values": ["z"]},
            {"key": "c", "operator": "Exists"},
            {"key": "d", "operator": "DoesNotExist"},
        ],
    }
    assert everywhere.selector(tree) == "app=web,a in (x,y),b notin (z),c,!d"
