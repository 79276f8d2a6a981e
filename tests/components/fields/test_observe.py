"""Members are looked at before an update: a silent one costs seconds and a line, and is written down as it was."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from federation.components.fields import field_conflicts, observe
from federation.components.fields.field_conflicts import FieldConflict, FoundConflicts
from federation.components.fields.observe import ObservedMembers, Updates
from federation.plan.live.removed_fields import RemovedField
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import PlannedObject
from tests.plan.building import NAMESPACE, deployment, document, planned

MAP = '{{template: {{data: {{a: "{}"}}}}, placement: {{clusterSelector: {{}}}}}}'
BEFORE = planned(NAMESPACE + deployment() + document("FederatedConfigMap", "web", MAP.format(1)))
PLAN = planned(NAMESPACE + document("FederatedConfigMap", "web", MAP.format(2)))
LAST = {member.name: member.index or () for member in BEFORE.members}
SILENT = ObservedMembers(silent={"us-east": "gone"})


def kubeconfig(server: str) -> str:
    """A kubeconfig, as stack outputs have it."""
    made: dict[str, Any] = {
        "current-context": "x",
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
    return json.dumps(made)


@pytest.fixture
def hanging() -> Iterator[str]:
    """A server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_members_that_are_dead_or_hang_are_told_from_those_never_updated(
    hanging: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observe, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        dead = f"http://127.0.0.1:{gone.getsockname()[1]}"
    started = time.monotonic()
    seen = observe.look(PLAN, {"us-east": kubeconfig(dead), "us-west": kubeconfig(hanging)})
    assert time.monotonic() - started < 5
    assert set(seen.silent) == {"us-east", "us-west"}
    assert all(seen.silent.values())


def test_a_kubeconfig_that_cannot_be_used_is_nobodys_silence() -> None:
    seen = observe.look(PLAN, {"us-east": "{}", "us-west": "no JSON"})
    assert replace(seen, unreadable={}) == ObservedMembers(silent={})
    assert set(seen.unreadable) == {"us-east", "us-west"}
    assert all(seen.unreadable.values())


def test_a_member_that_has_moved_is_updated_whether_the_other_cluster_answers_or_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        dead = kubeconfig(f"http://127.0.0.1:{gone.getsockname()[1]}")
    seen = observe.look(PLAN, {"us-east": dead, "us-west": dead}, {"us-east"})
    assert (set(seen.silent), set(seen.unreadable)) == ({"us-west"}, {"us-east"})
    assert observe.index(PLAN, LAST, seen)["us-east"] == PLAN.member("us-east").index


def test_what_others_own_where_a_member_has_moved_to_was_never_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(_: object, objects: tuple[PlannedObject, ...], __: float) -> FoundConflicts:
        taken = FieldConflict(
            logical_name=objects[0].logical_name, field=".data.a", manager="kubectl", live="", planned=""
        )
        gone = RemovedField(logical_name=objects[0].logical_name, field="data.b", manager="kubectl")
        return FoundConflicts(conflicts=(taken,), removed=(gone,), refused=objects[:1])

    monkeypatch.setattr(field_conflicts, "find", find)
    seen = observe.look(PLAN, dict.fromkeys(("us-east", "us-west"), kubeconfig("http://127.0.0.1:1")), {"us-east"})
    assert [each.logical_name.partition("/")[0] for each in seen.conflicts] == ["us-west"]
    assert [each.logical_name.partition("/")[0] for each in seen.removed] == ["us-west"]
    assert {each.member for each in seen.refused} == {"us-east", "us-west"}


def test_what_a_silent_member_misses_is_told_by_object() -> None:
    assert observe.missed(PLAN, LAST, SILENT) == {
        "us-east": ("update us-east/demo/ConfigMap/web", "delete us-east/demo/Deployment/web")
    }
    assert observe.missed(BEFORE, LAST, SILENT) == {"us-east": ()}


def test_of_a_silent_member_the_next_update_knows_what_the_last_one_did() -> None:
    index = observe.index(PLAN, LAST, SILENT)
    assert index["us-east"] == LAST["us-east"]
    assert index["us-west"] == PLAN.member("us-west").index


def test_a_takeover_that_the_state_does_not_know_is_told_from_one_that_it_does() -> None:
    name = "us-east/demo/Deployment/web"
    taken = FieldConflict(logical_name=name, field=".spec.replicas", manager="kubectl", live="5", planned="2")
    urn = f"urn:pulumi:dev::eks-federation::kubernetes:apps/v1:Deployment::{name}"
    as_planned = {urn: {"outputs": {"spec": {"replicas": 2.0}}}}
    refreshed = {urn: {"outputs": {"spec": {"replicas": 5.0}}}}
    assert observe.unnoticed((taken,), as_planned) == (taken,)
    assert observe.unnoticed((taken,), refreshed) == ()
    assert str(taken) == f"{name} spec.replicas: kubectl's now (5 there, 2 planned)"


def taken(name: str, planned: str = "2") -> FieldConflict:
    return FieldConflict(logical_name=name, field=".spec.replicas", manager="kubectl", live="5", planned=planned)


def state(name: str, replicas: float) -> dict[str, Any]:
    return {f"urn:pulumi:dev::x::t::{name}": {"outputs": {"spec": {"replicas": replicas}}}}


MAP_NAME, WEB_NAME = "us-east/demo/ConfigMap/web", "us-east/demo/Deployment/web"


def test_what_an_update_changes_is_known_by_the_index_and_by_what_the_state_has_seen() -> None:
    by_index = {f"{name}/demo/ConfigMap/web" for name in LAST}
    assert observe.updates(PLAN, LAST, (), {}) == Updates(names=frozenset(by_index))
    assert observe.updates(PLAN, {}, (), {}) == Updates()
    web = taken(WEB_NAME)
    refreshed = observe.updates(PLAN, LAST, (web,), state(WEB_NAME, 5.0))
    assert refreshed == Updates(names=frozenset({*by_index, WEB_NAME}))
    assert observe.updates(PLAN, LAST, (web,), state(WEB_NAME, 2.0)).unnoticed == (web,)
    assert observe.updates(PLAN, LAST, (web,), None).unnoticed == (web,)
    assert observe.updates(PLAN, LAST, (taken(MAP_NAME),), state(MAP_NAME, 2.0)).unnoticed == ()
    assert observe.updates(PLAN, LAST, (taken(WEB_NAME, ""),), {}) == Updates(names=frozenset(by_index))


def test_a_member_that_answers_too_slowly_is_given_up_between_two_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = observe.look(PLAN, {"us-east": kubeconfig("http://127.0.0.1:1")}, within=0.0)
    assert seen.unreadable == {"us-east": "it answers too slowly"}


def test_what_is_kept_of_an_object_nobody_planned_is_carried_on() -> None:
    entry = IndexEntry(logical_name="us-east/demo/Secret/old", token="kubernetes:core/v1:Secret")
    assert observe.index(PLAN, {"us-east": (entry,)}, SILENT)["us-east"] == (entry,)
