"""The objects that pods name. Cases are data."""

from typing import Any

import pytest
import yaml

from federation.plan.objects import pods
from tests import places
from tests.plan.building import NAMESPACE, document, faults, planned

CASES = yaml.safe_load((places.CASES / "pods" / "references.yaml").read_text())


@pytest.mark.parametrize("case", [pytest.param(case, id=case["case"]) for case in CASES])
def test_pods_name(case: dict[str, Any]) -> None:
    manifest = {"kind": "Deployment", "spec": {"template": {"spec": case["spec"]}}}
    assert [" ".join(pair) for pair in pods.references(manifest)] == case["expect"]


def test_a_secret_for_a_volumes_driver_follows_the_workload() -> None:
    volume = "{name: v, csi: {driver: x, nodePublishSecretRef: {name: keys}}}"
    spec = f"propagateDependencies: true, placement: {{clusters: [{{name: us-east}}]}}, template: {{spec: {{template: {{spec: {{volumes: [{volume}]}}}}}}}}"  # noqa: E501
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: demo}\ndata: {}\n"
    text = NAMESPACE + document("FederatedDeployment", "web", f"{{{spec}}}") + secret
    assert faults(text) == []
    assert [each.kind for each in planned(text).member("us-east").objects] == ["Namespace", "Secret", "Deployment"]
