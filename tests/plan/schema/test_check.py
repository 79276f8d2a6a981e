"""Planning reports objects that an API server would refuse, or drop parts of."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.api.model.documents import Documents
from federation.api.model.federated import FederatedObject
from federation.errors.fault import FaultsFoundError
from federation.plan.planner import plan
from tests import places
from tests.examples import examples
from tests.plan import building
from tests.plan.schema.schema_cases import found
from tests.plan.test_fuzz import DOCUMENTS

FOLDER = places.CASES / "schemas"
CASES = yaml.safe_load((FOLDER / "faults.yaml").read_text())
CUSTOM = yaml.safe_load((FOLDER / "custom.yaml").read_text())
CHECKED = {"schemaCheck": True}
DEFINITION = """
apiVersion: types.kubefed.io/v1beta1
kind: FederatedCustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  placement: %s
  template:
    spec:
      group: example.org
      scope: %s
      names: {plural: widgetries, kind: Widget}
      versions:
      - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: %s}}
      - {name: v2, served: false, storage: false}
---
"""


def widget(spec: str, placement: str = "{clusterSelector: {}}") -> str:
    return building.document("FederatedWidget", "w", f"{{placement: {placement}, template: {spec}}}")


def definition(schema: str, placement: str = "{clusterSelector: {}}", scope: str = "Namespaced") -> str:
    return DEFINITION % (placement, scope, schema)


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_departure_is_said_at_its_line(case: dict[str, Any]) -> None:
    assert found(case) == case["faults"]


def test_nothing_is_checked_where_the_stack_says_so() -> None:
    case = {"kind": "Deployment", "template": "spec: {replicas: many}"}
    assert found(case, schemaCheck=True) != []
    assert found(case, schemaCheck=False) == []


def test_what_kubefed_passed_on_is_a_warning_for_people_who_migrate() -> None:
    case = {"kind": "ConfigMap", "template": "datas: {a: b}"}
    (line,) = found(case, strictness="warn")
    assert line.startswith('warning: web.yaml:7: spec.template.datas: a ConfigMap has no field "datas"')
    (line,) = found({"kind": "ConfigMap", "template": "data: {a: 5}"}, strictness="warn")
    assert line.startswith("web.yaml:7: ")


def test_one_fault_names_the_versions_that_find_it_and_the_members_that_get_it() -> None:
    members = {
        "a": {"region": "us-east-1", "kubernetesVersion": "1.25"},
        "b": {"region": "us-east-1", "kubernetesVersion": "1.26"},
        "c": {"region": "us-east-1", "kubernetesVersion": "1.34"},
    }
    pod = "{spec: {initContainers: [{name: a, restartPolicy: Always}], containers: [{name: b}]}}"
    text = building.NAMESPACE + building.document(
        "FederatedPod", "p", f"{{placement: {{clusterSelector: {{}}}}, template: {pod}}}"
    )
    (line,) = building.faults(text, members=members, plan=CHECKED)
    assert "(by Kubernetes 1.25, Kubernetes 1.26) (in a, b)" in line
    spec = "{placement: {clusterSelector: {}}, template: {data: []}}"
    text = building.NAMESPACE + building.document("FederatedConfigMap", "c", spec)
    (same,) = building.faults(text, members=members, plan=CHECKED)
    assert "(by Kubernetes 1.25, Kubernetes 1.26, Kubernetes 1.34) (in a, b, c)" in same


def test_a_member_of_a_version_that_is_not_at_hand_is_checked_by_the_nearest() -> None:
    members = {"a": {"provider": "kubeconfig", "context": "a", "kubernetesVersion": "v1.99.1-rc"}}
    text = building.NAMESPACE + building.deployment()
    (line,) = building.faults(text, members=members, plan=CHECKED)
    assert line.startswith(
        "warning: Pulumi.dev.yaml: config.eks-federation:members.a.kubernetesVersion: the schemas of"
    )
    assert "Kubernetes v1.99.1-rc are not at hand" in line
    members["a"]["kubernetesVersion"] = "v1.34.7-eks-1"
    assert building.faults(text, members=members, plan=CHECKED) == []


def test_a_plain_object_that_follows_is_checked_at_its_own_line() -> None:
    plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf, namespace: demo}\nspec: {}\ndata: {a: 1}\n---\n"
    pods = "{metadata: {labels: {a: b}}, spec: {containers: [{name: a, envFrom: [{configMapRef: {name: conf}}]}]}}"
    spec = f"{{propagateDependencies: true, placement: {{clusterSelector: {{}}}}, template: {{spec: {{selector: {{matchLabels: {{a: b}}}}, template: {pods}}}}}}}"  # noqa: E501
    text = plain + building.NAMESPACE + building.document("FederatedDeployment", "web", spec)
    first, second = building.faults(text, plan=CHECKED)
    assert first.startswith('web.yaml:4: spec: a ConfigMap has no field "spec"')
    assert second.startswith("web.yaml:5: data.a: must be text")


@pytest.mark.parametrize("case", CUSTOM, ids=[case["case"] for case in CUSTOM])
def test_a_custom_object_is_held_against_its_definition(case: dict[str, Any]) -> None:
    text = building.NAMESPACE + definition(case["schema"]) + widget(case["template"])
    assert [line.split(": ", 1)[1] for line in building.faults(text, plan=CHECKED)] == case["faults"]


def test_a_custom_object_goes_only_where_its_definition_goes() -> None:
    text = building.NAMESPACE + definition("{type: object}", "{clusters: [{name: us-east}]}") + widget("{}")
    (line,) = building.faults(text, plan=CHECKED)
    assert "spec.placement: Widget w goes where its type is not" in line
    assert "widgets.example.org (web.yaml:8) does not go there (in ap-northeast, us-west); place" in line
    own = widget("{}", "{clusters: [{name: us-east}]}")
    limited = building.NAMESPACE + definition("{type: object}", "{clusters: [{name: us-east}]}") + own
    assert building.faults(limited, plan=CHECKED) == []


def test_a_version_that_the_definition_does_not_serve_is_refused() -> None:
    text = building.NAMESPACE + definition("{type: object}") + widget("{apiVersion: example.org/v2}")
    (line,) = building.faults(text, plan=CHECKED)
    assert "CustomResourceDefinition widgets.example.org (web.yaml:8) serves no version v2" in line
    assert line.endswith("write apiVersion: example.org/v1")


def test_a_definition_at_fault_is_not_said_of_its_objects_as_well() -> None:
    text = building.NAMESPACE + definition("{type: object, requird: [spec]}") + widget("{other: 1}")
    (line,) = building.faults(text, plan=CHECKED)
    assert 'a JSONSchemaProps has no field "requird"' in line


def test_the_definition_knows_scope_and_plural_and_version() -> None:
    text = definition("{type: object}", scope="Cluster") + widget("{}")
    (found_, *_) = [each for each in building.documents(text).federated if each.target.kind == "Widget"]
    assert (found_.target.namespaced, found_.target.plural, found_.namespace) == (False, "widgetries", "")
    assert found_.target.api_version == "example.org/v1"
    config = """
apiVersion: core.kubefed.io/v1beta1
kind: FederatedTypeConfig
metadata: {name: widgets.example.org}
spec:
  targetType: {group: example.org, version: v1, kind: Widget, pluralName: widgets, scope: Namespaced}
  federatedType: {group: types.kubefed.io, version: v1beta1, kind: FederatedWidget, scope: Namespaced}
  propagation: Enabled
---
"""
    (again, *_) = [each for each in building.documents(config + text).federated if each.target.kind == "Widget"]
    assert (again.target.namespaced, again.target.plural) == (False, "widgetries")


@given(st.lists(DOCUMENTS, max_size=3, unique_by=lambda each: (each.target.kind, each.key)))
@settings(max_examples=examples(150, 40), deadline=None)
def test_whatever_a_template_holds_is_a_plan_or_faults(documents: list[FederatedObject]) -> None:
    made = Documents(federated=tuple(documents))
    faults: list[str] = []
    keys = set()
    try:
        keys = {(each.kind, each.key) for each in plan(building.federation(plan=CHECKED), made).workloads}
    except FaultsFoundError as error:
        faults = [str(each) for each in error.faults]
    assert all(faults)
    assert faults or keys == {(each.target.kind, each.key) for each in documents}
