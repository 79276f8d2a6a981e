"""A cluster that does not answer: what fails, what is skipped, what is forgotten. No cluster is needed for that."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.kubernetes import cluster
from sandbox.plugins.properties import decode, encode
from tests.sandbox.plugins.kubernetes import objects
from tests.sandbox.plugins.kubernetes.harness import Provider, Refusal, Resource

Make = Callable[..., Provider]
TREE = objects.config_map("demo", "web", a="1")
KEPT = Resource(
    type="kubernetes:core/v1:ConfigMap",
    id="demo/web",
    inputs=encode(TREE),
    state=encode(TREE | {"metadata": TREE["metadata"] | {"uid": "u"}, "__fieldManager": objects.MANAGER}),
)


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"https://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, silent: str) -> Iterator[Make]:
    """Makes providers for that server."""
    monkeypatch.setattr(cluster.Cluster.__init__, "__kwdefaults__", {"answer_seconds": 0.3})
    made: list[Provider] = []

    def provider(**settings: Any) -> Provider:
        made.append(Provider(kubeconfig(silent), **settings))
        return made[-1]

    yield provider
    for each in made:
        each.close()


def kubeconfig(server: str) -> str:
    """A kubeconfig for a server, with a token."""
    return json.dumps(
        {
            "clusters": [{"name": "c", "cluster": {"server": server}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
    )


def test_a_create_fails_soon_and_says_which_server(make: Make, silent: str) -> None:
    before = time.monotonic()
    with pytest.raises(Refusal, match=f"unreachable: the API server at {silent} did not answer within 0.3 s"):
        make().create(TREE)
    assert time.monotonic() - before < 5


def test_a_preview_returns_the_inputs(make: Make) -> None:
    assert make().preview(TREE).tree == TREE


def test_an_update_and_a_read_fail_without_an_option(make: Make) -> None:
    provider = make()
    with pytest.raises(Refusal, match="unreachable"):
        provider.update(KEPT, objects.config_map("demo", "web", a="2"))
    with pytest.raises(Refusal, match="unreachable"):
        provider.read(KEPT)


def test_with_skip_nothing_of_it_changes(make: Make) -> None:
    provider = make(skipUpdateUnreachable="true")
    changed = objects.config_map("demo", "web", a="2")
    assert decode(provider.check(changed, old=KEPT.inputs)).tree == TREE
    assert provider.diff(KEPT, changed).changes == provider_pb2.DiffResponse.DIFF_NONE
    assert provider.read(KEPT) == KEPT


def test_an_update_that_loses_the_cluster_fails_so_that_the_state_keeps_the_old_inputs(make: Make) -> None:
    with pytest.raises(Refusal, match="unreachable"):
        make(deleteUnreachable="true").update(KEPT, objects.config_map("demo", "web", a="2"))


def test_with_skip_creates_and_deletes_still_fail(make: Make) -> None:
    provider = make(skipUpdateUnreachable="true")
    with pytest.raises(Refusal, match=r"unreachable.*nothing can be created there"):
        provider.create(TREE)
    with pytest.raises(Refusal, match=r"unreachable.*nothing can be deleted there"):
        provider.delete(KEPT)


def test_with_delete_unreachable_it_is_forgotten(make: Make) -> None:
    provider = make(deleteUnreachable="true")
    provider.delete(KEPT)
    assert provider.read(KEPT).id == ""


def test_a_diff_falls_back_on_what_is_known_to_be_immutable(make: Make) -> None:
    tree = objects.deployment("demo", "web")
    kept = Resource(type="kubernetes:apps/v1:Deployment", id="demo/web", inputs=encode(tree), state=encode(tree))
    changed = objects.deployment("demo", "web", replicas=3)
    assert not make().diff(kept, changed).replaces
    changed["spec"]["selector"] = {"matchLabels": {"app": "other"}}
    assert list(make().diff(kept, changed).replaces) == ["spec.selector.matchLabels.app"]


def test_a_kubeconfig_that_is_missing_counts_as_unreachable() -> None:
    provider = Provider("/nowhere/kubeconfig")
    with pytest.raises(Refusal, match="/nowhere/kubeconfig cannot be read: No such file"):
        provider.create(TREE)
    provider.close()


def test_a_server_nobody_listens_at_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    provider = Provider(kubeconfig(f"https://127.0.0.1:{port}"))
    with pytest.raises(Refusal, match=f"https://127.0.0.1:{port} does not answer"):
        provider.create(TREE)
    provider.close()
