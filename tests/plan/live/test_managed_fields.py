"""Which manager owns which field is read from `managedFields`, in the API server's own form."""

from typing import Any

import pytest

from federation.plan.live import managed_fields
from federation.plan.live.managed_fields import ABSENT, Owner

OBJECT: dict[str, Any] = {
    "metadata": {"annotations": {"a.b/c": "x"}, "finalizers": ["a.b/keep"]},
    "spec": {"containers": [{"name": "web", "image": "web:1", "ports": [{"containerPort": 80}]}]},
}

PATHS: list[tuple[tuple[str, ...], Any, str]] = [
    (("f:metadata", "f:annotations", "f:a.b/c"), "x", 'metadata.annotations["a.b/c"]'),
    (("f:metadata", "f:annotations", "f:note"), ABSENT, 'metadata.annotations["note"]'),
    (
        ("f:metadata", "f:finalizers", 'v:"a.b/keep"'),
        "a.b/keep",
        'metadata.finalizers[="a.b/keep"]',
    ),
    (("f:spec", "f:containers", 'k:{"name":"web"}', "f:image"), "web:1", 'spec.containers[name="web"].image'),
    (
        ("f:spec", "f:containers", 'k:{"name":"web"}', "f:ports", 'k:{"containerPort":80,"protocol":"TCP"}'),
        {"containerPort": 80},
        'spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]',
    ),
    (("f:spec", "f:containers", 'k:{"name":"gone"}'), ABSENT, 'spec.containers[name="gone"]'),
    (("f:spec", "f:containers", "i:0", "f:name"), "web", "spec.containers[0].name"),
    (("f:spec", "f:containers", "i:1"), ABSENT, "spec.containers[1]"),
    (("f:spec", "k:no json"), ABSENT, 'spec["k:no json"]'),
]


@pytest.mark.parametrize(("path", "value", "text"), PATHS)
def test_a_path_leads_to_its_value_and_is_written_as_people_read_it(
    path: tuple[str, ...], value: Any, text: str
) -> None:
    assert managed_fields.value_at(OBJECT, path) == value
    assert managed_fields.has(OBJECT, path) is (value is not ABSENT)
    assert managed_fields.text(path) == text


def test_a_manifest_that_says_what_stands_around_a_field_has_that_field() -> None:
    assert managed_fields.has({"data": "sealed"}, ("f:data", "f:key"))
    assert not managed_fields.has({"data": {}}, ("f:data", "f:key"))


OWNERS: list[tuple[dict[str, Any], Owner]] = [
    ({"manager": "eks-federation", "operation": "Apply"}, Owner.OURS),
    ({"manager": "eks-federation", "operation": "Update"}, Owner.OURS),
    ({"manager": "pulumi-kubernetes", "operation": "Update"}, Owner.OURS),
    ({"manager": "pulumi-kubernetes.exe", "operation": "Update"}, Owner.OURS),
    ({"manager": "pulumi-resource-kubernetes", "operation": "Update"}, Owner.OURS),
    ({"manager": "pulumi-kubernetes", "operation": "Apply"}, Owner.OTHERS),
    ({"manager": "pulumi-kubernetes-6f1d", "operation": "Update"}, Owner.TAKEN_OVER),
    ({"manager": "kubectl-edit", "operation": "Update"}, Owner.TAKEN_OVER),
    ({"manager": "kubectl", "operation": "Apply"}, Owner.TAKEN_OVER),
    ({"manager": "kubectl", "operation": "Update", "subresource": "scale"}, Owner.OTHERS),
    ({"manager": "before-first-apply", "operation": "Update"}, Owner.TAKEN_OVER),
    ({"manager": "before-first-apply", "operation": "Apply"}, Owner.OTHERS),
    ({"manager": "cainjector", "operation": "Update"}, Owner.OTHERS),
]


@pytest.mark.parametrize(("entry", "owner"), OWNERS)
def test_whose_an_entry_is_follows_the_provider(entry: dict[str, Any], owner: Owner) -> None:
    assert managed_fields.owner(entry) is owner


def test_only_leaves_are_fields_and_a_subresource_can_be_left_out() -> None:
    def entry(manager: str, subresource: str = "", **fields: Any) -> dict[str, Any]:
        written = {f"f:{key}": value for key, value in fields.items()}
        return {"manager": manager, "operation": "Update", "subresource": subresource, "fieldsV1": written}

    annotations: dict[str, Any] = {"f:annotations": {".": {}, "f:note": {}}}
    live = {
        "metadata": {
            "managedFields": [
                entry("kubectl-annotate", metadata=annotations),
                entry("cainjector", metadata={"f:annotations": {"f:ca": {}}}),
                entry("controller", "status", status={"f:replicas": {}}),
                entry("eks-federation", spec={"f:replicas": {}}),
            ]
        }
    }
    whole = managed_fields.ownership(live)
    assert whole.ours == {("f:spec", "f:replicas")}
    assert whole.taken_over == {("f:metadata", "f:annotations", "f:note"): "kubectl-annotate"}
    assert whole.others == {("f:metadata", "f:annotations", "f:ca"), ("f:status", "f:replicas")}
    assert managed_fields.ownership(live, subresources=False).others == {("f:metadata", "f:annotations", "f:ca")}


@pytest.mark.parametrize(("value", "shown"), [(5.0, "5"), ("x", "x"), ("x" * 61, ""), ({"a": 1}, ""), (None, "")])
def test_only_short_scalars_are_shown(value: Any, shown: str) -> None:
    assert managed_fields.shown(value) == shown
