"""`fed schema`: documents as they are written fit the JSON Schema, and wrong ones do not."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from federation.api.model.documents import Documents
from federation.api.reading.loading import parse
from federation.api.schema.catalogue import catalogue
from federation.api.schema.config_schema import config_schema
from federation.api.schema.document_schema import DESCRIPTIONS, document_schema
from tests.fed.project import Fed, write
from tests.places import ROOT

READ = [
    pytest.param(case["text"], id=case["case"])
    for path in sorted((ROOT / "tests/cases/documents").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text())
]
DEMO = sorted((ROOT / "stacks/workloads").rglob("*.yaml"))
WRONG = [
    "{apiVersion: types.kubefed.io/v1beta1, kind: FederatedDeployment, metadata: {name: a}, spec: {placment: {}}}",
    "{apiVersion: types.kubefed.io/v1, kind: FederatedDeployment, metadata: {name: a}}",
    "{apiVersion: types.kubefed.io/v1beta1, kind: FederatedDeploymint, metadata: {name: a}, spec: {template: {}}}",
    "{apiVersion: types.kubefed.io/v1beta1, kind: FederatedDeployment}",
    "{apiVersion: types.kubefed.io/v1beta1, kind: FederatedSecret, metadata: {name: a}, spec: {retainReplicas: 1}}",
    "{apiVersion: scheduling.kubefed.io/v1alpha1, kind: ReplicaSchedulingPreference, metadata: {name: a}, spec: {targetKind: FederatedDeployment, totalReplicas: '3'}}",  # noqa: E501 (one document a line)
    "{apiVersion: scheduling.kubefed.io/v1alpha1, kind: ReplicaSchedulingPreference, metadata: {name: a}, spec: {targetKind: FederatedPod, totalReplicas: 3}}",  # noqa: E501
    "{apiVersion: multiclusterdns.kubefed.io/v1alpha1, kind: ServiceDNSRecord, metadata: {name: a}, spec: {}}",
    "{apiVersion: multiclusterdns.kubefed.io/v1alpha1, kind: Domain, metadata: {name: a}}",
    "{apiVersion: v1, kind: ConfigMap}",
    "[]",
]


def errors(schema: dict[str, Any], document: Any) -> list[str]:
    return [f"{each.json_path}: {each.message}" for each in Draft202012Validator(schema).iter_errors(document)]


@pytest.mark.parametrize("text", READ)
def test_what_can_be_read_fits(text: str) -> None:
    schema = document_schema(catalogue(parse(text, "web.yaml", strictness="warn")))
    documents = [each for each in yaml.safe_load_all(text) if each]
    assert documents
    assert [each for document in documents for each in errors(schema, document)] == []


@pytest.mark.parametrize("path", DEMO, ids=[path.name for path in DEMO])
def test_the_demo_fits(path: Path) -> None:
    schema = document_schema(catalogue(Documents()))
    documents = list(yaml.safe_load_all(path.read_text()))
    assert documents
    assert [each for document in documents for each in errors(schema, document)] == []


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_does_not_fit(text: str) -> None:
    assert errors(document_schema(catalogue(Documents())), yaml.safe_load(text))


@pytest.mark.parametrize("path", sorted(ROOT.glob("Pulumi.*.yaml")), ids=lambda path: path.name)
def test_the_stacks_of_this_project_fit(path: Path) -> None:
    assert errors(config_schema(), yaml.safe_load(path.read_text())) == []


def test_a_stack_with_an_unknown_key_does_not_fit() -> None:
    members = {"us-east": {"region": "us-east-1", "node": {}}}
    config = {"eks-federation:federation": {"name": "atlas"}, "eks-federation:members": members}
    assert "'node' was unexpected" in "".join(errors(config_schema(), {"config": config}))


@pytest.mark.parametrize(
    ("key", "value", "fits"),
    [
        ("eks-federation:guards", {"floor": 3}, False),
        ("eks-federation:workload", ["other"], False),
        ("eks-federation:shopToken", {"secure": "AAABAPx"}, True),
        ("eks-federation:shopToken", "open", True),
        ("eks-federation:workloads", ["other"], True),
        ("aws:defaultTags", {"tags": {}}, True),
    ],
)
def test_a_group_under_a_mistyped_key_does_not_fit(key: str, value: Any, *, fits: bool) -> None:
    own = {"eks-federation:federation": {"name": "atlas"}, "eks-federation:members": {"e": {"region": "us-east-1"}}}
    assert (errors(config_schema(), {"config": {**own, key: value}}) == []) is fits


def test_both_are_sound_schemas_and_written_where_they_are_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fed = Fed(write(tmp_path), capsys)
    code, out, _ = fed.run("schema")
    assert code == 0
    Draft202012Validator.check_schema(json.loads(out))
    target = tmp_path / "editor" / "stack.json"
    assert fed.run("schema", "--stack-config", "--out", str(target))[:2] == (0, "")
    Draft202012Validator.check_schema(json.loads(target.read_text()))
    assert fed.run("schema")[1] == out


def test_every_description_is_of_a_definition() -> None:
    definitions = document_schema(catalogue(Documents()))["$defs"]
    assert sorted(set(DESCRIPTIONS) - set(definitions)) == []
    assert definitions["OperationShape"]["properties"]["op"]["description"] == "replace by default."
