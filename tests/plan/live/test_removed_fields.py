"""Fields that people set with kubectl, and which of them an object's next update removes."""

from typing import Any

import pytest

from federation.api.model.secrets import SecretLiteral
from federation.plan.live import removed_fields
from federation.plan.model.plan import PlannedObject

MANIFEST: dict[str, Any] = {
    "metadata": {"labels": {"kubefed.io/managed": "true"}, "annotations": {"pulumi.com/patchFieldManager": "x"}},
    "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "web", "image": "web:1"}]}}},
}


def planned(kind: str = "Deployment", manifest: dict[str, Any] | None = None) -> PlannedObject:
    return PlannedObject(
        logical_name=f"east/demo/{kind}/web",
        token="",
        member="east",
        api_version="v1",
        kind=kind,
        namespace="demo",
        name="web",
        manifest=MANIFEST if manifest is None else manifest,
    )


def entry(manager: str, fields: dict[str, Any], subresource: str = "") -> dict[str, Any]:
    return {"manager": manager, "operation": "Update", "subresource": subresource, "fieldsV1": fields}


def live(*entries: dict[str, Any], annotations: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return {"metadata": {"annotations": annotations or {}, "managedFields": list(entries)}, **more}


def lines(each: PlannedObject, tree: dict[str, Any]) -> list[str]:
    return [str(found) for found in removed_fields.find_removed_fields(each, tree)]


def annotation(key: str) -> dict[str, Any]:
    return {"f:metadata": {"f:annotations": {".": {}, f"f:{key}": {}}}}


def test_a_field_that_the_manifest_lacks_is_removed_and_its_value_shown_while_it_is_short() -> None:
    tree = live(entry("kubectl-annotate", annotation("note")), annotations={"note": "hello"})
    assert lines(planned(), tree) == [
        'east/demo/Deployment/web metadata.annotations["note"] (hello): set with kubectl, removed by this update'
    ]
    tree = live(entry("kubectl-annotate", annotation("note")), annotations={"note": "hello" * 20})
    assert lines(planned(), tree) == [
        'east/demo/Deployment/web metadata.annotations["note"]: set with kubectl, removed by this update'
    ]


def test_a_value_of_a_secret_is_never_shown_and_its_string_data_counts_as_data() -> None:
    secret = planned("Secret", {"data": {"a": SecretLiteral("x")}, "stringData": {"b": SecretLiteral("y")}})
    fields: dict[str, Any] = {"f:data": {"f:a": {}, "f:b": {}, "f:c": {}}}
    tree = live(entry("kubectl-patch", fields), data={"a": "eA==", "b": "eQ==", "c": "cGxhbnRlZA=="})
    assert lines(secret, tree) == ['east/demo/Secret/web data["c"]: set with kubectl, removed by this update']


@pytest.mark.parametrize(
    "entries",
    [
        [entry("kubectl-annotate", annotation("note")), entry("controller", annotation("note"))],
        [entry("kubectl-annotate", annotation("note")), entry("eks-federation", annotation("note"))],
        [entry("kubectl-annotate", annotation("pulumi.com/patchFieldManager"))],
        [entry("kubectl-annotate", annotation("gone"))],
        [entry("controller", annotation("note"))],
        [entry("kubectl", annotation("note"), "scale")],
        [],
    ],
)
def test_what_another_owns_too_or_the_manifest_has_or_is_not_there_is_not_removed(
    entries: list[dict[str, Any]],
) -> None:
    tree = live(*entries, annotations={"note": "x", "pulumi.com/patchFieldManager": "x"})
    assert lines(planned(), tree) == []


SIDE: dict[str, Any] = {"f:name": {}, "f:image": {}}


def containers(**items: dict[str, Any]) -> dict[str, Any]:
    keyed = {f'k:{{"name":"{name}"}}': {".": {}, **fields} for name, fields in items.items()}
    return {"f:spec": {"f:template": {"f:spec": {"f:containers": keyed}}}}


def test_a_whole_item_of_a_list_is_one_line() -> None:
    spec = {"template": {"spec": {"containers": [{"name": "web", "tty": True}, {"name": "side", "image": "s:1"}]}}}
    tree = live(entry("kubectl-edit", containers(side=SIDE, web={"f:tty": {}})), spec=spec)
    assert [each.field for each in removed_fields.find_removed_fields(planned(), tree)] == [
        'spec.template.spec.containers[name="side"]',
        'spec.template.spec.containers[name="web"].tty',
    ]
    shared = live(*tree["metadata"]["managedFields"], entry("mesh", containers(side={"f:image": {}})), spec=spec)
    assert [each.field for each in removed_fields.find_removed_fields(planned(), shared)] == [
        'spec.template.spec.containers[name="side"].name',
        'spec.template.spec.containers[name="web"].tty',
    ]


def test_another_manager_that_the_provider_takes_over_is_named() -> None:
    tree = live(entry("before-first-apply", annotation("note")), annotations={"note": "x"})
    assert lines(planned(), tree)[0].endswith(": set by before-first-apply, removed by this update")


def test_what_kubectl_apply_notes_for_itself_is_passed_over() -> None:
    key = "kubectl.kubernetes.io/last-applied-configuration"
    tree = live(entry("kubectl-client-side-apply", annotation(key)), annotations={key: "{}"})
    assert lines(planned(), tree) == []
