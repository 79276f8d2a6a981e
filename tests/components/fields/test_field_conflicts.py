"""Fields of other owners are found by one listing a kind, and a dry run of the objects that they have written to."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import httpx2
import pytest
from lightkube import ApiError, Client

from federation.components.fields import field_conflicts
from federation.components.fields.field_conflicts import FoundConflicts
from federation.plan.model.plan import PlannedObject
from tests.plan.building import NAMESPACE, deployment, planned

PLANNED = next(
    each for each in planned(NAMESPACE + deployment()).member("us-east").objects if each.kind == "Deployment"
)
REPLICAS: dict[str, Any] = {"f:spec": {"f:replicas": {}}}


class Member:
    """An API server that holds ``objects`` and refuses each dry run for the ``causes``."""

    def __init__(self, *objects: Mapping[str, Any], causes: tuple[tuple[str, str], ...] = ()) -> None:
        self._objects, self._causes = objects, causes
        self.tried: list[tuple[str, Any]] = []

    def list(self, _: object, **__: Any) -> Iterator[Mapping[str, Any]]:
        yield from self._objects

    def patch(self, _: object, name: str, body: Any, **__: Any) -> None:
        self.tried.append((name, body))
        if self._causes:
            found = [
                {"reason": "FieldManagerConflict", "field": field, "message": said} for field, said in self._causes
            ]
            request = httpx2.Request("PATCH", "https://member.test")
            answer = {"code": 409, "reason": "Conflict", "message": "conflict", "details": {"causes": found}}
            raise ApiError(request, httpx2.Response(409, json=answer, request=request))

    def find(self, *objects: PlannedObject) -> FoundConflicts:
        return field_conflicts.find_conflicts(cast("Client", self), objects or (PLANNED,))


def live(*entries: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    """The planned Deployment as it stands, with entries of manager, operation and fields."""
    managed = [
        {"manager": manager, "operation": operation, "fieldsType": "FieldsV1", "fieldsV1": fields}
        for manager, operation, fields in entries
    ]
    metadata = {**PLANNED.manifest["metadata"], "managedFields": managed}
    return {**PLANNED.manifest, **more, "metadata": metadata}


def test_a_field_of_another_manager_is_reported_with_both_values() -> None:
    spec = {**PLANNED.manifest["spec"], "replicas": 5}
    member = Member(
        live(("kubectl", "Update", REPLICAS), spec=spec),
        causes=((".spec.replicas", 'conflict with "kubectl" with subresource "scale" using apps/v1'),),
    )
    (taken,) = member.find().conflicts
    assert str(taken) == "us-east/demo/Deployment/web spec.replicas: owned by kubectl (5 live, 2 planned)"


@pytest.mark.parametrize(
    ("manager", "operation"),
    [
        ("eks-federation", "Apply"),
        ("eks-federation", "Update"),
        ("pulumi-kubernetes", "Update"),
        ("pulumi-kubernetes.exe", "Update"),
        ("pulumi-resource-kubernetes", "Update"),
    ],
)
def test_an_object_that_only_the_federation_has_written_to_is_not_tried(manager: str, operation: str) -> None:
    member = Member(live((manager, operation, REPLICAS)))
    assert member.find() == FoundConflicts()
    assert member.tried == []


def test_fields_of_our_own_creation_are_not_reported() -> None:
    member = Member(
        live(("pulumi-kubernetes", "Update", {"f:spec": {"f:paused": {}}}), ("kubectl-edit", "Update", REPLICAS)),
        causes=(
            (".spec.paused", 'conflict with "pulumi-kubernetes" using apps/v1'),
            (".spec.replicas", 'conflict with "kubectl-edit" using apps/v1'),
        ),
    )
    assert [each.manager for each in member.find().conflicts] == ["kubectl-edit"]


DEFINITION = PlannedObject(
    logical_name="us-east/CustomResourceDefinition/gauges.example.com",
    token="",
    member="us-east",
    api_version="apiextensions.k8s.io/v1",
    kind="CustomResourceDefinition",
    namespace="",
    name="gauges.example.com",
    manifest={
        "metadata": {"name": "gauges.example.com", "labels": {"kubefed.io/managed": "true"}, "annotations": {}},
        "spec": {"group": "example.com"},
    },
)


def test_what_others_inject_is_kept_and_is_no_conflict() -> None:
    note: dict[str, Any] = {"f:metadata": {"f:annotations": {"f:note": {}}}}
    managed = [{"manager": "cainjector", "operation": "Update", "fieldsV1": note}]
    metadata = {**DEFINITION.manifest["metadata"], "annotations": {"note": "x"}, "managedFields": managed}
    member = Member({**DEFINITION.manifest, "metadata": metadata})
    found = member.find(DEFINITION)
    assert found.injected[DEFINITION.logical_name].paths == (("metadata", "annotations", "note"),)
    assert [body["metadata"]["annotations"] for _, body in member.tried] == [{"note": "x"}]
    assert found.removed == ()


def test_an_object_without_other_owners_counts_as_read() -> None:
    member = Member(DEFINITION.manifest)
    assert member.find(DEFINITION).injected[DEFINITION.logical_name].paths == ()
    assert member.tried == []


def test_a_field_set_with_kubectl_is_found_in_the_same_listing() -> None:
    tree = live(("kubectl-patch", "Update", {"f:spec": {"f:minReadySeconds": {}}}))
    found = Member({**tree, "spec": {**tree["spec"], "minReadySeconds": 5}}).find()
    assert [str(each) for each in found.removed] == [
        "us-east/demo/Deployment/web spec.minReadySeconds (5): set with kubectl, removed by this update"
    ]
