"""What a change would do to objects on a real API server: told to the engine, and nothing done yet."""

import copy
from collections.abc import Callable

import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.properties import UNKNOWN
from tests.sandbox.plugins.kubernetes import objects
from tests.sandbox.plugins.kubernetes.harness import Provider, Refusal, Resource

pytestmark = pytest.mark.sandbox

DIFF = provider_pb2.DiffResponse
PROPERTY = provider_pb2.PropertyDiff


def test_an_unchanged_object_is_no_change(provider: Provider, namespace: str) -> None:
    tree = objects.deployment(namespace, "web")
    assert provider.diff(provider.create(tree), tree).changes == DIFF.DIFF_NONE


def test_an_immutable_field_means_replacement_in_place_of_its_old_self(provider: Provider, namespace: str) -> None:
    made = provider.create(objects.deployment(namespace, "web"))
    tree = objects.deployment(namespace, "web")
    tree["spec"]["selector"] = {"matchLabels": {"app": "other"}}
    tree["spec"]["template"]["metadata"] = {"labels": {"app": "other"}}
    diff = provider.diff(made, tree)
    assert list(diff.replaces) == ["spec.selector.matchLabels.app"]
    assert diff.deleteBeforeReplace
    assert diff.detailedDiff["spec.selector.matchLabels.app"].kind == PROPERTY.UPDATE_REPLACE
    assert diff.detailedDiff["spec.template.metadata.labels.app"].kind == PROPERTY.UPDATE


@pytest.mark.parametrize(("field", "value"), [("serviceName", "other"), ("podManagementPolicy", "Parallel")])
def test_a_stateful_set_is_replaced_for_what_it_cannot_change(
    provider: Provider, namespace: str, field: str, value: str
) -> None:
    tree = objects.deployment(namespace, "db", replicas=0) | {"kind": "StatefulSet"}
    tree["spec"]["serviceName"] = "db"
    made = provider.create(tree)
    changed = copy.deepcopy(tree)
    changed["spec"][field] = value
    assert list(provider.diff(made, changed).replaces) == [f"spec.{field}"]


def test_another_name_means_replacement_beside_the_old_one(provider: Provider, namespace: str) -> None:
    made = provider.create(objects.config_map(namespace, "web", a="1"))
    diff = provider.diff(made, objects.config_map(namespace, "web-2", a="1"))
    assert list(diff.replaces) == ["metadata.name"]
    assert not diff.deleteBeforeReplace


def test_a_config_map_is_replaced_unless_it_may_be_changed(
    make_provider: Callable[..., Provider], provider: Provider, namespace: str
) -> None:
    made = provider.create(objects.config_map(namespace, "web", a="1"))
    changed = objects.config_map(namespace, "web", a="2")
    assert not provider.diff(made, changed).replaces
    assert list(make_provider().diff(made, changed).replaces) == ["data.a"]


def test_a_preview_asks_the_api_server_and_leaves_no_object(provider: Provider, namespace: str) -> None:
    found = provider.preview(objects.deployment(namespace, "web"))
    assert found.tree["spec"]["strategy"]["type"] == "RollingUpdate"
    assert found.tree["metadata"]["uid"] is UNKNOWN
    assert "status" not in found.tree
    nothing = Resource(type="kubernetes:apps/v1:Deployment", id=f"{namespace}/web", inputs=None, state=None)
    assert provider.read(nothing).id == ""


def test_a_preview_validates_even_where_the_namespace_is_still_to_come(provider: Provider) -> None:
    tree = objects.deployment("not-yet", "web")
    assert provider.preview(tree).tree["metadata"]["namespace"] == "not-yet"
    tree["spec"]["template"]["spec"]["containers"][0]["image"] = ""
    with pytest.raises(Refusal, match=r"containers\[0\]\.image: Required value"):
        provider.preview(tree)


def test_a_preview_with_unknown_values_returns_the_inputs(provider: Provider, namespace: str) -> None:
    tree = objects.config_map(namespace, "web") | {"data": {"a": UNKNOWN}}
    assert provider.preview(tree).tree["data"] == {"a": UNKNOWN}


def test_an_unknown_field_is_refused_by_name(provider: Provider, namespace: str) -> None:
    tree = objects.deployment(namespace, "web")
    tree["spec"]["replica"] = 3
    with pytest.raises(Refusal, match=r"spec\.replica.*field not declared in schema"):
        provider.preview(tree)


def test_the_outcome_of_a_replacement_can_be_previewed(provider: Provider, namespace: str) -> None:
    provider.create(objects.deployment(namespace, "web"))
    tree = objects.deployment(namespace, "web")
    tree["spec"]["selector"] = {"matchLabels": {"app": "other"}}
    tree["spec"]["template"]["metadata"] = {"labels": {"app": "other"}}
    assert provider.preview(tree).tree["metadata"]["name"] == "web"
