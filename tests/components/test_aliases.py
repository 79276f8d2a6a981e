"""An object whose apiVersion has changed is registered as the one that it was."""

from typing import Any

import pulumi
import pytest

from federation import Federation, FederationArgs
from federation.api.model.documents import Documents
from federation.api.reading import loading
from federation.components.kubernetes.objects import ConfigSecrets
from federation.plan import planner
from federation.plan.model.observed import Observed
from tests.components.mocks import federation, run

pytestmark = pytest.mark.mocks


def federated(kind: str, name: str, template: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": f"Federated{kind}",
        "metadata": {"name": name, "namespace": "demo"},
        "spec": {"template": template, "placement": {"clusters": [{"name": "us-east"}]}},
    }


def documents(api_version: str) -> Documents:
    return loading.from_values(
        [federated("Namespace", "demo", {}), federated("Gauge", "web", {"apiVersion": api_version})]
    )


def test_a_former_token_is_an_alias_that_changes_nothing_but_the_type() -> None:
    before = planner.plan(federation(), documents("example.org/v1alpha1"))
    observed = Observed(registered={"us-east": before.member("us-east").index or ()})
    settings = federation()
    plan = planner.plan(settings, documents("example.org/v1"), observed)

    def make() -> Any:
        made = Federation("atlas", FederationArgs(settings=settings, plan=plan, secrets=ConfigSecrets(pulumi.Config())))
        return pulumi.Output.all(*(each.urn for each in made.objects.values()))

    recorder = run(make, preview=False)
    assert recorder.aliases == {
        # An empty parent is the one that the object has.
        "us-east/demo/Gauge.example.org/web": [{"type": "kubernetes:example.org/v1alpha1:Gauge", "parentUrn": ""}]
    }
