"""Which fields stay, and which objects, as the plan says it."""

from typing import Any

import pytest

from federation.plan import held_index
from federation.plan.result import PlannedObject
from tests.plan.building import NAMESPACE, document, planned


def made(kind: str, spec: str, annotations: str = "{}") -> PlannedObject:
    text = document(kind, "web", spec).replace("namespace: demo}", f"namespace: demo, annotations: {annotations}}}")
    plan = planned(NAMESPACE + text, members={"one": {"region": "us-east-1"}})
    return next(each for each in plan.member("one").objects if each.kind == kind.removeprefix("Federated"))


def service(**spec: Any) -> str:
    return f"{{placement: {{clusterSelector: {{}}}}, template: {{spec: {spec}}}}}".replace("'", "")


EVERYWHERE = "{placement: {clusterSelector: {}}}"


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        ({}, ()),
        ({"clusterIP": "None"}, ()),
        ({"clusterIP": "10.0.0.9", "clusterIPs": ["10.0.0.9"]}, ("spec.clusterIP", "spec.clusterIPs")),
        ({"healthCheckNodePort": 30001}, ("spec.healthCheckNodePort",)),
        ({"ports": [{"port": 80}, {"port": 443, "nodePort": 30443}]}, ("spec.ports[1].nodePort",)),
    ],
)
def test_a_service_keeps_the_addresses_that_its_template_gave_it(spec: dict[str, Any], paths: tuple[str, ...]) -> None:
    assert made("FederatedService", service(**spec)).ignore_changes == paths


def test_an_orphan_is_marked_in_the_plan_and_in_the_index() -> None:
    planned_object = made("FederatedConfigMap", EVERYWHERE, '{kubefed.io/orphan: "true"}')
    assert planned_object.orphan
    assert not made("FederatedConfigMap", EVERYWHERE).orphan


def test_an_orphan_changes_the_digest_of_its_member() -> None:
    def digest(annotations: str) -> str:
        text = document("FederatedConfigMap", "web", EVERYWHERE)
        text = text.replace("namespace: demo}", f"namespace: demo, annotations: {annotations}}}")
        return planned(NAMESPACE + text).members[0].digest

    assert digest('{kubefed.io/orphan: "true"}') != digest("{}")
    assert digest('{kubefed.io/orphan: "false"}') == digest("{}")


@pytest.mark.parametrize("replicas", [-1, 0, 3])
@pytest.mark.parametrize("orphan", [True, False])
def test_the_index_comes_back_as_it_was_written(replicas: int, orphan: bool) -> None:
    entry = held_index.IndexEntry(
        logical_name="a/b/Deployment/c", token="kubernetes:apps/v1:Deployment", replicas=replicas, orphan=orphan
    )
    assert held_index.from_text(held_index.to_text([entry])) == (entry,)


def test_a_deletion_policy_goes_with_the_object() -> None:
    options = '{kubefed.io/deleteoption: \'{"propagationPolicy": "Orphan"}\'}'
    annotations = made("FederatedConfigMap", EVERYWHERE, options).manifest["metadata"]["annotations"]
    assert annotations["pulumi.com/deletionPropagationPolicy"] == "orphan"
    assert set(made("FederatedConfigMap", EVERYWHERE).manifest["metadata"]["annotations"]) == {
        "pulumi.com/patchFieldManager"
    }
