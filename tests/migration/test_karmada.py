"""Karmada's policies and objects become documents that load, plan and do the same; each loss is reported."""

from typing import Any

import pytest
import yaml

from federation.api.reading import loading
from federation.errors.fault import FaultsFoundError
from federation.migration import karmada, source_objects
from federation.migration.import_result import ImportResult
from federation.plan.model.plan import Plan
from federation.plan.planner import plan
from tests.places import CASES
from tests.plan import building

FOLDER = CASES / "karmada"
MEMBERS = {
    **building.THE_TALK,
    "eu-central": {"region": "eu-central-1", "zones": ["eu-central-1a"], "labels": {"geo": "eu"}},
}


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["case"]) for case in yaml.safe_load((FOLDER / f"{name}.yaml").read_text())]


def imported(text: str) -> ImportResult:
    return karmada.import_karmada(source_objects.source_objects(loading.trees_in(text, "web.yaml")))


def planned(made: ImportResult) -> Plan:
    documents = [document for some in made.files.values() for document in some]
    read = loading.from_values(documents)
    return plan(building.federation(MEMBERS), read)


def at(tree: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        tree = (tree or {}).get(part)
    return tree


def begins(messages: list[str], expected: list[str]) -> None:
    assert len(messages) == len(expected), messages
    for line, start in zip(messages, expected, strict=True):
        assert line.startswith(start), f"{line}\nshould begin with\n{start}"


@pytest.mark.parametrize("case", cases("policies"))
def test_policies_become_placements_and_preferences(case: dict[str, Any]) -> None:
    made = imported(case["text"])
    for file, number, pointer, value in case["holds"]:
        assert at(made.files[file][number], pointer) == value, (file, pointer)
    if "files" in case:
        assert sorted(made.files) == case["files"]
    assert made.members == case.get("members", {})
    assert made.plan == case.get("plan", {"adoptResources": "Disabled"})
    assert [each.key for each in made.moved_secrets] == case.get("moved", [])
    begins([str(fault).removeprefix("warning: ") for fault in made.lost], case["lost"])
    assert "PLANTED" not in str(made.files) + str(made.lost)


@pytest.mark.parametrize("case", cases("policies"))
def test_what_was_imported_is_planned_without_a_fault(case: dict[str, Any]) -> None:
    workloads = planned(imported(case["text"])).workloads
    assert workloads
    if "replicas" in case:
        counted = [workload.replicas for workload in workloads if workload.distribution]
        assert [{name: count for name, count in each.items() if count} for each in counted] == [case["replicas"]]


def deployment(annotations: dict[str, str]) -> dict[str, Any]:
    containers = [
        {"name": "web", "image": "docker.io/nginx:1.25", "command": ["nginx"], "args": ["-g"]},
        {"name": "proxy", "image": "localhost:5000/envoy@sha256:aa"},
    ]
    pods = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": containers}}
    spec = {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": pods}
    metadata = {"name": "web", "namespace": "shop", "labels": {"app": "web"}, "annotations": annotations}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def with_rules(case: dict[str, Any]) -> ImportResult:
    chosen = [{"apiVersion": "apps/v1", "kind": "Deployment"}]
    names = {"name": "web", "namespace": "shop"}
    policy = {"apiVersion": "policy.karmada.io/v1alpha1", "metadata": names}
    text = yaml.safe_dump_all(
        [
            deployment(case.get("annotations", {"team": "a"})),
            {**policy, "kind": "PropagationPolicy", "spec": {"resourceSelectors": chosen}},
            {**policy, "kind": "OverridePolicy", "spec": {"resourceSelectors": chosen, "overrideRules": case["rules"]}},
        ]
    )
    return imported(text)


@pytest.mark.parametrize("case", cases("overrides"))
def test_overriders_become_overrides(case: dict[str, Any]) -> None:
    made = with_rules(case)
    document = made.files["shop/deployment-web.yaml"][0]
    assert document["spec"].get("overrides", []) == case["overrides"]
    messages = {str(fault).partition(".overriders.")[2] for fault in made.lost}
    assert len(messages) == len(case.get("lost", []))
    for start in case.get("lost", []):
        assert [line for line in messages if line.startswith(start)], (start, messages)


@pytest.mark.parametrize("case", cases("overrides"))
def test_overrides_are_planned_without_a_fault(case: dict[str, Any]) -> None:
    assert planned(with_rules(case)).workloads


def test_the_more_exact_policy_has_the_last_word() -> None:
    rule = "{overriders: {plaintext: [{path: /data/a, operator: replace, value: %s}]}}"
    head = "apiVersion: policy.karmada.io/v1alpha1\nkind: %s\nmetadata: {name: %s%s}\n"
    selector = "resourceSelectors: [{apiVersion: v1, kind: ConfigMap%s}]"
    parts = [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: {a: none}\n",
        head % ("PropagationPolicy", "p", ", namespace: shop") + "spec: {" + selector % "" + "}\n",
    ]
    for kind, name, chosen in (
        ("OverridePolicy", "a-by-name", ", name: a"),
        ("OverridePolicy", "z-any", ""),
        ("ClusterOverridePolicy", "c-by-name", ", name: a"),
    ):
        namespace = "" if kind.startswith("Cluster") else ", namespace: shop"
        spec = "spec: {" + selector % chosen + ", overrideRules: [" + rule % name + "]}\n"
        parts.append(head % (kind, name, namespace) + spec)
    made = imported("---\n".join(parts))
    overrides = made.files["shop/configmap-a.yaml"][0]["spec"]["overrides"]
    assert overrides == [
        {"clusterSelector": {}, "clusterOverrides": [{"op": "replace", "path": "/data/a", "value": "a-by-name"}]}
    ]


def test_a_mapping_in_the_place_of_a_secrets_value_is_a_fault_with_its_line() -> None:
    text = """
apiVersion: v1
kind: Secret
metadata: {name: token, namespace: shop}
stringData:
  password: {PLANTED-1: PLANTED-2}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: all, namespace: shop}
spec: {resourceSelectors: [{apiVersion: v1, kind: Secret}]}
"""
    with pytest.raises(FaultsFoundError) as caught:
        imported(text)
    (fault,) = caught.value.faults
    assert str(fault).startswith("web.yaml:6: stringData.password: is a mapping, but not a reference")
    assert "PLANTED" not in str(fault)
