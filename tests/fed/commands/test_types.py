"""`fed types`: every federated kind, what it stands for, and where that is defined."""

import json
from pathlib import Path

import pytest

from tests.fed.project import Fed, write
from tests.plan.building import NAMESPACE, deployment, document

OWN = """
apiVersion: types.kubefed.io/v1beta1
kind: FederatedCustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  template:
    spec: {group: example.org, scope: Cluster, names: {plural: widgetries, kind: Widget}, versions: [{name: v3, served: true, storage: true}]}
---
apiVersion: core.kubefed.io/v1beta1
kind: FederatedTypeConfig
metadata: {name: gadgets.example.com}
spec:
  targetType: {group: example.com, version: v1, kind: Gadget, scope: Namespaced}
  federatedType: {group: teams.example.com, version: v1, kind: FederatedGadget, scope: Namespaced}
  propagation: Disabled
---
""" + document("FederatedGizmo", "g", "{template: {apiVersion: gizmo.io/v2}}")  # noqa: E501 (one line of YAML)


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Fed:
    return Fed(write(tmp_path, OWN + NAMESPACE + deployment() + deployment("api")), capsys)


def test_each_kind_says_how_it_is_known_and_how_many_documents_it_has(fed: Fed) -> None:
    code, out, _ = fed.run("types", "--output", "json")
    found = {each["federatedKind"]: each for each in json.loads(out)}
    assert code == 0
    assert found["FederatedDeployment"]["knownFrom"] == ["built in"]
    assert found["FederatedDeployment"]["documents"] == 2
    assert found["FederatedSecret"]["documents"] == 0
    assert found["FederatedWidget"] == {
        "federatedKind": "FederatedWidget",
        "apiVersion": "example.org/v3",
        "kind": "Widget",
        "scope": "Cluster",
        "plural": "widgetries",
        "knownFrom": ["CustomResourceDefinition workloads/web.yaml:2"],
        "propagation": "Enabled",
        "documents": 0,
    }
    assert found["FederatedGadget"]["propagation"] == "Disabled"
    assert found["FederatedGadget"]["knownFrom"] == ["FederatedTypeConfig workloads/web.yaml:9"]
    assert found["FederatedGizmo"]["knownFrom"] == ["the template at workloads/web.yaml:20"]


def test_the_table_can_be_cut_to_what_is_used(fed: Fed) -> None:
    _, out, _ = fed.run("types", "--used")
    kinds = [line.split()[0] for line in out.splitlines() if line.startswith("Federated")]
    own = ["FederatedGadget", "FederatedGizmo", "FederatedWidget"]
    assert sorted(kinds) == sorted(
        [*own, "FederatedCustomResourceDefinition", "FederatedDeployment", "FederatedNamespace"]
    )
    assert "Deployment apps/v1" in out
