"""A planned object is compared with the live one by the fields that the federation sends."""

from typing import Any

import pytest
import yaml

from federation.api.model.secrets import SecretLiteral, SecretReference
from federation.plan.live import drift, drift_sides
from federation.plan.live.drift import FieldDrift
from federation.plan.live.managed_fields import ABSENT, text
from federation.plan.model.plan import PlannedObject
from tests import places

CASES = yaml.safe_load((places.CASES / "changes/drift.yaml").read_text())


def planned(manifest: dict[str, Any], *, retained: tuple[str, ...] = ()) -> PlannedObject:
    metadata = {"name": "x", "namespace": "demo", **manifest.get("metadata", {})}
    return PlannedObject(
        logical_name=f"east/demo/{manifest['kind']}/x",
        token="",
        member="east",
        api_version="v1",
        kind=manifest["kind"],
        namespace="demo",
        name="x",
        manifest={"apiVersion": "v1", **manifest, "metadata": metadata},
        ignore_changes=retained,
    )


def live(tree: dict[str, Any], *, owned: Any = None, others: Any = None) -> dict[str, Any]:
    managed = [
        {"manager": manager, "operation": operation, "fieldsV1": fields}
        for manager, operation, fields in (("eks-federation", "Apply", owned), ("somebody", "Update", others))
        if fields
    ]
    metadata = {"name": "x", "namespace": "demo", "uid": "1", **tree.get("metadata", {}), "managedFields": managed}
    return {"apiVersion": "v1", **tree, "metadata": metadata}


def line(each: FieldDrift) -> str:
    values = ["-" if value is ABSENT else str(value) for value in (each.planned, each.live)]
    return f"{text(each.path)}: {' -> '.join(values)}" + ("" if each.is_certain else " ?")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_differs_of_the_fields_that_are_ours(case: dict[str, Any]) -> None:
    wanted = planned(case["planned"], retained=tuple(case.get("retained", ())))
    there = live(case["live"], owned=case.get("owned"), others=case.get("others"))
    assert [line(each) for each in drift.find_drift(wanted, there, {})] == case["found"]


SEALED = planned({"kind": "Secret", "stringData": {"a": SecretLiteral("plain"), "b": SecretReference(key="token")}})


@pytest.mark.parametrize(
    ("data", "secrets", "found"),
    [
        ({"a": "cGxhaW4=", "b": "b3RoZXI="}, {"token": "other"}, []),
        ({"a": "cGxhaW4=", "b": "b3RoZXI="}, {"token": "changed"}, ['data["b"]: [secret] -> [secret]']),
        ({"a": "cGxhaW4=", "b": "b3RoZXI="}, {}, []),
        ({"a": "b3RoZXI=", "b": "b3RoZXI="}, {}, ['data["a"]: [secret] -> [secret]']),
        ({"a": "cGxhaW4="}, {}, ['data["b"]: [secret] -> -']),
    ],
    ids=["equal", "changed in the config", "not known", "changed literal", "gone"],
)
def test_secret_values_are_compared_and_never_told(
    data: dict[str, str], secrets: dict[str, str], found: list[str]
) -> None:
    differences = drift.find_drift(SEALED, live({"data": data}), secrets)
    assert [line(each) for each in differences] == found
    assert not any(word in repr(differences) for word in ("plain", "changed", "cGxhaW4", "b3RoZXI"))


def test_what_a_dry_run_does_not_change_is_no_difference() -> None:
    wanted = planned({"kind": "Job", "spec": {"cpu": "1000m", "count": 2}})
    there = live({"spec": {"cpu": "1", "count": 3}})
    found = drift.find_drift(wanted, there, {})
    applied = live({"spec": {"cpu": "1", "count": 2}})
    assert [line(each) for each in drift.confirmed(found, applied, there)] == ["spec.count: 2 -> 3"]
    assert [line(each) for each in drift.certain(found)] == ["spec.count: 2 -> 3"]


@pytest.mark.parametrize(
    ("pointer", "touched"),
    [
        ("/spec/containers/0/image", True),
        ("/spec/containers/-/image", True),
        ("/spec/containers", True),
        ("/spec/containers/0/name", False),
        ("/spec/replicas", False),
    ],
)
def test_an_override_is_touched_by_what_is_at_its_path(pointer: str, touched: bool) -> None:
    wanted = planned({"kind": "Deployment", "spec": {"replicas": 1, "containers": [{"name": "web", "image": "web:1"}]}})
    there = live({"spec": {"replicas": 1, "containers": [{"name": "web", "image": "web:2"}]}})
    assert drift_sides.touches(drift.find_drift(wanted, there, {}), wanted, pointer) is touched


def test_an_override_of_string_data_is_touched_by_what_is_stored() -> None:
    found = drift.find_drift(SEALED, live({"data": {"a": "b3RoZXI=", "b": "x"}}), {})
    assert drift_sides.touches(found, SEALED, "/stringData/a")
    assert not drift_sides.touches(found, SEALED, "/stringData/b")


def test_the_two_sides_of_a_diff_differ_in_what_was_found_only() -> None:
    manifest = {
        "kind": "Deployment",
        "metadata": {"annotations": {"pulumi.com/x": "1"}},
        "spec": {"replicas": 2, "paused": False, "containers": [{"name": "a", "image": "a:1"}, {"name": "b"}]},
    }
    owned: dict[str, Any] = {
        "f:spec": {"f:containers": {f'k:{{"name":"{name}"}}': {"f:name": {}} for name in "abc"}, "f:left": {}}
    }
    spec = {"replicas": 5, "left": 1, "containers": [{"name": "c"}, {"name": "a", "image": "a:2", "tty": True}]}
    wanted, there = planned(manifest), live({"spec": spec}, owned=owned)
    before, after = drift_sides.sides(wanted, drift.find_drift(wanted, there, {}))
    kept = [{"name": "a", "image": "a:2"}, {"name": "c"}]
    assert before["spec"] == {"replicas": 5, "left": 1, "containers": kept}
    assert after["spec"] == manifest["spec"]
    assert before["metadata"] == after["metadata"] == {"name": "x", "namespace": "demo"}


def test_a_diff_shows_that_a_secret_value_differs_and_no_value() -> None:
    found = drift.find_drift(SEALED, live({"data": {"a": "b3RoZXI=", "b": "x"}}), {})
    before, after = drift_sides.sides(SEALED, found)
    assert before["data"] == {"a": "[secret], another one", "b": "[secret]"}
    assert after["data"] == {"a": "[secret]", "b": "[secret]"}
